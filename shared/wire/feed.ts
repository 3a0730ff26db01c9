import { z } from 'zod';
import { CursorSchema } from '../domain/ids.ts';
import { SegmentFileSchema } from './segment.ts';

/**
 * `GET /feed?cursor=…`, the first line of the answer (`application/x-ndjson`). Each further line is one JSON array of at most
 * `FEED_LINE_ROWS_MAX` rows (`MEMBER_COLUMNS`), `lines` of them. The same for all terminals. 410 with `resyncNeeded` when the
 * cursor is of another epoch, ahead of headquarters, or older than its tombstones: load a snapshot.
 * `wait_ms` in the query holds the answer back up to 30 s until there is something new; `segments=1` lets it name a file instead of rows.
 */
export const FeedHeaderSchema = z.object({
	hq_epoch: z.int().min(1),
	/** The place after these rows: stored in the same transaction as the rows. */
	next: CursorSchema,
	has_more: z.boolean(),
	rows: z.int().min(0),
	lines: z.int().min(0),
	/** Unix milliseconds: the member data is as of this moment once `has_more` is false. */
	server_time: z.int(),
	retry_after_ms: z.int().min(0).optional(),
	/** Instead of rows: they are in this file, and the feed goes on at its `next`. Only for who asks with `segments=1`. */
	segment: SegmentFileSchema.optional(),
});
export type FeedHeader = z.infer<typeof FeedHeaderSchema>;
