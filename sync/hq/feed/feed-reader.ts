import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { HqContext } from '../context.ts';
import { decodeCursor } from './cursor.ts';
import type { FeedPlace } from './cursor.ts';
import { checkPlace, hasNews, readFeedPage, toNdjson } from './feed-page.ts';
import type { FeedPage, ResyncReason } from './feed-page.ts';
import { createPageCache } from './page-cache.ts';
import type { Publisher } from './publisher.ts';
import { createWaitingRoom } from './waiting-room.ts';

export type FeedReaderContext = Pick<HqContext, 'database' | 'clock' | 'timers' | 'random' | 'epoch' | 'logger'>;

/** One question. `waitMs`: how long an answer may be held back while there is nothing new; `signal` ends the waiting. */
export type FeedQuestion = { readonly cursor: string; readonly waitMs: number; readonly signal: AbortSignal };

/** Answers from the change feed, the same for all terminals. */
export type FeedReader = {
	/** The body of the answer (NDJSON), or why the terminal must load a snapshot. */
	readonly read: (question: FeedQuestion) => Promise<Result<string, ResyncReason | 'malformed'>>;
	/** Ends all waiting, for good. */
	readonly close: () => void;
};

/** What a terminal is told that could not be let wait: come back within this time, spread evenly. */
const FULL_RETRY_MS = { least: 5_000, spread: 10_000 };

export function createFeedReader(context: FeedReaderContext, publisher: Pick<Publisher, 'heads' | 'refresh' | 'onMoved'>): FeedReader {
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
	return {
		read: async ({ cursor, waitMs, signal }) => {
			const decoded = decodeCursor(cursor);
			if (!decoded.ok) return decoded;
			const place = decoded.value;
			const reason = await check(place);
			if (reason !== null) return fail(reason);
			const mustLeave = waitMs > 0 && room.isFull();
			if (!hasNews(place, publisher.heads()) && waitMs > 0) await room.wait(waitMs, signal);
			const asOfMs = clock.nowMs();
			const heads = publisher.heads();
			const page = hasNews(place, heads) ? await cache.get(cursor, () => readFeedPage(database, place, heads)) : emptyPage(place);
			const retryAfterMs = Math.floor(FULL_RETRY_MS.least + random.fraction() * FULL_RETRY_MS.spread);
			return ok(toNdjson(page, { serverTimeMs: asOfMs, ...(mustLeave ? { retryAfterMs } : {}) }));
		},
		close: () => {
			stopListening();
			room.close();
		},
	};
}

function emptyPage(place: FeedPlace): FeedPage {
	return { next: place, hasMore: false, rows: 0, lines: [] };
}
