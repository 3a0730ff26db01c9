import { z } from 'zod';
import { CursorSchema } from '../domain/ids.ts';
import { SHARD_COUNT } from './limits.ts';

/** A file of a snapshot: gzip, lines of at most `SNAPSHOT_LINE_ROWS_MAX` rows, each line one JSON array of rows. Immutable under its path. */
export const SnapshotFileSchema = z.object({
	/** Below the address of headquarters, without a leading slash. */
	path: z.string().regex(/^snapshot\/[A-Za-z0-9_./-]+\.json\.gz$/),
	shard: z.int().min(0),
	rows: z.int().min(0),
	/** Compressed. */
	bytes: z.int().min(0),
	/** SHA-256 of the compressed file, hex. */
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SnapshotFile = z.infer<typeof SnapshotFileSchema>;

/**
 * `GET /snapshot/manifest`. The files hold every member as of some moment after `cursor`; reading the feed from `cursor` to its
 * head afterwards makes the replica exact (a row's version decides, so that what is in both does no harm).
 * 503 with `snapshotPreparing` and `progress` while headquarters writes it.
 *
 * `?shards=3,17&cursor=…` asks for the files of these shards alone. `cursor` is the place of the terminal, and the manifest's is the same
 * place but for these shards, where it is the snapshot's: whoever has replaced them goes on reading from there.
 */
export const SnapshotManifestSchema = z.object({
	hq_epoch: z.int().min(1),
	protocol: z.int().min(1),
	/** Names the snapshot: a load that was broken off goes on only with the same one. */
	snapshot: z.string().min(1).max(100),
	/** Unix milliseconds. */
	created_at: z.int(),
	cursor: CursorSchema,
	rows: z.int().min(0),
	bytes: z.int().min(0),
	files: z.array(SnapshotFileSchema).max(20_000),
	/** In a manifest of some shards alone: which, and each one's place in the feed before its first row was read. */
	shards: z
		.array(z.object({ shard: z.int().min(0), seq: z.int().min(0) }))
		.min(1)
		.max(SHARD_COUNT)
		.optional(),
});
export type SnapshotManifest = z.infer<typeof SnapshotManifestSchema>;
