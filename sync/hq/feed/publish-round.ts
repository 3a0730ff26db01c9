import { assert, must } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Queryable } from '../storage/database.ts';

/** Staged changes that one round takes at most: what a page of the feed holds. */
export const ROUND_STAGED_MAX = 5_000;

/** Where the shards stand: the last number given out and the horizon, both by shard. */
export type Heads = { readonly seqs: readonly number[]; readonly horizons: readonly number[] };

/**
 * What a round did. `taken` staged changes became `placed` members in the feed (a member that changed twice is one); `left` stay staged,
 * for their members are just being changed.
 */
export type Round = { readonly isLeader: boolean; readonly taken: number; readonly placed: number; readonly left: number };

/** `pass_over` leaves members alone that are just being changed, so that no round waits for a push; `wait` waits for them. */
export type RoundMode = 'pass_over' | 'wait';

/**
 * Gives feed numbers to staged changes, the oldest first, for all shards in one transaction. It runs after the changes' own commits, and no
 * two rounds overlap: the lock belongs to the transaction that writes and is released after its commit is visible. So a number that a
 * reader has seen is never followed by a smaller one, and everything up to it is there. Numbers are dense by shard. One call of the
 * database (`storage/migrations/feed-rounds.ts`), so that a busy process does not hold it up between its statements.
 */
export async function publishRound(database: Queryable, mode: RoundMode = 'wait', most: number = ROUND_STAGED_MAX): Promise<Round> {
	const [round] = await database.query<Round>(
		'SELECT is_leader AS "isLeader", taken, placed, remaining AS "left" FROM publish_round($1, $2)',
		[most, mode === 'wait'],
	);
	return must(round, 'what the round did');
}

/** Reads where the shards stand. */
export async function readHeads(database: Queryable): Promise<Heads> {
	const rows = await database.query<{ shard: number; last_seq: number; horizon: number }>(
		'SELECT shard, last_seq, horizon FROM shard ORDER BY shard',
	);
	assert(rows.length === SHARD_COUNT, 'every shard has a row');
	return { seqs: rows.map((row) => row.last_seq), horizons: rows.map((row) => row.horizon) };
}
