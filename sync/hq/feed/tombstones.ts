import { must } from '#shared/lib/assert.ts';
import type { HqContext } from '../context.ts';
import type { Database } from '../storage/database.ts';
import { PUBLISHER_LOCK } from '../storage/migrations/feed-rounds.ts';

/** A terminal that comes back within this time learns of everybody who has left; one that was away for longer loads the shards concerned. */
export const TOMBSTONE_KEPT_MS = 180 * 86_400_000;
/** After the start, and from then on daily. */
const FIRST_MS = 600_000;
const EVERY_MS = 86_400_000;
const BATCH_MAX = 5_000;

/**
 * The members who have left and whose change is older than `kept`, out of the feed: their number becomes 0, and the horizon of their shard
 * passes it. Rounds and purges exclude each other, so that what is staged keeps its turn. The rows themselves stay: without a name
 * in them they are what recognises a late event of somebody who has left.
 */
const PURGE = `
WITH old AS (
	SELECT m.id, m.shard, m.seq FROM member m
	WHERE m.seq > 0 AND m.status IN ('opted_out', 'merged') AND m.updated_at < $1
		AND NOT EXISTS (SELECT 1 FROM change_staging c WHERE c.member_id = m.id)
	ORDER BY m.id LIMIT ${BATCH_MAX} FOR NO KEY UPDATE SKIP LOCKED
), purged AS (
	UPDATE member m SET seq = 0 FROM old WHERE m.id = old.id
), raised AS (
	UPDATE shard s SET horizon = greatest(s.horizon, o.seq) FROM (SELECT shard, max(seq) AS seq FROM old GROUP BY shard) AS o WHERE s.shard = o.shard
)
SELECT count(*)::int AS purged FROM old`;

/** Purges tombstones whose change is older than `beforeMs`; how many there were. Repeating it does no harm. */
export async function purgeTombstones(database: Database, beforeMs: number): Promise<number> {
	let total = 0;
	for (;;) {
		const purged = await database.tx(async (tx) => {
			await tx.query('SELECT pg_advisory_xact_lock($1)', [PUBLISHER_LOCK]);
			const [row] = await tx.query<{ purged: number }>(PURGE, [beforeMs]);
			return must(row, 'the number of purged tombstones').purged;
		});
		total += purged;
		if (purged < BATCH_MAX) return total;
	}
}

export type TombstoneContext = Pick<HqContext, 'database' | 'clock' | 'timers' | 'logger' | 'stopping'>;

/** Purges soon after the start and then daily, until headquarters stops. `onPurged` hears of each time that something was purged. */
export function startPurging(context: TombstoneContext, onPurged: () => Promise<unknown>): void {
	const { database, clock, timers, logger, stopping } = context;
	const run = async (): Promise<void> => {
		try {
			const purged = await purgeTombstones(database, clock.nowMs() - TOMBSTONE_KEPT_MS);
			if (purged > 0) {
				logger.info({ purged }, 'old tombstones are out of the feed');
				await onPurged();
			}
		} catch (error) {
			if (!stopping.aborted) logger.error({ err: error }, 'old tombstones could not be purged');
		}
		schedule(EVERY_MS);
	};
	const schedule = (delayMs: number): void => {
		if (stopping.aborted) return;
		const cancel = timers.after(delayMs, () => void run());
		stopping.addEventListener('abort', cancel, { once: true });
	};
	schedule(FIRST_MS);
}
