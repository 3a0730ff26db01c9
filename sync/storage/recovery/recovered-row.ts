import { z } from 'zod';
import type { Incarnation } from '#shared/domain/ids.ts';
import type { Random } from '#shared/lib/clock.ts';
import { ENTRY_STATUSES, WAITING_STATUSES } from '../../outbox/entry.ts';
import type { EntryStatus } from '../../outbox/entry.ts';
import type { Executor } from '../connection.ts';
import { RecordedRowSchema } from '../journal/recorded-row.ts';
import type { RecordedRow } from '../journal/recorded-row.ts';
import { isAnyWaitingOutside, renumberWaiting } from '../outbox/incarnation.ts';
import { newIncarnation } from '../outbox/outbox-context.ts';

/** A recorded row with what became of it, by the names of its columns. */
export const RecoveredRowSchema = RecordedRowSchema.extend({
	status: z.enum(ENTRY_STATUSES),
	attempts: z.int().min(0),
	deferrals: z.int().min(0),
	deferred_since: z.int().nullable(),
	next_attempt_at: z.int().nullable(),
	sent_at: z.int().nullable(),
	applied_to: z.string().nullable(),
	applied_ver: z.int().nullable(),
	points: z.int().nullable(),
	error: z.string().nullable(),
	settled_at: z.int().nullable(),
	/** As it stands in the column; a file of the first version has none. */
	closing: z.string().nullable().default(null),
});
export type RecoveredRow = z.infer<typeof RecoveredRowSchema>;

const COLUMNS = Object.keys(RecoveredRowSchema.shape);
const WAITING: ReadonlySet<EntryStatus> = new Set(WAITING_STATUSES);

/** All that a recovery wants of a row and every version has, as one JSON text. */
export const RECOVERED_ROW_SQL = `json_object(${COLUMNS.filter((column) => column !== 'closing')
	.map((column) => `'${column}', ${column}`)
	.join(', ')})`;

const INSERT = `
	INSERT INTO entry (event_bytes, ${COLUMNS.join(', ')})
	SELECT octet_length(value->>'$.event'), ${COLUMNS.map((column) => `value->>'$.${column}'`).join(', ')}
	FROM json_each(?1) WHERE true ORDER BY key
	ON CONFLICT DO NOTHING`;

/** Rows bound to one statement. */
const ROWS_PER_INSERT = 200;

/** A row of which only the recording is known: it is offered to headquarters again, which knows what it has. */
export function asUnsent(row: RecordedRow, isVoided: boolean): RecoveredRow {
	return {
		...row,
		status: isVoided ? 'voided' : 'pending',
		attempts: 0,
		deferrals: 0,
		deferred_since: null,
		next_attempt_at: null,
		sent_at: null,
		applied_to: null,
		applied_ver: null,
		points: null,
		error: null,
		settled_at: null,
		closing: null,
	};
}

/** Whether headquarters has had its say, or the cashier took it back: the row is not sent again. */
export function isSettled({ status }: Pick<RecoveredRow, 'status'>): boolean {
	return !WAITING.has(status);
}

const TAKEN = `
	SELECT incarnation || ' ' || seq AS place FROM entry
	WHERE (incarnation, seq) IN (SELECT value->>'$.incarnation', value->>'$.seq' FROM json_each(?1))`;

/**
 * Adds rows behind those that are there, in their order; an event that is there already stays as it is. A row keeps its number, unless another
 * event has it: then it gets one in an incarnation of no meaning, and `liveIn` numbers everything that waits anew.
 */
export async function insertRows(tx: Executor, rows: readonly RecoveredRow[], random: Random): Promise<number> {
	const spare = newIncarnation(random);
	let added = 0;
	for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
		const chunk = rows.slice(start, start + ROWS_PER_INSERT);
		const found = await tx.all(TAKEN, [JSON.stringify(chunk.map(({ incarnation, seq }) => ({ incarnation, seq })))]);
		const taken = new Set(found.map(({ place }) => String(place)));
		const placed = chunk.map((row, index) => {
			const place = `${row.incarnation} ${row.seq}`;
			if (taken.has(place)) return { ...row, incarnation: spare, seq: start + index + 1 };
			taken.add(place);
			return row;
		});
		const { changes } = await tx.run(INSERT, [JSON.stringify(placed)]);
		added += changes;
	}
	// What was taken back or closed is nobody's enrolment; the trigger cannot know.
	await tx.run(
		`DELETE FROM enrolment WHERE event_id IN (
			SELECT event_id FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND status IN ('voided', 'closed'))`,
	);
	return added;
}

/**
 * The outbox goes on in `incarnation` if all that waits is of it. Then the next hello shows by the highest number whether headquarters knows more,
 * and has it fetched. Otherwise it goes on in a new one.
 */
export async function liveIn(tx: Executor, incarnation: Incarnation, random: Random): Promise<void> {
	await tx.run('UPDATE state SET max_seq = CASE WHEN incarnation = ?1 THEN max_seq ELSE 0 END, incarnation = ?1 WHERE id = 1', [
		incarnation,
	]);
	if (await isAnyWaitingOutside(tx, incarnation)) await renumberWaiting(tx, newIncarnation(random));
}
