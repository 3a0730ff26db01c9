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

/**
 * Gives feed numbers to staged changes, the oldest first, for all shards in one transaction. It runs after the changes' own commits, and no
 * two rounds overlap: the lock belongs to the transaction that writes and is released after its commit is visible. So a number that a
 * reader has seen is never followed by a smaller one, and everything up to it is there. Numbers are dense by shard.
 */
export async function publishRound(database: Database, mode: RoundMode = 'wait'): Promise<Round> {
	return database.tx(async (tx) => {
		const [lock] = await tx.query<{ is_leader: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS is_leader', [PUBLISHER_LOCK]);
		if (lock?.is_leader !== true) return { isLeader: false, taken: 0, placed: 0, left: 0 };
		const staged = await tx.query<Staged>('SELECT id, shard, member_id AS "memberId" FROM change_staging ORDER BY id LIMIT $1', [
			ROUND_STAGED_MAX,
		]);
		if (staged.length === 0) return { isLeader: true, taken: 0, placed: 0, left: 0 };
		await tx.exec(INDEXES_ONLY);
		const locked = await lockMembers(tx, staged, mode);
		const taken = mode === 'wait' ? staged : staged.filter((change) => locked.has(change.memberId));
		const places = placeChanges(
			taken.filter((change) => locked.has(change.memberId)),
			(await readHeads(tx)).seqs,
		);
		await writePlaces(tx, places);
		await tx.query(`DELETE FROM change_staging WHERE id = ANY (string_to_array($1, ',')::bigint[])`, [
			taken.map((change) => change.id).join(','),
		]);
		return { isLeader: true, taken: taken.length, placed: places.members.size, left: staged.length - taken.length };
	});
}

type Staged = { readonly id: number; readonly shard: number; readonly memberId: string };

/** The new number of each member, and of each shard that moves, where it was and where it will be. */
type Places = {
	readonly members: ReadonlyMap<string, number>;
	readonly shards: ReadonlyMap<number, { readonly before: number; readonly after: number }>;
};

// A round finds few rows among very many, by their keys. The planner's guess how few depends on statistics of a table that is empty most of
// the time; wrong once, a round of 5,000 took eleven seconds. So each statement joins one list with one index, and nothing else is allowed.
const INDEXES_ONLY = 'SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off';

/** Locks members in the order of their ids, as pushes do, so that neither waits for the other in a circle; the ids of those that it has. */
async function lockMembers(tx: Queryable, staged: readonly Staged[], mode: RoundMode): Promise<ReadonlySet<string>> {
	const ids = new Set(staged.map((change) => change.memberId));
	const rows = await tx.query<{ id: string }>(
		`SELECT id FROM member WHERE id = ANY (string_to_array($1, ',')) ORDER BY id FOR NO KEY UPDATE ${mode === 'wait' ? '' : 'SKIP LOCKED'}`,
		[[...ids].join(',')],
	);
	return new Set(rows.map((row) => row.id));
}

function placeChanges(changes: readonly Staged[], heads: readonly number[]): Places {
	const members = new Map<string, number>();
	const shards = new Map<number, { before: number; after: number }>();
	for (const { shard, memberId } of changes) {
		if (members.has(memberId)) continue;
		const before = shards.get(shard)?.before ?? must(heads[shard], 'the head of a shard');
		const after = (shards.get(shard)?.after ?? before) + 1;
		members.set(memberId, after);
		shards.set(shard, { before, after });
	}
	return { members, shards };
}

async function writePlaces(tx: Queryable, { members, shards }: Places): Promise<void> {
	await tx.query(
		`UPDATE member m SET seq = n.seq FROM unnest(string_to_array($1, ','), string_to_array($2, ',')::bigint[]) AS n(id, seq) WHERE m.id = n.id`,
		[[...members.keys()].join(','), [...members.values()].join(',')],
	);
	const moves = [...shards.values()];
	const moved = await tx.query<{ shard: number }>(
		`UPDATE shard s SET last_seq = n.after
		FROM unnest(string_to_array($1, ',')::int[], string_to_array($2, ',')::bigint[], string_to_array($3, ',')::bigint[]) AS n(shard, before, after)
		WHERE s.shard = n.shard AND s.last_seq = n.before RETURNING s.shard`,
		[[...shards.keys()].join(','), moves.map((move) => move.before).join(','), moves.map((move) => move.after).join(',')],
	);
	// Rolls back: somebody else moved a shard on although the lock is ours.
	assert(moved.length === shards.size, () => `${moved.length} of ${shards.size} shards were where this publisher found them`);
}

/** Reads where the shards stand. */
export async function readHeads(database: Queryable): Promise<Heads> {
	const rows = await database.query<{ shard: number; last_seq: number; horizon: number }>(
		'SELECT shard, last_seq, horizon FROM shard ORDER BY shard',
	);
	assert(rows.length === SHARD_COUNT, 'every shard has a row');
	return { seqs: rows.map((row) => row.last_seq), horizons: rows.map((row) => row.horizon) };
}
