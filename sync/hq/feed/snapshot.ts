import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { HqContext } from '../context.ts';
import type { Publisher } from './publisher.ts';
import { buildSnapshot, BuildStopped, packInPool } from './snapshot/build.ts';
import type { BuildProgress, SnapshotPorts } from './snapshot/build.ts';
import { createSnapshotFolder } from './snapshot/folder.ts';
import { createSnapshotShelf } from './snapshot/shelf.ts';
import type { ServedFile, ServedManifest } from './snapshot/shelf.ts';
import { holdsForgottenMembers, isUseless, judgeSnapshot } from './snapshot/staleness.ts';
import type { Staleness } from './snapshot/staleness.ts';

export type SnapshotContext = Pick<HqContext, 'database' | 'clock' | 'random' | 'timers' | 'logger' | 'dataDir' | 'epoch' | 'stopping'>;

/**
 * Keeps a snapshot of the members ready for terminals that load their replica.
 *
 * Owns the folder `<dataDir>/snapshot`. At most one build runs; the two newest snapshots are kept, so that a load that has begun can end.
 * It is looked after every hour: a snapshot with data of somebody who left is then replaced, and the kept ones with it.
 * After a crash an unfinished snapshot is no snapshot: it is removed, and made again when one is asked for.
 */
export type SnapshotService = {
	/** Takes up what is on disk and looks after it from now on. */
	readonly start: () => Promise<void>;
	/** The snapshot to load, or how far its making is. Asking starts what must be made. */
	readonly current: () => Promise<{ readonly ready: ServedManifest } | { readonly preparing: BuildProgress }>;
	/** Resolves when a snapshot is ready that is not stale. Rejects when it cannot be written. */
	readonly prepare: () => Promise<SnapshotManifest>;
	readonly find: (path: string) => ServedFile | null;
	/** Waits for the build that runs: `stopping` ends it soon. */
	readonly stop: () => Promise<void>;
};

const CHECK_MS = 3_600_000;

/** Makes the service; nothing runs before `start`. `ports`: another folder than that of `dataDir`, or another way to pack, for tests. */
export function createSnapshotService(
	context: SnapshotContext,
	publisher: Pick<Publisher, 'heads'>,
	ports: SnapshotPorts = { folder: createSnapshotFolder(context.dataDir, context.epoch), pack: packInPool },
): SnapshotService {
	const { timers, logger, stopping } = context;
	const shelf = createSnapshotShelf(ports.folder);
	const builds = createBuilds(context, async (onProgress, isErasing) => {
		const manifest = await buildSnapshot(context, ports, onProgress);
		await shelf.add(manifest, isErasing);
		return manifest;
	});
	let cancelTimer: () => void = () => undefined;

	const staleness = async (): Promise<Staleness | 'missing' | null> => {
		const served = shelf.served();
		return served === null ? 'missing' : judgeSnapshot(context, served.manifest, publisher.heads());
	};
	const lookAfter = async (): Promise<void> => {
		const served = shelf.served();
		// Nobody has asked for one yet.
		if (served === null) return;
		const isErasing = await holdsForgottenMembers(context, served.manifest);
		if (isErasing || (await staleness()) !== null) await builds.ensure(isErasing);
	};
	const scheduleCheck = (): void => {
		if (stopping.aborted) return;
		cancelTimer = timers.after(CHECK_MS, () => {
			void lookAfter()
				.catch((error: unknown) => {
					logger.error({ err: error }, 'the snapshot could not be looked after');
				})
				.then(scheduleCheck);
		});
	};

	return {
		start: async () => {
			await shelf.load();
			scheduleCheck();
		},
		current: async () => {
			const stale = await staleness();
			const served = shelf.served();
			if (stale !== null) builds.begin();
			return served === null || stale === 'missing' || isUseless(stale) ? { preparing: builds.progress() } : { ready: served };
		},
		prepare: async () => {
			// One that runs may have begun before what the caller wants to see in it.
			await builds.idle();
			const served = shelf.served();
			return served !== null && (await staleness()) === null ? served.manifest : builds.ensure(false);
		},
		find: shelf.find,
		stop: async () => {
			cancelTimer();
			await builds.idle();
		},
	};
}

type Build = (onProgress: (progress: BuildProgress) => void, isErasing: boolean) => Promise<SnapshotManifest>;

/** Runs one build at a time. `ensure` joins the one that runs; a failure is logged once and seen by whoever waits. */
function createBuilds({ clock, logger }: SnapshotContext, build: Build) {
	let progress: BuildProgress = { done: 0, total: 0 };
	let running: Promise<SnapshotManifest> | null = null;
	const run = async (isErasing: boolean): Promise<SnapshotManifest> => {
		const startedMs = clock.monotonicMs();
		progress = { done: 0, total: 0 };
		try {
			const manifest = await build((next) => {
				progress = next;
			}, isErasing);
			logger.info({ rows: manifest.rows, bytes: manifest.bytes, ms: Math.round(clock.monotonicMs() - startedMs) }, 'snapshot written');
			return manifest;
		} catch (error) {
			if (!(error instanceof BuildStopped)) logger.error({ err: error }, 'the snapshot could not be written');
			throw error;
		} finally {
			running = null;
		}
	};
	const ensure = (isErasing: boolean): Promise<SnapshotManifest> => {
		running ??= run(isErasing);
		return running;
	};
	return {
		progress: () => progress,
		ensure,
		/** Starts one without waiting for it. */
		begin: (): void => {
			ensure(false).catch(() => undefined);
		},
		/** Resolves when none runs, however the last one ended. */
		idle: async (): Promise<void> => {
			await running?.catch(() => undefined);
		},
	};
}
