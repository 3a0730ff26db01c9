import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { FeedHeaderSchema } from '#shared/wire/feed.ts';
import type { FeedHeader } from '#shared/wire/feed.ts';
import type { Breakdown } from './classify-failure.ts';
import { readWhole } from './exchange.ts';
import type { Answer } from './exchange.ts';
import { parseJson } from './read-answer.ts';
import { isWholeRows, splitLines } from './split-lines.ts';

/** A page of the change feed: its header parsed, its lines (JSON arrays of rows) as bytes. */
export type FeedPage = { readonly header: FeedHeader; readonly lines: readonly Uint8Array[] };

/** Reads one page. Fewer or broken lines than the header announces count as a cut: the page is asked for again. */
export async function readFeedPage(answer: Answer, bytesMax: number): Promise<Result<FeedPage, Breakdown>> {
	const [first, ...lines] = splitLines(await readWhole(answer.pieces(bytesMax)));
	const header = parseJson(first ?? new Uint8Array(), FeedHeaderSchema);
	if (!header.ok) return header;
	if (lines.length !== header.value.lines || !lines.every(isWholeRows)) {
		return fail({ at: 'exchange', cause: 'cut', detail: `${lines.length} lines instead of ${header.value.lines}, or a broken one` });
	}
	return ok({ header: header.value, lines });
}
