import { z } from 'zod';
import { IncarnationSchema } from '#shared/domain/ids.ts';
import type { Incarnation } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { ENTRY_STATUSES, WAITING_STATUSES } from '../../outbox/entry.ts';
import type { EntryStatus } from '../../outbox/entry.ts';
import type { OutboxState } from '../../outbox/outbox.ts';
import type { Checkpointer } from '../checkpointer.ts';
import type { Connection, Executor } from '../connection.ts';

/**
 * What all parts of an open outbox share. `memory` mirrors the file: this process is the only writer, so that state and counts are
 * answered without the disk. It is changed after a commit only, inside the writer's queue; a crash loses nothing that is not in the file.
 */
export type OutboxContext = {
	/** FULL: a commit is on the disk when it resolves. */
	readonly writer: Connection;
	/** Sees every commit that has resolved; never waits for a batch of outcomes. */
	readonly reader: Connection;
	readonly checkpointer: Checkpointer;
	readonly clock: Clock;
	readonly random: Random;
	readonly memory: OutboxMemory;
	/** Makes room on a full disk; `false` when there is none to make. */
	readonly makeRoom: () => Promise<boolean>;
	/** After each commit: tells listeners and the checkpointer. */
	readonly noteChange: () => void;
};

export type OutboxMemory = {
	state: OutboxState;
	counts: Record<EntryStatus, number>;
	/** `false` after a failed write: whether it is in the file only the file knows. */
	isExact: boolean;
};

/** The statuses of entries that wait, for an IN list. Together with `status <> 'applied'` it is answered by the index `entry_open`. */
export const WAITING_IN_SQL = WAITING_STATUSES.map((status) => `'${status}'`).join(', ');

const StateRowSchema = z.object({
	incarnation: IncarnationSchema,
	max_seq: z.int(),
	hq_epoch: z.int(),
	outcomes_after: z.int(),
	skew: z.int(),
});
const CountRowSchema = z.object({ status: z.enum(ENTRY_STATUSES), entries: z.int() });

/** Reads the mirror from the file. */
export async function readMemory(executor: Executor): Promise<OutboxMemory> {
	const row = StateRowSchema.parse(
		await executor.get(`
			SELECT incarnation, hq_epoch, outcomes_after, skew,
				max(max_seq, (SELECT coalesce(max(seq), 0) FROM entry WHERE entry.incarnation = state.incarnation)) AS max_seq
			FROM state WHERE id = 1`),
	);
	const counts: Record<EntryStatus, number> = zeroCounts();
	const counted = await executor.all('SELECT status, count(*) AS entries FROM entry GROUP BY status');
	for (const { status, entries } of counted.map((count) => CountRowSchema.parse(count))) counts[status] = entries;
	const state: OutboxState = {
		incarnation: row.incarnation,
		maxSeq: row.max_seq,
		hqEpoch: row.hq_epoch,
		outcomesAfter: row.outcomes_after,
		skewMs: row.skew,
	};
	return { state, counts, isExact: true };
}

export type Move = { readonly from: EntryStatus; readonly to: EntryStatus; readonly entries?: number };

/** Moves entries from one status to another in the mirror. */
export function moveCount(memory: OutboxMemory, { from, to, entries = 1 }: Move): void {
	assert(memory.counts[from] >= entries, () => `${entries} entries are ${from}`);
	memory.counts[from] -= entries;
	memory.counts[to] += entries;
}

/** A new life of this outbox: 64 random bits. */
export function newIncarnation(random: Random): Incarnation {
	return IncarnationSchema.parse(Buffer.from(random.bytes(8)).toString('hex'));
}

function zeroCounts(): Record<EntryStatus, number> {
	return { pending: 0, sending: 0, applied: 0, rejected: 0, deferred: 0, unknown: 0, parked: 0, voided: 0, closed: 0 };
}
