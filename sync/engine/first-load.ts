import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { SnapshotFile, SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { ReplicaLoad } from '../replica/replica.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import { createPartialFile } from '../transport/partial-file.ts';
import type { PartialFile } from '../transport/partial-file.ts';
import type { EngineContext, Trouble } from './engine-context.ts';
import { inOrder } from './pacing/in-order.ts';
import { forgetOptedOut, pullOutcomes } from './pull-page.ts';

/** Files under way while one is being stored: the line and the disk work at the same time, with at most three files in memory. */
const FILES_AHEAD = 2;

/** Files whose transfer broke off, by path, kept between contacts so that they go on where they stopped. */
export type Leftovers = Map<string, PartialFile>;

type File = { readonly file: SnapshotFile; readonly lines: Result<readonly Uint8Array[], LineFailure> };

/**
 * Loads a snapshot beside what is there and swaps it in. What came of files that are complete survives a cut and a crash (the replica
 * knows them), what came of others survives a cut (`leftovers`). Own outcomes are stored before the new file is swapped in, for the same
 * reason as before a page: the snapshot holds effects of events whose answers may have been lost.
 */
export async function loadSnapshot(ctx: EngineContext, leftovers: Leftovers): Promise<Result<{ readonly rows: number }, Trouble>> {
	const manifest = await ctx.client.snapshotManifest(ctx.signal);
	if (!manifest.ok) {
		showPreparation(ctx, manifest.error);
		return fail({ from: 'line', failure: manifest.error });
	}
	const { hq_epoch: hqEpoch } = manifest.value;
	if (hqEpoch !== ctx.outbox.state().hqEpoch) return fail({ from: 'epoch', hqEpoch });
	dropOthers(leftovers, manifest.value);
	const load = await ctx.replica.beginLoad(manifest.value);
	if (!load.ok) return fail({ from: 'disk', error: load.error });
	const loaded = await loadAll(ctx, { manifest: manifest.value, load: load.value, leftovers });
	if (!loaded.ok) {
		await load.value.suspend();
		return loaded;
	}
	leftovers.clear();
	return loaded;
}

type LoadJob = { readonly manifest: SnapshotManifest; readonly load: ReplicaLoad; readonly leftovers: Leftovers };

async function loadAll(ctx: EngineContext, job: LoadJob): Promise<Result<{ readonly rows: number }, Trouble>> {
	const files = await loadFiles(ctx, job);
	if (!files.ok) return files;
	const outcomes = await pullOutcomes(ctx);
	if (!outcomes.ok) return outcomes;
	ctx.board.setWork('contact', { kind: 'indexing', done: 0, total: job.manifest.rows, unit: 'rows' });
	const finished = await job.load.finish();
	return finished.ok ? finished : fail({ from: 'disk', error: finished.error });
}

async function loadFiles(ctx: EngineContext, { manifest, load, leftovers }: LoadJob): Promise<Result<true, Trouble>> {
	const missing = manifest.files.filter((file) => !load.isLoaded(file.path));
	let rows = manifest.rows - missing.reduce((sum, file) => sum + file.rows, 0);
	const show = (): void => ctx.board.setWork('contact', { kind: 'first_load', done: rows, total: manifest.rows, unit: 'rows' });
	show();
	// Ends the transfers that run ahead when one fails; what they have so far stays in `leftovers`.
	const enough = new AbortController();
	const signal = AbortSignal.any([ctx.signal, enough.signal]);
	for await (const { file, lines } of inOrder(missing, FILES_AHEAD, (next) => fetchFile(ctx, { file: next, leftovers, signal }))) {
		// Complete, whatever comes of storing it: if it is to be fetched again, then from its first byte.
		if (lines.ok) leftovers.delete(file.path);
		const trouble = lines.ok ? await store(ctx, load, { file, lines: lines.value }) : ({ from: 'line', failure: lines.error } as const);
		if (trouble !== null) {
			enough.abort();
			return fail(trouble);
		}
		rows += file.rows;
		show();
	}
	return ok(true);
}

async function fetchFile(
	ctx: EngineContext,
	{ file, leftovers, signal }: { readonly file: SnapshotFile; readonly leftovers: Leftovers; readonly signal: AbortSignal },
): Promise<File> {
	const partial = leftovers.get(file.path) ?? createPartialFile(file.bytes);
	leftovers.set(file.path, partial);
	return { file, lines: await ctx.client.snapshotFile(file, partial, signal) };
}

async function store(
	ctx: EngineContext,
	load: ReplicaLoad,
	{ file, lines }: { readonly file: SnapshotFile; readonly lines: readonly Uint8Array[] },
): Promise<Trouble | null> {
	await forgetOptedOut(ctx, lines);
	const added = await load.addFile(file.path, lines);
	return added.ok ? null : { from: 'disk', error: added.error };
}

/** Leftovers of files that this snapshot does not have, or has in another size, are of no use. */
function dropOthers(leftovers: Leftovers, manifest: SnapshotManifest): void {
	const paths = new Set(manifest.files.map((file) => file.path));
	for (const path of leftovers.keys()) if (!paths.has(path)) leftovers.delete(path);
}

function showPreparation(ctx: EngineContext, failure: LineFailure): void {
	if (failure.kind !== 'preparing') return;
	const { done, total } = failure.progress ?? { done: 0, total: 0 };
	ctx.board.setWork('contact', { kind: 'hq_preparing', done, total, unit: 'rows' });
}
