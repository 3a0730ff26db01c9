import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { SnapshotFile, SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { ReplicaLoad } from '../replica/replica.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import type { EngineContext, Trouble } from './engine-context.ts';
import { fetchFile } from './fetch-file.ts';
import type { FileWanted, Leftovers } from './fetch-file.ts';
import { inOrder } from './pacing/in-order.ts';
import { forgetOptedOut, pullOutcomes } from './pull-page.ts';

/**
 * Files under way while one is being stored: the line and the disk work at the same time. More than one only makes more threads unpack at
 * once, which on two cores keeps the main thread waiting, for storing takes longest.
 */
const FILES_AHEAD = 1;

type File = { readonly file: SnapshotFile; readonly lines: Result<readonly Uint8Array[], LineFailure> };

/**
 * Loads a snapshot, or some of its shards, beside what is there and swaps it in. What came of files that are complete survives a cut and a crash (the replica
 * knows them), what came of others survives a cut (`leftovers`). Own outcomes are stored before the new file is swapped in, for the same
 * reason as before a page: the snapshot holds effects of events whose answers may have been lost.
 */
export async function loadSnapshot(
	ctx: EngineContext,
	{ shards, leftovers }: LoadWanted,
): Promise<Result<{ readonly rows: number }, Trouble>> {
	const { cursor } = ctx.replica.state();
	const manifest = await ctx.client.snapshotManifest(shards === null || cursor === null ? null : { shards, cursor }, ctx.signal);
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

/** `shards`: only these are replaced; `null` for everything. */
export type LoadWanted = { readonly shards: readonly number[] | null; readonly leftovers: Leftovers };

type LoadJob = { readonly manifest: SnapshotManifest; readonly load: ReplicaLoad; readonly leftovers: Leftovers };

async function loadAll(ctx: EngineContext, job: LoadJob): Promise<Result<{ readonly rows: number }, Trouble>> {
	const files = await loadFiles(ctx, job);
	if (!files.ok) return files;
	const outcomes = await pullOutcomes(ctx);
	if (!outcomes.ok) return outcomes;
	if (isWhole(job.manifest)) ctx.board.setWork('contact', { kind: 'indexing', done: 0, total: job.manifest.rows, unit: 'rows' });
	const finished = await job.load.finish((gone) =>
		ctx.outbox.scrubMembers(
			gone.map(({ id }) => id),
			gone,
		),
	);
	return finished.ok ? finished : fail({ from: 'disk', error: finished.error });
}

async function loadFiles(ctx: EngineContext, { manifest, load, leftovers }: LoadJob): Promise<Result<true, Trouble>> {
	const missing = manifest.files.filter((file) => !load.isLoaded(file.path));
	let rows = manifest.rows - missing.reduce((sum, file) => sum + file.rows, 0);
	const kind = isWhole(manifest) ? 'first_load' : 'pull';
	const show = (): void => ctx.board.setWork('contact', { kind, done: rows, total: manifest.rows, unit: 'rows' });
	show();
	// Ends the transfers that run ahead when one fails; what they have so far stays in `leftovers`.
	const enough = new AbortController();
	const signal = AbortSignal.any([ctx.signal, enough.signal]);
	for await (const { file, lines } of inOrder(missing, FILES_AHEAD, (next) => fetchNext(ctx, { file: next, leftovers, signal }))) {
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

function isWhole(manifest: SnapshotManifest): boolean {
	return manifest.shards === undefined;
}

async function fetchNext(ctx: EngineContext, wanted: FileWanted & { readonly file: SnapshotFile }): Promise<File> {
	return { file: wanted.file, lines: await fetchFile(ctx, wanted) };
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
