import { createHash } from 'node:crypto';
import { FEED_PAGE_ROWS_MAX } from '#shared/wire/limits.ts';
import { SEGMENT_ROWS_MAX } from '#shared/wire/segment.ts';
import type { HqContext } from '../../context.ts';
import type { FeedPlace } from '../cursor.ts';
import { readFeedPage } from '../feed-page.ts';
import type { Level, Segment } from './chain.ts';
import type { SegmentFolder } from './segment-folder.ts';

export type ExportContext = Pick<HqContext, 'database' | 'random'>;

/** A file that is full to this part is full enough: to fill the rest would take ever smaller pages. */
const FULL_SHARE = 0.75;

/** What becomes files: everything behind `from` up to `to`. */
export type Range = { readonly from: FeedPlace; readonly to: FeedPlace; readonly level: Level; readonly closedAtMs: number };

/** `rowsMax`: smaller files than `SEGMENT_ROWS_MAX`, for tests. */
export type ExportPorts = {
	readonly folder: SegmentFolder;
	readonly pack: (text: string) => Promise<Uint8Array>;
	readonly rowsMax?: number;
};

/**
 * Writes the members whose number lies in the range now, as files of at most `rowsMax` rows that follow each other. Who has moved on
 * to a later number is not in them: a later segment or the open end has them. `null` when the horizon has passed the range.
 */
export async function exportRange(context: ExportContext, ports: ExportPorts, range: Range): Promise<readonly Segment[] | null> {
	const segments: Segment[] = [];
	const { rowsMax = SEGMENT_ROWS_MAX } = ports;
	const heads = { seqs: range.to.seqs, horizons: [] };
	let [from, place] = [range.from, range.from];
	for (let hasMore = true; hasMore;) {
		const lines: string[] = [];
		let rows = 0;
		while (hasMore && rows <= rowsMax * FULL_SHARE) {
			const room = Math.min(FEED_PAGE_ROWS_MAX, rowsMax - rows);
			const page = await readFeedPage(context.database, { place, heads, rowsMax: room });
			if (page.isBehindHorizon === true) return null;
			lines.push(...page.lines);
			rows += page.rows;
			({ next: place, hasMore } = page);
		}
		// Where everybody has moved on, the next file stretches over it.
		if (rows === 0) continue;
		segments.push(await writeSegment(context, ports, { ...range, from, to: place, rows, lines }));
		from = place;
	}
	return stretch(segments, range.to);
}

/** The last one reaches to the end of the range, though nobody may be left there. */
function stretch(segments: readonly Segment[], to: FeedPlace): readonly Segment[] {
	const last = segments.at(-1);
	return last === undefined ? [] : [...segments.slice(0, -1), { ...last, to }];
}

type Piece = Range & { readonly rows: number; readonly lines: readonly string[] };

async function writeSegment({ random }: ExportContext, { folder, pack }: ExportPorts, piece: Piece): Promise<Segment> {
	const { from, to, level, closedAtMs, rows, lines } = piece;
	const bytes = await pack(lines.map((line) => `${line}\n`).join(''));
	// Never used twice: what is cached under it is never wrong.
	const name = `${level}-${closedAtMs}-${Buffer.from(random.bytes(8)).toString('hex')}.json.gz`;
	const path = await folder.write(name, bytes);
	return { path, level, from, to, rows, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), closedAtMs };
}
