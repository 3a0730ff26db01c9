import { assert, must } from '#shared/lib/assert.ts';
import { FeedHeaderSchema } from '#shared/wire/feed.ts';
import { FEED_LINE_ROWS_MAX, FEED_PAGE_ROWS_MAX } from '#shared/wire/limits.ts';
import type { SegmentFile } from '#shared/wire/segment.ts';
import type { Queryable } from '../storage/database.ts';
import { encodeCursor } from './cursor.ts';
import type { FeedPlace } from './cursor.ts';
import { MEMBER_JSON } from './member-json.ts';
import type { Heads } from './publish-round.ts';

/** What `GET /feed` answers from a place: rows as lines of JSON text, and the place behind them. */
export type FeedPage = {
	readonly next: FeedPlace;
	readonly hasMore: boolean;
	readonly rows: number;
	readonly lines: readonly string[];
	/** Tombstones were purged behind the place while it was read: nothing of the page may be used. */
	readonly isBehindHorizon?: boolean;
};

/** Why a cursor leads nowhere: the terminal loads a snapshot, `behind_horizon` only of the shards concerned. */
export type ResyncReason = 'other_epoch' | 'ahead' | 'behind_horizon';

/** Whether rows can be read from `place`, and if not, why. `ahead` may only mean that `heads` are old: read them again first. */
export function checkPlace(place: FeedPlace, heads: Heads, epoch: number): ResyncReason | null {
	if (place.epoch !== epoch) return 'other_epoch';
	if (place.seqs.some((seq, shard) => seq > (heads.seqs[shard] ?? 0))) return 'ahead';
	return shardsBehind(place, heads).length > 0 ? 'behind_horizon' : null;
}

/** The shards in which tombstones behind `place` are purged: what left there is not in the feed any more. */
export function shardsBehind(place: FeedPlace, heads: Pick<Heads, 'horizons'>): number[] {
	return place.seqs.flatMap((seq, shard) => (seq < (heads.horizons[shard] ?? 0) ? [shard] : []));
}

/** Whether any shard has moved on from `place`. */
export function hasNews(place: FeedPlace, heads: Heads): boolean {
	return place.seqs.some((seq, shard) => seq < (heads.seqs[shard] ?? 0));
}

/** From one shard: numbers above `after` up to `upTo`, at most `most` rows. */
type Want = { readonly shard: number; readonly after: number; readonly upTo: number; readonly most: number };

// The text is built where the rows are. Three kinds of rows come back: lines of the page, for each shard how far it was read, and, in the
// same view of the database, whether a horizon has passed one of the places.
const READ_PAGE = `
WITH want AS (
	SELECT * FROM unnest(
		string_to_array($1, ',')::int[], string_to_array($2, ',')::bigint[], string_to_array($3, ',')::int[], string_to_array($4, ',')::bigint[]
	) AS w(shard, after, most, up_to)
), page AS MATERIALIZED (
	SELECT m.shard, m.seq, ${MEMBER_JSON} AS text
	FROM want w CROSS JOIN LATERAL (
		SELECT * FROM member WHERE shard = w.shard AND seq > 0 AND seq > w.after AND seq <= w.up_to ORDER BY seq LIMIT w.most
	) AS m
), numbered AS (
	SELECT shard, seq, text, (row_number() OVER (ORDER BY shard, seq) - 1) / ${FEED_LINE_ROWS_MAX} AS line FROM page
)
SELECT line::int AS line, '[' || string_agg(text, ',' ORDER BY shard, seq) || ']' AS text, NULL::int AS shard, NULL::bigint AS newest, count(*)::int AS rows, false AS is_behind
FROM numbered GROUP BY line
UNION ALL
SELECT NULL, NULL, shard, max(seq), count(*)::int, false FROM page GROUP BY shard
UNION ALL
SELECT NULL, NULL, NULL, NULL, 0, true FROM want w JOIN shard s ON s.shard = w.shard WHERE s.horizon > w.after
ORDER BY line`;

type PageRow = {
	readonly line: number | null;
	readonly text: string | null;
	readonly shard: number | null;
	readonly newest: number | null;
	readonly rows: number;
	readonly is_behind: boolean;
};

/** Where a page begins, how far the feed goes, and how many rows fit. */
export type PageWanted = { readonly place: FeedPlace; readonly heads: Heads; readonly rowsMax?: number };

/**
 * Reads the next page behind `place`: at most `rowsMax` (`FEED_PAGE_ROWS_MAX`) members in their newest state, shard by shard in the order of
 * their numbers. `heads` were read from the database before; everything up to them is visible.
 */
export async function readFeedPage(database: Queryable, { place, heads, rowsMax = FEED_PAGE_ROWS_MAX }: PageWanted): Promise<FeedPage> {
	const wants = shareOut(place, heads, rowsMax);
	if (wants.length === 0) return { next: place, hasMore: false, rows: 0, lines: [] };
	const result = await database.query<PageRow>(READ_PAGE, [
		wants.map((want) => want.shard).join(','),
		wants.map((want) => want.after).join(','),
		wants.map((want) => want.most).join(','),
		wants.map((want) => want.upTo).join(','),
	]);
	if (result.some((row) => row.is_behind)) return { next: place, hasMore: true, rows: 0, lines: [], isBehindHorizon: true };
	const read = new Map(result.flatMap((row) => (row.shard === null ? [] : [[row.shard, row] as const])));
	const seqs = [...place.seqs];
	for (const want of wants) seqs[want.shard] = reachedBy(want, read.get(want.shard), heads);
	const next = { epoch: place.epoch, seqs };
	const lines = result.flatMap((row) => (row.text === null ? [] : [row.text]));
	const rows = [...read.values()].reduce((sum, row) => sum + row.rows, 0);
	return { next, hasMore: hasNews(next, heads), rows, lines };
}

/**
 * The page's room, given to the shards that have moved, first come first served. A shard that is `n` numbers ahead has at most `n` rows,
 * fewer when members changed again and moved on to a later number.
 */
function shareOut(place: FeedPlace, heads: Heads, rowsMax: number): Want[] {
	const wants: Want[] = [];
	let room = rowsMax;
	for (const [shard, after] of place.seqs.entries()) {
		const upTo = heads.seqs[shard] ?? 0;
		const most = Math.min(room, upTo - after);
		if (most <= 0) continue;
		wants.push({ shard, after, upTo, most });
		room -= most;
	}
	return wants;
}

/** How far a shard was read: a full share ends at its last row; one that was not filled has nothing left up to the head. */
function reachedBy(want: Want, read: PageRow | undefined, heads: Heads): number {
	const head = must(heads.seqs[want.shard], 'the head of a shard');
	if (read === undefined) return head;
	const newest = must(read.newest, 'the newest number of a shard that was read');
	assert(newest > want.after, 'a feed goes forward');
	return read.rows === want.most ? newest : Math.max(head, newest);
}

/** The body of the answer: the header and then a line for each hundred rows. */
export function toNdjson(
	page: FeedPage,
	facts: { readonly serverTimeMs: number; readonly retryAfterMs?: number; readonly segment?: SegmentFile },
): string {
	const header = FeedHeaderSchema.parse({
		hq_epoch: page.next.epoch,
		next: encodeCursor(page.next),
		has_more: page.hasMore,
		rows: page.rows,
		lines: page.lines.length,
		server_time: facts.serverTimeMs,
		...(facts.retryAfterMs === undefined ? {} : { retry_after_ms: facts.retryAfterMs }),
		...(facts.segment === undefined ? {} : { segment: facts.segment }),
	});
	return `${[JSON.stringify(header), ...page.lines].join('\n')}\n`;
}
