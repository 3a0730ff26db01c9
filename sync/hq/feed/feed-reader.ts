import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { FEED_PAGE_ROWS_MAX } from '#shared/wire/limits.ts';
import type { SegmentFile } from '#shared/wire/segment.ts';
import type { HqContext } from '../context.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { FeedPlace } from './cursor.ts';
import { checkPlace, hasNews, readFeedPage, shardsBehind, toNdjson } from './feed-page.ts';
import type { FeedPage, ResyncReason } from './feed-page.ts';
import { createPageCache } from './page-cache.ts';
import type { Heads } from './publish-round.ts';
import type { Publisher } from './publisher.ts';
import type { SegmentService } from './segments.ts';
import { furtherOf } from './segments/chain.ts';
import type { Segment } from './segments/chain.ts';
import { createWaitingRoom } from './waiting-room.ts';

export type FeedReaderContext = Pick<HqContext, 'database' | 'clock' | 'timers' | 'random' | 'epoch' | 'logger'>;

/** One question. `waitMs`: how long an answer may be held back while there is nothing new; `signal` ends the waiting. */
export type FeedQuestion = {
	readonly cursor: string;
	readonly waitMs: number;
	/** A file of many rows may be named instead of a page. */
	readonly takesSegments?: boolean;
	readonly signal: AbortSignal;
};

/** Why a snapshot must be loaded; with `shards` only of these. */
export type Resync = { readonly reason: ResyncReason | 'malformed'; readonly shards?: readonly number[] };

/** Answers from the change feed, the same for all terminals. */
export type FeedReader = {
	/** The body of the answer (NDJSON), or why the terminal must load a snapshot. */
	readonly read: (question: FeedQuestion) => Promise<Result<string, Resync>>;
	/** Ends all waiting, for good. */
	readonly close: () => void;
};

/** What a terminal is told that could not be let wait: come back within this time, spread evenly. */
const FULL_RETRY_MS = { least: 5_000, spread: 10_000 };

/** `rowsMax`: smaller pages than `FEED_PAGE_ROWS_MAX`, for tests. `segments`: what is named to who is far behind. */
export function createFeedReader(
	context: FeedReaderContext,
	publisher: Pick<Publisher, 'heads' | 'refresh' | 'onMoved'>,
	{ rowsMax = FEED_PAGE_ROWS_MAX, segments }: { readonly rowsMax?: number; readonly segments?: Pick<SegmentService, 'choose'> } = {},
): FeedReader {
	const { database, clock, timers, random, epoch, logger } = context;
	const room = createWaitingRoom(timers);
	const cache = createPageCache();
	const stopListening = publisher.onMoved(() => {
		cache.clear();
		room.wakeAll();
	});

	const check = async (place: FeedPlace): Promise<ResyncReason | null> => {
		const reason = checkPlace(place, publisher.heads(), epoch);
		// Another process may have published what this one has not seen yet.
		if (reason !== 'ahead') return reason;
		const checked = checkPlace(place, await publisher.refresh(), epoch);
		if (checked === 'ahead')
			logger.error({ epoch }, 'a terminal has seen changes that are not here: the database went back without a new epoch');
		return checked;
	};
	/** Of who is at the head for as long as the question may wait; then from where the heads are. */
	const readPage = async ({ cursor, waitMs, signal }: FeedQuestion, place: FeedPlace): Promise<Result<string, Resync>> => {
		const mustLeave = waitMs > 0 && room.isFull();
		if (!hasNews(place, publisher.heads()) && waitMs > 0) await room.wait(waitMs, signal);
		const asOfMs = clock.nowMs();
		const heads = publisher.heads();
		const page = hasNews(place, heads)
			? await cache.get(cursor, () => readFeedPage(database, { place, heads, rowsMax }))
			: emptyPage(place);
		if (page.isBehindHorizon === true) return fail(resyncOf('behind_horizon', place, await publisher.refresh()));
		const retryAfterMs = Math.floor(FULL_RETRY_MS.least + random.fraction() * FULL_RETRY_MS.spread);
		return ok(toNdjson(page, { serverTimeMs: asOfMs, ...(mustLeave ? { retryAfterMs } : {}) }));
	};
	return {
		read: async (question) => {
			const decoded = decodeCursor(question.cursor);
			if (!decoded.ok) return fail({ reason: decoded.error });
			const place = decoded.value;
			const reason = await check(place);
			if (reason !== null) return fail(resyncOf(reason, place, publisher.heads()));
			const segment = question.takesSegments === true ? (segments?.choose(place) ?? null) : null;
			if (segment === null) return readPage(question, place);
			const named = { serverTimeMs: clock.nowMs(), segment: fileOf(segment, place) };
			return ok(toNdjson({ ...emptyPage(place), hasMore: true }, named));
		},
		close: () => {
			stopListening();
			room.close();
		},
	};
}

function resyncOf(reason: ResyncReason, place: FeedPlace, heads: Heads): Resync {
	return reason === 'behind_horizon' ? { reason, shards: shardsBehind(place, heads) } : { reason };
}

function fileOf({ path, rows, bytes, sha256, to }: Segment, place: FeedPlace): SegmentFile {
	return { path, rows, bytes, sha256, next: encodeCursor(furtherOf(place, to)) };
}

function emptyPage(place: FeedPlace): FeedPage {
	return { next: place, hasMore: false, rows: 0, lines: [] };
}
