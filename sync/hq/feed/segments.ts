import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { HqContext } from '../context.ts';
import type { FeedPlace } from './cursor.ts';
import type { Publisher } from './publisher.ts';
import { BEHIND_MIN, chooseSegment, planMerge, replaceIn } from './segments/chain.ts';
import type { Segment } from './segments/chain.ts';
import { exportRange } from './segments/export-range.ts';
import type { ExportPorts } from './segments/export-range.ts';
import { readLeftSince } from './segments/left-since.ts';
import { createSegmentFolder } from './segments/segment-folder.ts';
import type { SegmentIndex } from './segments/segment-folder.ts';
import { packInPool } from './snapshot/build.ts';
import type { ServedFile } from './snapshot/shelf.ts';

export type SegmentContext = Pick<HqContext, 'database' | 'clock' | 'random' | 'timers' | 'logger' | 'dataDir' | 'epoch' | 'stopping'>;

/**
 * Keeps the feed of the past weeks as files, so that terminals that were away read the same bytes, which any cache can serve, and headquarters
 * reads the database only for the open end.
 *
 * Owns the folder `<dataDir>/segment`. Each minute what is new becomes a segment; those of an hour become one, and of a day. Members are kept
 * in their newest state, so a merge writes anew what of the range is still there. When somebody opts out, every file with their
 * data leaves the chain at once and is written again without it. After a crash: the chain as of its last index, and opt-outs since then are
 * looked for before anything is served.
 */
export type SegmentService = {
	/** Takes up what is on disk and goes on from there. */
	readonly start: () => Promise<void>;
	/** The segment for a terminal at `place`, `null` when the database answers. */
	readonly choose: (place: FeedPlace) => Segment | null;
	readonly find: (path: string) => Pick<ServedFile, 'location' | 'bytes' | 'sha256'> | null;
	/** Everything that is due now: closes what is new, merges, forgets. For tests and for who must be sure. */
	readonly settle: () => Promise<void>;
	readonly stop: () => Promise<void>;
};

const CLOSE_MS = 60_000;
/** After a head has moved: opt-outs are looked for this much later, once for all rounds in between. */
const FORGET_MS = 500;
/** Older segments go: a terminal that was away for longer has its snapshot, or its horizon. */
const KEPT_MS = 30 * 86_400_000;
const SEGMENTS_MAX = 2_000;

const unzip = promisify(gunzip);

/** `behindMin`: fewer numbers than `BEHIND_MIN`, for tests; `unpack`: the way back of another `pack` than gzip. */
export type SegmentPorts = ExportPorts & { readonly behindMin?: number; readonly unpack?: (bytes: Buffer) => Promise<Buffer> };

/** Makes the service; nothing runs before `start`. `ports` replaces folder and packing, for tests. */
export function createSegments(
	context: SegmentContext,
	publisher: Pick<Publisher, 'heads' | 'refresh' | 'onMoved'>,
	ports: SegmentPorts = { folder: createSegmentFolder(context.dataDir, context.epoch), pack: packInPool },
): SegmentService {
	const { timers, logger, stopping, epoch } = context;
	const { behindMin = BEHIND_MIN } = ports;
	const parts: Parts = { context, ports, headNow: async () => ({ epoch, seqs: (await publisher.refresh()).seqs }) };
	const kept = createKeeper(context, ports);
	let cancelClosing: () => void = () => undefined;
	let cancelForgetting: () => void = () => undefined;
	let isForgetting = false;

	/** What has to leave is not served from the moment that it is known. */
	const forget = async (): Promise<void> => {
		await kept.change((current) => leaveOut(parts, current, kept.put));
	};
	const settle = async (): Promise<void> => {
		await forget();
		await kept.change((current) => closeTail(parts, current));
		await kept.change((current) => mergeAll(parts, current));
	};
	const logged = (work: () => Promise<void>): Promise<void> =>
		work().catch((error: unknown) => {
			if (!stopping.aborted) logger.error({ err: error }, 'the segments of the feed could not be looked after');
		});
	const closeLater = (): void => {
		if (stopping.aborted) return;
		cancelClosing = timers.after(CLOSE_MS, () => void logged(settle).then(closeLater));
	};
	const stopListening = publisher.onMoved(() => {
		if (isForgetting || stopping.aborted || kept.index() === null) return;
		isForgetting = true;
		cancelForgetting = timers.after(FORGET_MS, () => {
			isForgetting = false;
			void logged(forget);
		});
	});
	return {
		start: async () => {
			const head = await parts.headNow();
			const loaded = await ports.folder.load();
			// Of another life of this database, or of one that went back: nothing of it fits.
			const index = loaded !== null && fits(loaded, head) ? loaded : { segments: [], end: head, checked: head };
			kept.put(index);
			await ports.folder.removeOthers(index.segments.map(({ path }) => path));
			await logged(forget);
			closeLater();
		},
		choose: (place) => chooseSegment(kept.index()?.segments ?? [], place, { head: { epoch, seqs: publisher.heads().seqs }, behindMin }),
		find: (path) => {
			const segment = kept.index()?.segments.find((candidate) => candidate.path === path);
			return segment === undefined ? null : { ...segment, location: ports.folder.locate(path) };
		},
		settle,
		stop: async () => {
			stopListening();
			cancelClosing();
			cancelForgetting();
			await kept.idle();
		},
	};
}

/** The index in memory and on disk, changed by one at a time. */
function createKeeper({ stopping }: SegmentContext, { folder }: ExportPorts) {
	let index: SegmentIndex | null = null;
	let turn: Promise<void> = Promise.resolve();
	const changeNow = async (work: (current: SegmentIndex) => Promise<SegmentIndex>): Promise<void> => {
		if (index === null || stopping.aborted) return;
		const before = index;
		index = await work(before);
		// How far was looked for opt-outs is written down with the next change: to look again does no harm.
		if (index.segments === before.segments && index.end === before.end) return;
		await folder.save(index);
		await folder.removeOthers(index.segments.map(({ path }) => path));
	};
	return {
		index: (): SegmentIndex | null => index,
		/** Serves it from now on. */
		put: (next: SegmentIndex): void => {
			index = next;
		},
		change: (work: (current: SegmentIndex) => Promise<SegmentIndex>): Promise<void> => {
			const mine = turn.then(() => changeNow(work));
			turn = mine.catch(() => undefined);
			return mine;
		},
		idle: (): Promise<void> => turn,
	};
}

type Parts = { readonly context: SegmentContext; readonly ports: SegmentPorts; readonly headNow: () => Promise<FeedPlace> };

function fits({ end, checked }: SegmentIndex, head: FeedPlace): boolean {
	return [end, checked].every((place) => place.epoch === head.epoch && place.seqs.every((seq, shard) => seq <= (head.seqs[shard] ?? 0)));
}

/** What is new since the last segment becomes the next ones. */
async function closeTail({ context, ports, headNow }: Parts, current: SegmentIndex): Promise<SegmentIndex> {
	const nowMs = context.clock.nowMs();
	const to = await headNow();
	const written = await exportRange(context, ports, { from: current.end, to, level: 'minute', closedAtMs: nowMs });
	// The horizon has passed the end of the chain: a terminal that could read it is told to load.
	if (written === null) return { segments: [], end: to, checked: to };
	const kept = current.segments.filter((segment) => nowMs - segment.closedAtMs < KEPT_MS).slice(-SEGMENTS_MAX);
	if (written.length === 0 && kept.length === current.segments.length) return current;
	// Everybody who was in between has moved on already: the next segment begins where the last one ends, not to leave a hole.
	const end = written.at(-1)?.to ?? current.end;
	return { ...current, segments: [...kept, ...written], end };
}

/** Merges what is due, the oldest first. */
async function mergeAll({ context, ports }: Parts, current: SegmentIndex): Promise<SegmentIndex> {
	let { segments } = current;
	for (;;) {
		const merge = planMerge(segments, context.clock.nowMs());
		const [first, last] = [merge?.segments[0], merge?.segments.at(-1)];
		if (merge === null || first === undefined || last === undefined || context.stopping.aborted) break;
		const written = await exportRange(context, ports, { from: first.from, to: last.to, level: merge.level, closedAtMs: last.closedAtMs });
		segments = replaceIn(segments, merge.segments, written ?? []);
	}
	return segments === current.segments ? current : { ...current, segments };
}

/** Takes files out of the chain that hold members who have opted out since the last look, and writes them again. */
async function leaveOut(
	{ context, ports, headNow }: Parts,
	current: SegmentIndex,
	serve: (index: SegmentIndex) => void,
): Promise<SegmentIndex> {
	const head = await headNow();
	if (head.seqs.every((seq, shard) => seq === current.checked.seqs[shard])) return current;
	const left = await readLeftSince(context.database, current.checked);
	const affected = left.length === 0 ? [] : await findHolding(ports, current.segments, left);
	if (affected.length === 0) return { ...current, checked: head };
	const clean = { ...current, segments: current.segments.filter((segment) => !affected.includes(segment)) };
	serve(clean);
	await ports.folder.save(clean);
	await ports.folder.removeOthers(clean.segments.map(({ path }) => path));
	let { segments } = current;
	for (const old of affected) {
		segments = replaceIn(segments, [old], (await exportRange(context, ports, old)) ?? []);
	}
	context.logger.info(
		{ members: left.length, files: affected.length },
		'segments of the feed were written again without members who opted out',
	);
	return { ...current, segments, checked: head };
}

/** The segments in whose rows one of the ids begins. */
async function findHolding(
	{ folder, unpack = unzip }: SegmentPorts,
	segments: readonly Segment[],
	ids: readonly string[],
): Promise<readonly Segment[]> {
	const found: Segment[] = [];
	for (const segment of segments) {
		const rows = await unpack(await folder.read(segment.path));
		if (ids.some((id) => rows.includes(`["${id}",`))) found.push(segment);
	}
	return found;
}
