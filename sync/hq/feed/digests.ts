import { z } from 'zod';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import {
	DIGEST_FOLD,
	DIGEST_LIMIT,
	DIGEST_PRIME,
	DIGEST_STATUSES,
	DIGEST_VERSIONS,
	DIGEST_WINDOW,
	DIGEST_WINDOWS,
	ShardDigestSchema,
} from '#shared/wire/digest.ts';
import type { DigestsResponse, ShardDigest } from '#shared/wire/digest.ts';
import type { HqContext } from '../context.ts';
import { decodeCursor } from './cursor.ts';
import { checkPlace } from './feed-page.ts';
import type { Resync } from './feed-reader.ts';
import type { Publisher } from './publisher.ts';

/** Digests of the members by shard, for terminals that want to know whether they have the same. */
export type Digests = { readonly read: (cursor: string) => Promise<Result<DigestsResponse, Resync>> };

/** Shards in one statement: half a million members of 64 shards keep the embedded database busy for a fifth of a second. */
const SHARDS_AT_ONCE = 4;
/** One answer counts no longer than this: the terminal comes back for the rest, and finds what others have had counted. */
const COUNT_MS_MAX = 4_000;

const LENGTH = DIGEST_WINDOW * DIGEST_WINDOWS;
const PADDED = `right(repeat('0', ${LENGTH}) || encode(convert_to(m.id, 'UTF8'), 'hex'), ${LENGTH})`;
const STATUS_NUMBER = `array_position(ARRAY[${DIGEST_STATUSES.map((status) => `'${status}'`).join(', ')}], m.status) - 1`;
const KEY = Array.from({ length: DIGEST_WINDOWS }, (_, window) => window).reduce((key, window) => {
	const part = `('x' || substr(${PADDED}, ${1 + window * DIGEST_WINDOW}, ${DIGEST_WINDOW}))::bit(${DIGEST_WINDOW * 4})::bigint`;
	return `((${key}) * ${DIGEST_FOLD} + ${part}) % ${DIGEST_PRIME}`;
}, '0::bigint');

/** `memberDigest` of a row `m`. */
export const MEMBER_DIGEST = `((1 + (${KEY}) % ${DIGEST_PRIME - 1}) * (1 + (m.ver * 8 + ${STATUS_NUMBER}) % ${DIGEST_VERSIONS})) % ${DIGEST_PRIME}`;

// In one view of the database: where nothing is staged, the rows are what was published up to the shard's last number.
const READ = `
SELECT s.shard, s.last_seq AS seq, EXISTS (SELECT 1 FROM change_staging c WHERE c.shard = s.shard) AS "isStaged", d.rows, d.sum
FROM shard s CROSS JOIN LATERAL (
	SELECT count(*)::int AS rows, (coalesce(sum(${MEMBER_DIGEST}), 0) % ${DIGEST_LIMIT})::bigint AS sum
	FROM member m WHERE m.shard = s.shard AND m.status IN (${DIGEST_STATUSES.map((status) => `'${status}'`).join(', ')})
) AS d
WHERE s.shard = ANY (string_to_array($1, ',')::int[])`;

const CountedSchema = ShardDigestSchema.extend({ seq: z.int(), isStaged: z.boolean() });

type Counted = ShardDigest & { readonly seq: number };

export type DigestsContext = Pick<HqContext, 'database' | 'clock' | 'epoch'>;

/**
 * Counts by scanning, not by keeping sums as changes come: it costs a sale nothing, and cannot share the mistake that it is to find. What was
 * counted is kept until the shard's next number, so that a chain whose terminals all ask in one quiet night counts once.
 */
export function createDigests({ database, clock, epoch }: DigestsContext, publisher: Pick<Publisher, 'heads' | 'refresh'>): Digests {
	const counted = new Map<number, Counted>();
	let turn: Promise<void> = Promise.resolve();

	const count = async (wanted: () => readonly number[]): Promise<void> => {
		const untilMs = clock.monotonicMs() + COUNT_MS_MAX;
		const tried = new Set<number>();
		for (;;) {
			const shards = wanted()
				.filter((shard) => !tried.has(shard))
				.slice(0, SHARDS_AT_ONCE);
			if (shards.length === 0 || clock.monotonicMs() > untilMs) return;
			const rows = z.array(CountedSchema).parse(await database.query(READ, [shards.join(',')]));
			for (const shard of shards) tried.add(shard);
			for (const { isStaged, ...row } of rows) if (!isStaged) counted.set(row.shard, row);
		}
	};
	return {
		read: async (cursor) => {
			const place = decodeCursor(cursor);
			if (!place.ok) return fail({ reason: place.error });
			const heads = await publisher.refresh();
			const reason = checkPlace(place.value, heads, epoch);
			if (reason !== null && reason !== 'behind_horizon') return fail({ reason });
			const atHead = place.value.seqs.flatMap((seq, shard) => (seq === heads.seqs[shard] ? [shard] : []));
			const isCounted = (shard: number): boolean => counted.get(shard)?.seq === place.value.seqs[shard];
			// One after the other: whoever waited finds what the one before has counted.
			const mine = turn.then(() => count(() => atHead.filter((shard) => !isCounted(shard))));
			turn = mine.catch(() => undefined);
			await mine;
			const shards = atHead.filter(isCounted).flatMap((shard) => counted.get(shard) ?? []);
			return ok({ hq_epoch: epoch, shards: shards.map(({ shard, rows, sum }) => ({ shard, rows, sum })) });
		},
	};
}
