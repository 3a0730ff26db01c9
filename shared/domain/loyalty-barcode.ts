import { LoyaltyBarcodeSchema } from './ids.ts';
import type { LoyaltyBarcode } from './ids.ts';
import type { CardSeries, Programme } from './programme.ts';

/** What a scanned or typed code is, by its form alone. Look-up comes first: form only explains what was not found. */
export type BarcodeReading =
	| { readonly kind: 'card'; readonly barcode: LoyaltyBarcode; readonly seriesId: string | null }
	| { readonly kind: 'wrong_check_digit' }
	| { readonly kind: 'coupon' }
	| { readonly kind: 'book' }
	| { readonly kind: 'unreadable'; readonly reason: 'too_short' | 'too_long' | 'characters' };

/** The longest code that is looked at; a QR payload may be a URL. Characters. */
export const SCAN_LENGTH_MAX = 512;

/**
 * The form under which a code is stored and looked up: a QR payload gives the number it carries, spaces are dropped,
 * letters are upper case, and UPC-A (12 digits) becomes the EAN-13 with a leading zero that it is (GS1 General Specifications).
 * `null` when there is no code in it.
 */
export function canonicalBarcode(raw: string, programme: Pick<Programme, 'qr'>): LoyaltyBarcode | null {
	if (raw.length > SCAN_LENGTH_MAX) return null;
	const text = extractFromQr(raw.trim(), programme.qr).replaceAll(/\s+/g, '').toUpperCase();
	// A URL of a foreign host is still a URL here: no card, however well it would fit into 64 characters.
	if (/^[A-Z][A-Z0-9+.-]*:\/\//.test(text)) return null;
	const value = /^\d{12}$/.test(text) && hasMod10(text) ? `0${text}` : text;
	const parsed = LoyaltyBarcodeSchema.safeParse(value);
	return parsed.success ? parsed.data : null;
}

/** Reads a code by its form. Call it for what the look-up did not find. */
export function readBarcode(raw: string, programme: Pick<Programme, 'qr' | 'cardSeries'>): BarcodeReading {
	const barcode = canonicalBarcode(raw, programme);
	if (barcode === null) return { kind: 'unreadable', reason: unreadableReason(raw.trim()) };
	const series = programme.cardSeries.find((candidate) => isInSeries(barcode, candidate));
	if (series !== undefined)
		return hasCheck(barcode, series.check) ? { kind: 'card', barcode, seriesId: series.id } : { kind: 'wrong_check_digit' };
	if (/^\d{8}$|^\d{13}$/.test(barcode)) {
		if (!hasMod10(barcode)) return { kind: 'wrong_check_digit' };
		// GS1 prefixes: 99 and 980–983 are coupons, 977–979 are serials and books.
		if (/^(99|98[0-3])\d{10,11}$/.test(barcode)) return { kind: 'coupon' };
		if (/^97[7-9]\d{10}$/.test(barcode)) return { kind: 'book' };
	}
	if (/^\d{12}$/.test(barcode)) return { kind: 'wrong_check_digit' };
	return { kind: 'card', barcode, seriesId: null };
}

/** GS1 check digit: weights 3 and 1 from the right, the sum with the check digit is a multiple of 10. Digits only. */
export function hasMod10(digits: string): boolean {
	return checksum(digits, (digit) => digit * 3) % 10 === 0;
}

/** ISO/IEC 7812 check digit (Luhn). Digits only. */
export function hasLuhn(digits: string): boolean {
	return checksum(digits, (digit) => (digit * 2 > 9 ? digit * 2 - 9 : digit * 2)) % 10 === 0;
}

/** The digit that makes `digits` followed by it pass the check of the series. */
export function withCheckDigit(digits: string, check: CardSeries['check']): string {
	if (check === 'none') return digits;
	const passes = check === 'mod10' ? hasMod10 : hasLuhn;
	for (const last of '0123456789') if (passes(digits + last)) return digits + last;
	return digits;
}

function isInSeries(barcode: string, series: CardSeries): boolean {
	return barcode.length === series.length && barcode.startsWith(series.prefix);
}

function hasCheck(barcode: string, check: CardSeries['check']): boolean {
	if (check === 'none') return true;
	if (!/^\d+$/.test(barcode)) return false;
	return check === 'mod10' ? hasMod10(barcode) : hasLuhn(barcode);
}

function checksum(digits: string, everySecond: (digit: number) => number): number {
	let sum = 0;
	for (let index = 0; index < digits.length; index += 1) {
		const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
		sum += index % 2 === 0 ? digit : everySecond(digit);
	}
	return sum;
}

function extractFromQr(text: string, rule: Programme['qr']): string {
	// A URL is read, never followed; of a host that is not ours it stays what it is: not a card.
	const url = /^https?:\/\/([^/?#:]+)(?::\d+)?([^?#]*)(?:\?([^#]*))?/i.exec(text);
	if (url !== null) {
		const [, host = '', path = '', query = ''] = url;
		if (!rule.hosts.includes(host.toLowerCase())) return text;
		return pickKey(query, rule.keys) ?? path.split('/').at(-1) ?? text;
	}
	return text.includes('=') ? (pickKey(text.replaceAll(';', '&'), rule.keys) ?? text) : text;
}

function pickKey(query: string, keys: readonly string[]): string | null {
	for (const pair of query.split('&')) {
		const [key = '', value = ''] = pair.split('=', 2);
		if (keys.includes(key.trim().toLowerCase()) && value !== '') return value.trim();
	}
	return null;
}

function unreadableReason(text: string): 'too_short' | 'too_long' | 'characters' {
	if (text.replaceAll(/\s+/g, '').length < 3) return 'too_short';
	return text.length > 64 ? 'too_long' : 'characters';
}
