/** What of an event's data stays when its member has opted out, or when it was refused and nobody needs it: no names, no contacts, no free text. */
const KEPT: ReadonlySet<string> = new Set([
	'transaction_id',
	'total',
	'currency',
	'amount',
	'points',
	'effective_timestamp',
	'consents',
	'cashier',
]);

/** The data without anything personal. Consent answers stay: they are evidence, and say nothing about who gave them. */
export function scrubPayload(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(data).filter(([name]) => KEPT.has(name)));
}
