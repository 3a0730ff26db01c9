/** The day's proof: every entry counted once, as a whole and by cashier. */
import { z } from 'zod';
import { assert } from '#shared/lib/assert.ts';
import { ENTRY_STATUSES, WAITING_STATUSES } from '../../outbox/entry.ts';
import type { EntryStatus } from '../../outbox/entry.ts';
import type { CashierProof, DayProof, Proof } from '../../outbox/outbox.ts';
import type { Executor } from '../connection.ts';
import { IS_CORRECTED } from './corrections.ts';

const SUMS = `
	SELECT cashier, status, count(*) AS entries, sum(coalesce(points, points_estimated)) AS points,
		sum(${IS_CORRECTED}) AS corrected
	FROM entry WHERE occurred_at >= ?1 GROUP BY cashier, status ORDER BY cashier`;

const SumRowSchema = z.object({
	cashier: z.string(),
	status: z.enum(ENTRY_STATUSES),
	entries: z.int(),
	points: z.int(),
	corrected: z.int(),
});
type SumRow = z.infer<typeof SumRowSchema>;

/** See `Outbox.proof`. */
export async function proveEntries(reader: Executor, sinceMs: number): Promise<DayProof> {
	const rows = await readSums(reader, sinceMs);
	const rejected = rows.filter(({ status }) => status === 'rejected');
	const refusedOpen = rejected.reduce((sum, { entries, corrected }) => sum + entries - corrected, 0);
	return { ...toProof(rows, 'entries'), refusedOpen };
}

/** See `Outbox.proofByCashier`. */
export async function proveByCashier(reader: Executor, sinceMs: number): Promise<readonly CashierProof[]> {
	const byCashier = Map.groupBy(await readSums(reader, sinceMs), ({ cashier }) => cashier);
	return [...byCashier].map(([cashier, rows]) => ({ cashier, entries: toProof(rows, 'entries'), points: toProof(rows, 'points') }));
}

async function readSums(reader: Executor, sinceMs: number): Promise<readonly SumRow[]> {
	return (await reader.all(SUMS, [sinceMs])).map((row) => SumRowSchema.parse(row));
}

function toProof(rows: readonly SumRow[], of: 'entries' | 'points'): Proof {
	const sum = (statuses: readonly EntryStatus[]): number =>
		rows.filter(({ status }) => statuses.some((counted) => counted === status)).reduce((total, row) => total + row[of], 0);
	const proof = {
		accepted: sum(['applied']),
		refused: sum(['rejected', 'closed']),
		waiting: sum(WAITING_STATUSES),
		voided: sum(['voided']),
	};
	const recorded = sum(ENTRY_STATUSES);
	assert(recorded === proof.accepted + proof.refused + proof.waiting + proof.voided, 'every entry is counted once');
	return { recorded, ...proof };
}
