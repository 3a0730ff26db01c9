import type { FeedPage } from './feed-page.ts';

/** Pages kept: with full pages about 30 MB. */
const PAGES_MAX = 8;

/**
 * Pages that were read since the heads last moved, by the cursor they were asked with. All terminals that are caught up wait at the same
 * place; when it moves they ask for the same page at the same moment, and it is read once for all of them.
 */
export function createPageCache(): {
	/** The page for `cursor`, read by `read` unless it is there or on its way. */
	readonly get: (cursor: string, read: () => Promise<FeedPage>) => Promise<FeedPage>;
	/** Call it whenever a head has moved. */
	readonly clear: () => void;
} {
	const pages = new Map<string, Promise<FeedPage>>();
	return {
		get: (cursor, read) => {
			const known = pages.get(cursor);
			if (known !== undefined) return known;
			const page = read();
			pages.set(cursor, page);
			page.catch(() => {
				if (pages.get(cursor) === page) pages.delete(cursor);
			});
			const [oldest] = pages.keys();
			if (pages.size > PAGES_MAX && oldest !== undefined) pages.delete(oldest);
			return page;
		},
		clear: () => {
			pages.clear();
		},
	};
}
