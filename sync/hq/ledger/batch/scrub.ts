/** Fields of an event's data that stay when its member has opted out, or when it was refused and nobody needs it: no names, no contacts, no free text. */
export const KEPT_FIELDS = [
	'transaction_id',
	'total',
	'currency',
	'amount',
	'points',
	'effective_timestamp',
	'consents',
	'cashier',
] as const;
const KEPT: ReadonlySet<string> = new Set(KEPT_FIELDS);

/** Whether a field of an event's data stays when its member has opted out. */
export function isKept(name: string): boolean {
	return KEPT.has(name);
}

/** The data without anything personal. Consent answers stay: they are evidence, and say nothing about who gave them. */
export function scrubPayload(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(data).filter(([name]) => isKept(name)));
}
