/**
 * The local copy of headquarters' members. Owns `replica.db` (look-ups), `replica.loading.db` (a load beside it), `replica.shards.db` (a load of
 * some shards) and at most one `replica.damaged-….db`. All of it may be thrown away at any time and comes back from headquarters; nothing here is worth a prompt.
 *
 * Guarantees: a row never goes back to an older version; the cursor never runs ahead of the rows; look-ups always have an answer, during a
 * load the one of before. After a crash: the replica as of some page, with that page's cursor, and the files of a load that were in.
 */
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Clock } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { Forget, Replica, ReplicaLoad, ReplicaState } from '../replica/replica.ts';
import type { Executor } from './connection.ts';
import { createJobQueue } from './job-queue.ts';
import type { JobQueue } from './job-queue.ts';
import { applyPage } from './replica/apply-page.ts';
import type { AppliedPage, FeedPage } from './replica/apply-page.ts';
import { isFileSound } from './replica/check-file.ts';
import { openFirstLoad } from './replica/first-load.ts';
import type { FirstLoad } from './replica/first-load.ts';
import { closeLive, judgeFile, openLive } from './replica/live-replica.ts';
import type { LiveReplica } from './replica/live-replica.ts';
import { readDigests } from './replica/replica-digests.ts';
import { toReplicaError } from './replica/replica-error.ts';
import { exists, putAside, removeAll, removeDatabase, removeOldAside, replicaFiles, swapFiles } from './replica/replica-files.ts';
import type { ReplicaFiles } from './replica/replica-files.ts';
import { replaceShards, visitGone } from './replica/replace-shards.ts';
import {
	findByBarcode,
	findByEmail,
	findById,
	findByMobile,
	findMerged,
	searchByBarcode,
	searchByName,
} from './replica/replica-lookups.ts';
import { SqliteError } from './sqlite-error.ts';

export type ReplicaOptions = { readonly folder: string; readonly clock: Clock };

type Store = {
	readonly files: ReplicaFiles;
	readonly clock: Clock;
	/** Everything that changes rows or files, one after another. */
	readonly changes: JobQueue;
	readonly listeners: Set<() => void>;
	live: LiveReplica | null;
	load: FirstLoad | null;
	/** A load was begun and is neither finished nor thrown away. */
	isLoading: boolean;
	/** While files are exchanged: look-ups wait these few milliseconds. */
	swapping: Promise<void> | null;
	rebuiltBecause: ReplicaState['rebuiltBecause'];
};

/**
 * Opens the replica of a data folder. A damaged one is put aside, one of another version is thrown away, and a load that was complete
 * when the power went is put in its place. Fails with DISK-101 or DISK-102 when the folder itself cannot be used.
 */
export async function openReplica({ folder, clock }: ReplicaOptions): Promise<Result<Replica, LoyaltyError>> {
	const store: Store = {
		files: replicaFiles(folder),
		clock,
		changes: createJobQueue(),
		listeners: new Set(),
		live: null,
		load: null,
		isLoading: false,
		swapping: null,
		rebuiltBecause: null,
	};
	try {
		await removeOldAside(folder, clock.nowMs());
		await settleFiles(store);
		if (await exists(store.files.live)) store.live = await openLive(store.files.live);
		store.isLoading = await exists(store.files.loading);
		return ok(createReplica(store));
	} catch (cause) {
		return fail(toReplicaError(cause));
	}
}

/** Leaves a live file that can be used, or none. */
async function settleFiles(store: Store): Promise<void> {
	const { files } = store;
	if ((await exists(files.loading)) && (await judgeFile(files.loading)) === 'usable') {
		// Complete: only the exchange is missing.
		await swapFiles(files);
	}
	if (!(await exists(files.live))) {
		await removeDatabase(files.live);
		return;
	}
	const judgement = await judgeFile(files.live);
	if (judgement === 'usable') return;
	store.rebuiltBecause = judgement;
	// Of another version it is sound and of no use: kept, it would be a copy of personal data that no opt-out reaches.
	if (judgement === 'damaged') await putAside(files, store.clock.nowMs());
	else await removeDatabase(files.live);
}

function createReplica(store: Store): Replica {
	return {
		state: () => stateOf(store),
		findByBarcode: (barcode) => lookUp(store, null, (reader) => findByBarcode(reader, barcode)),
		findById: (id) => lookUp(store, null, (reader) => findById(reader, id)),
		findMerged: (id) => lookUp(store, [], (reader) => findMerged(reader, id)),
		findByMobile: (text, limit) => lookUp(store, [], (reader) => findByMobile(reader, { text, limit })),
		findByEmail: (text, limit) => lookUp(store, [], (reader) => findByEmail(reader, { text, limit })),
		searchByName: (text, limit) => lookUp(store, [], (reader) => searchByName(reader, { text, limit })),
		searchByBarcode: (text, limit) => lookUp(store, [], (reader) => searchByBarcode(reader, { text, limit })),

		beginLoad: (manifest) => store.changes.run(() => beginLoad(store, manifest)),
		applyPage: (page) => store.changes.run(() => applyToLive(store, page)),
		digests: () => digest(store),
		erase: async () => {
			// Before the queue: a page or an index under way is not worth waiting for.
			await store.load?.end();
			await store.changes.run(() => erase(store));
		},
		check: () => checkLive(store),
		onChange: (listener) => {
			store.listeners.add(listener);
			return () => store.listeners.delete(listener);
		},
		close: async () => {
			store.listeners.clear();
			await store.load?.end();
			await store.changes.run(() => closeFiles(store));
		},
	};
}

function stateOf({ live, isLoading, rebuiltBecause }: Store): ReplicaState {
	const place = live?.place ?? { hqEpoch: 0, rows: 0, asOfMs: 0, cursor: null };
	const settled = live === null ? 'empty' : 'ready';
	return { phase: isLoading ? 'loading' : settled, ...place, rebuiltBecause };
}

function noteChange({ listeners }: Store): void {
	for (const listener of listeners) queueMicrotask(listener);
}

/** Reads from the live file, or answers `nothing` when there is none. A file that turns out to be damaged is put aside on the spot. */
async function lookUp<T>(store: Store, nothing: T, work: (reader: Executor) => Promise<T>): Promise<T> {
	if (store.swapping !== null) await store.swapping;
	const { live } = store;
	if (live === null) return nothing;
	try {
		return await work(live.reader);
	} catch (cause) {
		if (!isBeyondRepair(cause)) throw cause;
		await store.changes.run(() => condemn(store, live));
		return nothing;
	}
}

function isBeyondRepair(cause: unknown): boolean {
	return cause instanceof SqliteError && (cause.failure === 'damaged' || cause.failure === 'io');
}

/** Outside of the queue of changes, which go on meanwhile: a file that was exchanged since is another one, and is left alone. */
async function checkLive(store: Store): Promise<boolean> {
	const { live, files } = store;
	if (live === null || (await isFileSound(files.live))) return true;
	await store.changes.run(() => condemn(store, live));
	return false;
}

async function condemn(store: Store, damaged: LiveReplica): Promise<void> {
	// Two look-ups may meet the same damage.
	if (store.live !== damaged) return;
	await exchange(store, async () => {
		await putAside(store.files, store.clock.nowMs());
		return null;
	});
	store.rebuiltBecause = 'damaged';
	noteChange(store);
}

/** Closes the live file, lets `work` handle the files, and goes on with what it opened. Look-ups wait meanwhile. */
async function exchange(store: Store, work: () => Promise<LiveReplica | null>): Promise<void> {
	let release = (): void => {};
	store.swapping = new Promise((resolve) => {
		release = resolve;
	});
	const old = store.live;
	store.live = null;
	try {
		if (old !== null) await closeLive(old);
		store.live = await work();
	} finally {
		store.swapping = null;
		release();
	}
}

async function applyToLive(store: Store, page: FeedPage): Promise<Result<AppliedPage, LoyaltyError>> {
	const { live } = store;
	if (live === null || live.place.hqEpoch !== page.hqEpoch) {
		return fail(terminalError('LINE-108', { verdict: 'retry_later', detail: 'no replica that these changes belong to' }));
	}
	try {
		const applied = await applyPage(live, page);
		noteChange(store);
		return ok(applied);
	} catch (cause) {
		if (isBeyondRepair(cause)) await condemn(store, live);
		return fail(toReplicaError(cause));
	}
}

async function digest({ live, files }: Store): ReturnType<Replica['digests']> {
	try {
		return ok(live === null ? null : await readDigests(files.live));
	} catch (cause) {
		return fail(toReplicaError(cause));
	}
}

async function beginLoad(store: Store, manifest: SnapshotManifest): Promise<Result<ReplicaLoad, LoyaltyError>> {
	try {
		await store.load?.end();
		const isWhole = manifest.shards === undefined;
		if (!isWhole && store.live?.place.hqEpoch !== manifest.hq_epoch)
			return fail(terminalError('LINE-108', { verdict: 'retry_later', detail: 'no replica whose shards could be replaced' }));
		const load = await openFirstLoad(isWhole ? store.files.loading : store.files.shards, manifest);
		store.load = load;
		if (isWhole) store.isLoading = true;
		noteChange(store);
		return ok({
			isLoaded: load.isLoaded,
			addFile: load.addFile,
			finish: (forget) => (isWhole ? finishLoad(store, load, forget) : finishShards(store, { load, manifest }, forget)),
			suspend: load.end,
		});
	} catch (cause) {
		return fail(toReplicaError(cause));
	}
}

const THROWN_AWAY = terminalError('DISK-102', { verdict: 'retry_later', detail: 'the load was thrown away' });

async function finishLoad(
	store: Store,
	load: FirstLoad,
	forget: Forget = NOBODY,
): Promise<Result<{ readonly rows: number }, LoyaltyError>> {
	const completed = await load.complete();
	if (!completed.ok) return completed;
	return store.changes.run(async () => {
		if (store.load !== load) return fail(THROWN_AWAY);
		try {
			if (store.live !== null) await visitGone(store.live, { file: store.files.loading, shards: undefined }, forget);
			// Beforehand, so that closing the old file takes no time.
			await store.live?.checkpointer.truncate();
			const refusal = await putInPlace(store);
			if (refusal !== null) return fail(refusal);
		} catch (cause) {
			return fail(toReplicaError(cause));
		}
		store.load = null;
		store.isLoading = false;
		store.rebuiltBecause = null;
		noteChange(store);
		return completed;
	});
}

const NOBODY: Forget = () => Promise.resolve();

type ShardLoad = { readonly load: FirstLoad; readonly manifest: SnapshotManifest };

async function finishShards(
	store: Store,
	{ load, manifest }: ShardLoad,
	forget: Forget = NOBODY,
): Promise<Result<{ readonly rows: number }, LoyaltyError>> {
	const gathered = await load.gather();
	if (!gathered.ok) return gathered;
	return store.changes.run(async () => {
		const { live } = store;
		if (store.load !== load || live === null) return fail(THROWN_AWAY);
		try {
			const file = store.files.shards;
			await visitGone(live, { file, shards: manifest.shards }, forget);
			await replaceShards(live, { file, manifest });
			await removeDatabase(file);
		} catch (cause) {
			if (isBeyondRepair(cause)) await condemn(store, live);
			return fail(toReplicaError(cause));
		}
		store.load = null;
		noteChange(store);
		return gathered;
	});
}

/** Puts the loaded file in its place and opens it. When the disk refuses, look-ups go on with the old one, and the error is the answer. */
async function putInPlace(store: Store): Promise<LoyaltyError | null> {
	const { files } = store;
	let refusal: LoyaltyError | null = null;
	await exchange(store, async () => {
		try {
			await swapFiles(files);
		} catch (cause) {
			refusal = toReplicaError(cause);
			if (!(await exists(files.live))) return null;
		}
		return openLive(files.live);
	});
	return refusal;
}

async function erase(store: Store): Promise<void> {
	await exchange(store, async () => {
		await removeAll(store.files);
		return null;
	});
	store.load = null;
	store.isLoading = false;
	noteChange(store);
}

async function closeFiles(store: Store): Promise<void> {
	await store.load?.end();
	// A load that was complete a moment ago is put in its place by the next start.
	store.load = null;
	await exchange(store, () => Promise.resolve(null));
}
