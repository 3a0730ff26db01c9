import type { Result } from '#shared/lib/result.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import { createPartialFile } from '../transport/partial-file.ts';
import type { PartialFile } from '../transport/partial-file.ts';
import type { PackedFile } from '../transport/snapshot-file.ts';
import type { EngineContext } from './engine-context.ts';

/** Files whose transfer broke off, by path, kept between contacts so that they go on where they stopped. */
export type Leftovers = Map<string, PartialFile>;

export type FileWanted = { readonly file: PackedFile; readonly leftovers: Leftovers; readonly signal: AbortSignal };

/** The lines of a file, fetched as far as it is not here. What is here stays in `leftovers` until the caller takes the whole file out. */
export async function fetchFile(
	ctx: EngineContext,
	{ file, leftovers, signal }: FileWanted,
): Promise<Result<readonly Uint8Array[], LineFailure>> {
	const partial = leftovers.get(file.path) ?? createPartialFile(file.bytes);
	leftovers.set(file.path, partial);
	return ctx.client.snapshotFile(file, partial, signal);
}
