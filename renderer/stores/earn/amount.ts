import { AMOUNT_MINOR_MAX } from '#shared/domain/money.ts';

/** The first digit of each script whose digits a locale may show or a keyboard may send. */
const ZEROS = ['0', '٠', '۰', '०', '০', '๐', '０'].map((zero) => zero.charCodeAt(0));

/** The decimal digits of `text` in order, as ASCII; everything else is dropped. */
export function digitsOf(text: string): string {
	let digits = '';
	for (let index = 0; index < text.length; index += 1) {
		const code = text.charCodeAt(index);
		const zero = ZEROS.find((candidate) => code >= candidate && code < candidate + 10);
		if (zero !== undefined) digits += String(code - zero);
	}
	return digits;
}

/**
 * The amount that a till shows after `text`: its digits, shifted in from the right (`0.419` → 4.19 in a two-digit currency).
 * Minor units; `null` when it is more than a sale may be, so that the key is refused and the amount stays.
 */
export function amountFromText(text: string): number | null {
	const digits = digitsOf(text).replace(/^0+/, '');
	const amountMinor = digits === '' ? 0 : Number(digits);
	return amountMinor > AMOUNT_MINOR_MAX ? null : amountMinor;
}

/** A key of the pad on the screen. */
export type PadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '00' | 'back';

/** `text` after a pad key. */
export function pressPad(text: string, key: PadKey): string {
	return key === 'back' ? text.slice(0, -1) : text + key;
}
