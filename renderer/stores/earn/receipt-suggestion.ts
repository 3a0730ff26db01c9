import { ReceiptNumberSchema } from '#shared/domain/ids.ts';

/**
 * The receipt number after `last`: its trailing digits plus one, at the same width (`A-0099` → `A-0100`).
 * `null` when there is no last one or it does not count. Sales without a card lie between, so it is only offered, never taken unseen.
 */
export function nextReceiptNumber(last: string | null): string | null {
	const parts = last === null ? null : /^(.*?)(\d{1,15})$/.exec(last);
	if (parts === null) return null;
	const [, head = '', digits = ''] = parts;
	const next = head + String(Number(digits) + 1).padStart(digits.length, '0');
	return ReceiptNumberSchema.safeParse(next).success ? next : null;
}
