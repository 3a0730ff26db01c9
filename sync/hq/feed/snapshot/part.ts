import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';

/** Some shards, wanted by a terminal that stands at `cursor`. */
export type PartWanted = { readonly shards: readonly number[]; readonly cursor: string };

/**
 * The manifest of some shards of a snapshot: their files, and the terminal's own place with the snapshot's in these shards, from where it
 * reads on. Fails when the place is none of this epoch: then everything must be loaded.
 */
export function partOf(manifest: SnapshotManifest, { shards, cursor }: PartWanted): Result<SnapshotManifest, 'malformed' | 'other_epoch'> {
	const [own, taken] = [decodeCursor(cursor), decodeCursor(manifest.cursor)];
	if (!own.ok || !taken.ok) return fail('malformed');
	if (own.value.epoch !== manifest.hq_epoch) return fail('other_epoch');
	const wanted = new Set(shards.filter((shard) => shard < SHARD_COUNT));
	const files = manifest.files.filter((file) => wanted.has(file.shard));
	const seqOf = (shard: number): number => taken.value.seqs[shard] ?? 0;
	return ok({
		...manifest,
		cursor: encodeCursor({ epoch: own.value.epoch, seqs: own.value.seqs.map((seq, shard) => (wanted.has(shard) ? seqOf(shard) : seq)) }),
		rows: files.reduce((sum, file) => sum + file.rows, 0),
		bytes: files.reduce((sum, file) => sum + file.bytes, 0),
		files,
		shards: [...wanted].toSorted((left, right) => left - right).map((shard) => ({ shard, seq: seqOf(shard) })),
	});
}
