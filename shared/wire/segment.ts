import { z } from 'zod';
import { CursorSchema } from '../domain/ids.ts';

/** Member rows in one segment: two pages of the feed. */
export const SEGMENT_ROWS_MAX = 10_000;

/**
 * A closed piece of the feed: gzip, lines as in a feed page (`FEED_LINE_ROWS_MAX` rows each). Immutable under its path, the same for all
 * terminals, so that any cache may serve it. `GET /feed?segments=1` answers with one instead of rows when the terminal is far behind.
 */
export const SegmentFileSchema = z.object({
	/** Below the address of headquarters, without a leading slash. */
	path: z.string().regex(/^segment\/[A-Za-z0-9_./-]+\.json\.gz$/),
	rows: z.int().min(0).max(SEGMENT_ROWS_MAX),
	/** Compressed. */
	bytes: z.int().min(0),
	/** SHA-256 of the compressed file, hex. */
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
	/** The place of this terminal after these rows. */
	next: CursorSchema,
});
export type SegmentFile = z.infer<typeof SegmentFileSchema>;
