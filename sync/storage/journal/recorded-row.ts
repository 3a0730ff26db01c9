import { z } from 'zod';
import { EventIdSchema, IncarnationSchema } from '#shared/domain/ids.ts';
import type { LineSeal } from './line-seal.ts';
import type { EntryLine } from './journal-line.ts';

/**
 * What a recording wrote into `entry`, by the names of its columns: all that is needed to record it once more. What became of it
 * afterwards is not in here. `event` is the event's JSON as text, so that its bytes stay the same.
 */
export const RecordedRowSchema = z.object({
	event_id: EventIdSchema,
	request_id: z.string(),
	incarnation: IncarnationSchema,
	seq: z.int().min(1),
	action: z.string(),
	member_id: z.string().nullable(),
	barcode: z.string().nullable(),
	event: z.string(),
	points_estimated: z.int(),
	receipt_number: z.string().nullable(),
	amount_minor: z.int().nullable(),
	currency: z.string().nullable(),
	transaction_id: z.string().nullable(),
	cashier: z.string(),
	card_number: z.int().nullable(),
	enrolment: z.string().nullable(),
	occurred_at: z.int(),
	monotonic: z.int(),
	boot_id: z.string(),
	skew: z.int(),
});
export type RecordedRow = z.infer<typeof RecordedRowSchema>;

/** The columns of a recorded row as one JSON text, for a SELECT from `entry`. */
export const RECORDED_ROW_SQL = `json_object(${Object.keys(RecordedRowSchema.shape)
	.map((column) => `'${column}', ${column}`)
	.join(', ')})`;

/** The journal's line of a row. */
export function toEntryLine(row: RecordedRow, no: number, seal: LineSeal | null): EntryLine {
	const text = JSON.stringify(row);
	const { event_id, incarnation, seq, occurred_at: at } = row;
	return { no, kind: 'entry', event_id, incarnation, seq, at, key: seal?.keyId ?? null, row: seal === null ? text : seal.seal(text) };
}

/** The row of a line, or `null` when its key is not at hand or its content is of no version of ours. */
export function readEntryLine(line: EntryLine, seal: LineSeal | null): RecordedRow | null {
	const text = line.key === null ? line.row : openWith(line, seal);
	if (text === null) return null;
	const parsed = RecordedRowSchema.safeParse(parse(text));
	return parsed.success ? parsed.data : null;
}

function openWith(line: EntryLine, seal: LineSeal | null): string | null {
	return seal !== null && seal.keyId === line.key ? seal.open(line.row) : null;
}

/** Without name, contact and card of a member; the same as the outbox keeps of it. */
export function scrubRow(row: RecordedRow): RecordedRow {
	const event = z.record(z.string(), z.unknown()).parse(JSON.parse(row.event));
	return { ...row, event: JSON.stringify({ ...event, data: {} }), barcode: null, enrolment: null };
}

function parse(text: string): unknown {
	try {
		const value: unknown = JSON.parse(text);
		return value;
	} catch {
		// No JSON fits no schema: the caller hears `null`.
		return undefined;
	}
}
