import { assert, must } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Database, Queryable } from '../storage/database.ts';

/** Staged changes that one round takes at most: what a page of the feed holds. */
export const ROUND_STAGED_MAX = 5_000;

/** The advisory lock of the one who publishes, for as long as a round takes. */
const PUBLISHER_LOCK = 7_246_002;

/** Where the shards stand: the last number given out and the horizon, both by shard. */
export type Heads = { readonly seqs: readonly number[]; readonly horizons: readonly number[] };

/**
 * What a round did. `taken` staged changes became `placed` members in the feed (a member that changed twice is one); `left` stay staged,
 * for their members are just being changed.
 */
export type Round = { readonly isLeader: boolean; readonly taken: number; readonly placed: number; readonly left: number };

/** `pass_over` leaves members alone that are just being changed, so that no round waits for a push; `wait` waits for them. */
export type RoundMode = 'pass_over' | 'wait';

// Oldest changes first. Members are locked in the order of their ids, as pushes lock them, so that neither waits for the other in a circle.
// Numbers are dense by shard, in the order in which the members were first staged.
function publishSql(mode: RoundMode): string {
	return `
WITH staged AS (
	SELECT id, shard, member_id FROM change_staging ORDER BY id LIMIT $1
), locked AS MATERIALIZED (
	SELECT m.id FROM member m WHERE m.id IN (SELECT member_id FROM staged) ORDER BY m.id FOR NO KEY UPDATE OF m ${mode === 'wait' ? '' : 'SKIP LOCKED'}
), taken AS (
	DELETE FROM change_staging c USING staged s JOIN locked l ON l.id = s.member_id WHERE c.id = s.id RETURNING c.id, c.shard, c.member_id
), numbered AS MATERIALIZED (
	SELECT t.shard, t.member_id, s.last_seq AS before, s.last_seq + row_number() OVER (PARTITION BY t.shard ORDER BY t.first) AS seq
	FROM (SELECT shard, member_id, min(id) AS first FROM taken GROUP BY shard, member_id) AS t JOIN shard s ON s.shard = t.shard
), placed AS (
	UPDATE member m SET seq = n.seq FROM numbered n WHERE m.id = n.member_id RETURNING m.id
), moved AS (
	UPDATE shard s SET last_seq = n.newest
	FROM (SELECT shard, before, max(seq) AS newest FROM numbered GROUP BY shard, before) AS n
	WHERE s.shard = n.shard AND s.last_seq = n.before
	RETURNING s.shard
)
SELECT (SELECT count(*) FROM staged)::int AS staged, (SELECT count(*) FROM taken)::int AS taken, (SELECT count(*) FROM placed)::int AS placed,
	(SELECT count(DISTINCT shard) FROM numbered)::int AS shards, (SELECT count(*) FROM moved)::int AS moved`;
}

type Counts = { readonly staged: number; readonly taken: number; readonly placed: number; readonly shards: number; readonly moved: number };

/**
 * Gives feed numbers to staged changes, for all shards in one transaction. It runs after the changes' own commits, and no two rounds
 * overlap: the lock belongs to the transaction that writes and is released after its commit is visible. So a number that a reader
 * has seen is never followed by a smaller one, and everything up to it is there.
 */
export async function publishRound(database: Database, mode: RoundMode = 'wait'): Promise<Round> {
	return database.tx(async (tx) => {
		const [lock] = await tx.query<{ is_leader: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS is_leader', [PUBLISHER_LOCK]);
		if (lock?.is_leader !== true) return { isLeader: false, taken: 0, placed: 0, left: 0 };
		const rows = await tx.query<Counts>(publishSql(mode), [ROUND_STAGED_MAX]);
		const { staged, taken, placed, shards, moved } = must(rows[0], 'the result of a round');
		// Rolls back: somebody else moved a shard on although the lock is ours.
		assert(moved === shards, () => `${moved} of ${shards} shards were where this publisher left them`);
		return { isLeader: true, taken, placed, left: staged - taken };
	});
}

/** Reads where the shards stand. */
export async function readHeads(database: Queryable): Promise<Heads> {
	const rows = await database.query<{ shard: number; last_seq: number; horizon: number }>(
		'SELECT shard, last_seq, horizon FROM shard ORDER BY shard',
	);
	assert(rows.length === SHARD_COUNT, 'every shard has a row');
	return { seqs: rows.map((row) => row.last_seq), horizons: rows.map((row) => row.horizon) };
}
