/**
 * What a screen may know of the engine. Owns the engine's view of itself and the throttle in front of its listeners: at most one
 * emission per 100 ms, the last state always among them. In memory only.
 */
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Clock, Timers } from '#shared/lib/clock.ts';
import type { EntryStatus } from '../outbox/entry.ts';
import { WAITING_STATUSES } from '../outbox/entry.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Replica, ReplicaState } from '../replica/replica.ts';
import { addProgress, readProgress, startProgress } from './pacing/progress.ts';
import type { Progress } from './pacing/progress.ts';
import type { LineState, SyncStatus, SyncWork } from './sync-status.ts';

/** Who works and may fail. In the order in which their work and their errors are shown. */
export const LANES = ['contact', 'push', 'pull'] as const;
export type Lane = (typeof LANES)[number];

/** Work as a lane reports it; rate and time left are the board's, and of a push the total too. */
export type WorkReport = Pick<SyncWork, 'kind' | 'done' | 'total' | 'unit'>;

export type NextPull = Pick<SyncStatus, 'nextPullAtMs' | 'isPullHeld'>;

export type StatusBoard = {
	readonly read: () => SyncStatus;
	readonly setLine: (line: LineState, nextTryAtMs?: number | null) => void;
	readonly setError: (lane: Lane, error: LoyaltyError | null) => void;
	readonly setWork: (lane: Lane, work: WorkReport | null) => void;
	/** A push was answered, a pull reached the head of the feed: now. */
	readonly mark: (what: 'push' | 'pull') => void;
	/** When the next pull begins, and whether headquarters holds it open. */
	readonly setNextPull: (next: NextPull) => void;
	/** Entries that would be sent by themselves, as last counted. */
	readonly backlog: () => number;
	/** Counts the outbox again and tells the listeners when the throttle lets it. */
	readonly refresh: () => void;
	/** Counts the outbox now. */
	readonly recount: () => Promise<void>;
	readonly onStatus: (listener: (status: SyncStatus) => void) => () => void;
	readonly close: () => void;
};

const EMIT_EVERY_MS = 100;
const NOTICES = {
	damaged: 'replica_damaged',
	newer_version: 'replica_newer_version',
	older_version: 'replica_older_version',
} as const satisfies Record<NonNullable<ReplicaState['rebuiltBecause']>, SyncStatus['notice']>;

type Counts = Readonly<Record<EntryStatus, number>>;
type Running = { readonly report: WorkReport; readonly progress: Progress };
const NO_COUNTS: Counts = { pending: 0, sending: 0, applied: 0, rejected: 0, deferred: 0, unknown: 0, parked: 0, voided: 0, closed: 0 };

export type StatusBoardOptions = {
	readonly outbox: Pick<Outbox, 'counts' | 'state'>;
	readonly replica: Pick<Replica, 'state'>;
	readonly clock: Clock;
	readonly timers: Timers;
	/** Told when the outbox could not be counted: the counts stay as they were. */
	readonly onCountFailure: (cause: unknown) => void;
};

export function createStatusBoard(options: StatusBoardOptions): StatusBoard {
	const { clock } = options;
	const errors: Record<Lane, LoyaltyError | null> = { contact: null, push: null, pull: null };
	const works: Record<Lane, Running | null> = { contact: null, push: null, pull: null };
	const line: LineFacts = { state: 'unpaired', offlineSinceMs: null, nextTryAtMs: null };
	const last: Record<'push' | 'pull', number | null> = { push: null, pull: null };
	let nextPull: NextPull = { nextPullAtMs: null, isPullHeld: false };
	const counter = createCounter(options);

	const read = (): SyncStatus => {
		const { phase, rows, asOfMs, rebuiltBecause } = options.replica.state();
		const counts = counter.counts();
		return {
			line: line.state,
			offlineSinceMs: line.offlineSinceMs,
			nextTryAtMs: line.nextTryAtMs,
			lastPushAtMs: last.push,
			lastPullAtMs: last.pull,
			...nextPull,
			waiting: WAITING_STATUSES.reduce((sum, status) => sum + counts[status], 0),
			needsPerson: counts.rejected + counts.parked,
			members: { phase, rows, asOfMs },
			work: shownWork(works, backlogOf(counts)),
			clockSkewMs: options.outbox.state().skewMs,
			error: errors.contact ?? errors.push ?? errors.pull,
			notice: rebuiltBecause === null ? null : NOTICES[rebuiltBecause],
		};
	};
	const emitter = createEmitter(options.timers, async () => {
		await counter.recount();
		return read();
	});

	return {
		read,
		setLine: (state, nextTryAtMs = null) => {
			changeLine(line, { state, nextTryAtMs, nowMs: clock.nowMs() });
			emitter.changed();
		},
		setError: (lane, error) => {
			errors[lane] = error;
			emitter.changed();
		},
		setWork: (lane, report) => {
			works[lane] = report === null ? null : running(works[lane], report, clock.monotonicMs());
			emitter.changed();
		},
		mark: (what) => {
			last[what] = clock.nowMs();
			emitter.changed();
		},
		setNextPull: (next) => {
			nextPull = next;
			emitter.changed();
		},
		backlog: () => backlogOf(counter.counts()),
		refresh: () => {
			counter.outdate();
			emitter.changed();
		},
		recount: counter.recount,
		onStatus: emitter.listen,
		close: emitter.close,
	};
}

type LineFacts = { state: LineState; offlineSinceMs: number | null; nextTryAtMs: number | null };

function changeLine(
	line: LineFacts,
	change: { readonly state: LineState; readonly nextTryAtMs: number | null; readonly nowMs: number },
): void {
	if (change.state === 'offline') line.offlineSinceMs ??= change.nowMs;
	if (change.state === 'online') line.offlineSinceMs = null;
	line.state = change.state;
	line.nextTryAtMs = change.nextTryAtMs;
}

/** The counts of the outbox as last seen, counted again only when something changed. */
function createCounter(options: Pick<StatusBoardOptions, 'outbox' | 'onCountFailure'>): {
	readonly counts: () => Counts;
	readonly outdate: () => void;
	readonly recount: () => Promise<void>;
} {
	let counts = NO_COUNTS;
	let isOutdated = true;
	return {
		counts: () => counts,
		outdate: () => {
			isOutdated = true;
		},
		recount: async () => {
			if (!isOutdated) return;
			isOutdated = false;
			try {
				counts = await options.outbox.counts();
			} catch (cause) {
				options.onCountFailure(cause);
			}
		},
	};
}

/** Tells listeners what `take` gives, at most once per `EMIT_EVERY_MS` and only when it differs from what they were told. */
function createEmitter(
	timers: Timers,
	take: () => Promise<SyncStatus>,
): { readonly changed: () => void; readonly listen: StatusBoard['onStatus']; readonly close: () => void } {
	const listeners = new Set<(status: SyncStatus) => void>();
	let cancel: (() => void) | null = null;
	let told = '';
	let emitting: Promise<void> = Promise.resolve();
	const emit = async (): Promise<void> => {
		const status = await take();
		const json = JSON.stringify(status);
		if (json === told) return;
		told = json;
		for (const listener of listeners) listener(status);
	};
	return {
		changed: () => {
			cancel ??= timers.after(EMIT_EVERY_MS, () => {
				cancel = null;
				// One after the other: a slow count must not let an older status overtake a newer one.
				emitting = emitting.then(emit);
			});
		},
		listen: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		close: () => {
			cancel?.();
			cancel = null;
			listeners.clear();
		},
	};
}

function running(before: Running | null, report: WorkReport, nowMs: number): Running {
	if (before === null || before.report.kind !== report.kind) return { report, progress: startProgress(nowMs, report.done) };
	return { report, progress: addProgress(before.progress, nowMs, report.done) };
}

/** The total of a push is counted as late as possible: sales go on while it works. */
function shownWork(works: Readonly<Record<Lane, Running | null>>, backlog: number): SyncWork | null {
	for (const lane of LANES) {
		const work = works[lane];
		if (work === null) continue;
		const total = work.report.kind === 'push' ? work.report.done + backlog : work.report.total;
		return { ...work.report, total, ...readProgress(work.progress, total) };
	}
	return null;
}

function backlogOf(counts: Counts): number {
	return counts.pending + counts.sending;
}
