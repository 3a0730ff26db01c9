/** What an opt-out takes out of the outbox in memory, by the rules of the real one (`../storage/outbox/scrub.ts`). */
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { EventResult } from '#shared/wire/push.ts';
import type { OutboxDisk, OutboxRow } from './fake-outbox-rows.ts';
import type { PersonTrace } from './outbox.ts';

type KeyedResult = EventResult & { readonly event_id: EventId };

const OVER: ReadonlySet<string> = new Set(['rejected', 'voided', 'closed']);

/** Names and contacts of these members go; ids and points stay. */
export function scrubRows(disk: OutboxDisk, memberIds: readonly MemberId[], traces: readonly PersonTrace[] = []): void {
	scrub(disk, { memberIds, eventIds: [], traces });
}

/** The same for whoever an event was refused for because they have left. */
export function scrubLeft(disk: OutboxDisk, results: readonly KeyedResult[]): void {
	const refused = results.filter(({ status, error }) => status === 'rejected' && error?.code === WIRE_CODES.optedOut);
	const eventIds = refused.map(({ event_id }) => event_id);
	const memberIds = eventIds.flatMap((eventId) => disk.rows.get(eventId)?.memberId ?? []);
	if (eventIds.length > 0) scrub(disk, { memberIds, eventIds, traces: [] });
}

type Leaver = { readonly memberIds: readonly MemberId[]; readonly eventIds: readonly EventId[]; readonly traces: readonly PersonTrace[] };

function scrub(disk: OutboxDisk, { memberIds, eventIds, traces }: Leaver): void {
	const rows = [...disk.rows.values()];
	const ids = new Set<string>(memberIds);
	const own = rows.filter(
		({ eventId, memberId, outcome }) =>
			eventIds.includes(eventId) || [memberId, outcome?.appliedTo ?? null].some((id) => id !== null && ids.has(id)),
	);
	const known = new Set([...traces.flatMap(marksOfTrace), ...own.flatMap(marksOfRow)]);
	const found = new Set([...own, ...rows.filter((row) => OVER.has(row.status) && marksOfRow(row).some((mark) => known.has(mark)))]);
	// A Set visits what is added while it is walked.
	for (const row of found) for (const other of rows) if (isCorrection(row, other) || isCorrection(other, row)) found.add(other);
	for (const row of found) empty(disk, row);
	for (const memberId of memberIds) disk.enrolled.delete(memberId);
}

function isCorrection(newer: OutboxRow, older: OutboxRow): boolean {
	return newer.requestId?.startsWith(`corrects ${older.eventId} `) === true;
}

function marksOfTrace({ barcodes, mobile, email }: PersonTrace): readonly string[] {
	const marks = barcodes.map((barcode) => `barcode ${barcode}`);
	if (mobile !== null) marks.push(`mobile ${mobile}`);
	if (email !== null) marks.push(`email ${email.toLowerCase()}`);
	return marks;
}

/** By what an enrolment or profile change knows its person. */
function marksOfRow({ event }: OutboxRow): readonly string[] {
	if ((event.action !== 'opt_in' && event.action !== 'profile') || Object.keys(event.data).length === 0) return [];
	const { loyalty_barcode: barcode, mobile_phone: mobile, email } = event.data;
	const named = event.external_id === 'loyalty_barcode' ? event.customer : barcode;
	return [
		...(typeof named === 'string' ? [`barcode ${named}`] : []),
		...(typeof mobile === 'string' ? [`mobile ${mobile}`] : []),
		...(typeof email === 'string' ? [`email ${email.toLowerCase()}`] : []),
	];
}

function empty(disk: OutboxDisk, row: OutboxRow): void {
	if (row.event.action !== 'opt_in' && row.event.action !== 'profile') return;
	disk.rows.set(row.eventId, { ...row, event: { ...row.event, data: {} } });
	if (row.memberId !== null && disk.enrolled.get(row.memberId) === row.eventId) disk.enrolled.delete(row.memberId);
}
