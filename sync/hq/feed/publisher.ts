import type { Timers } from '#shared/lib/clock.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { HqContext } from '../context.ts';
import type { Database } from '../storage/database.ts';
import { createLagMeter } from './lag.ts';
import type { Lag } from './lag.ts';
import { publishRound, readHeads, ROUND_STAGED_MAX } from './publish-round.ts';
import type { Heads, Round } from './publish-round.ts';
import { createRoundLoop } from './round-loop.ts';

export type PublisherContext = Pick<HqContext, 'database' | 'clock' | 'timers' | 'logger' | 'onStaged'>;

/** Rounds run and members given a place since the start. */
export type PublisherMetrics = { readonly rounds: number; readonly published: number; readonly lag: Lag };

/**
 * Gives the changes of members their places in the feed, and tells who waits for them.
 *
 * Every headquarters process has one, and whichever holds the lock publishes for all. Woken by announced changes and by a timer, it never
 * runs two rounds at once. It owns no state that matters: numbers live in the database, and after a crash the next round takes what is
 * staged. What it knows of the heads may lag behind another process's by a second, never run ahead of the database.
 */
export type Publisher = {
	/** Where the shards stand, as far as this process knows. */
	readonly heads: () => Heads;
	/** Reads the heads from the database now. */
	readonly refresh: () => Promise<Heads>;
	/** Publishes what is staged until nothing is left. For who must be sure, such as a test or the end of an import. */
	readonly publishAll: () => Promise<void>;
	/** Calls `listener` whenever a head has moved; returns the way to stop it. */
	readonly onMoved: (listener: () => void) => () => void;
	readonly metrics: () => PublisherMetrics;
	/** Reads the heads, then publishes until `stop`. */
	readonly start: () => Promise<void>;
	/** Waits for the round that runs. */
	readonly stop: () => Promise<void>;
};

/** Between two rounds, so that many small pushes share one. A change waits at worst for a round, this, and its own round. */
const GAP_MS = 5;
/** After a round that found something. */
const BUSY_MS = 100;
const IDLE_MS = 1_000;
/**
 * Rounds on end that may pass over members who are just being changed. Then one waits, so that nobody who changes all the time is left out for
 * ever: for the oldest few only, since everybody else waits with it.
 */
const PASS_OVER_ROUNDS = 50;
const WAIT_STAGED_MAX = 50;
/** After a round that failed: the database is away. */
const FAILED_MS = 5_000;

/** Makes the publisher; nothing runs before `start`. */
export function createPublisher(context: PublisherContext): Publisher {
	const { database, clock, timers, logger } = context;
	const listeners = new Set<() => void>();
	const lag = createLagMeter();
	let heads: Heads = { seqs: Array.from({ length: SHARD_COUNT }, () => 0), horizons: Array.from({ length: SHARD_COUNT }, () => 0) };
	const rounds = createRounds(database);
	let announcedAtMs: number | null = null;

	const refresh = async (): Promise<Heads> => {
		const before = heads;
		heads = laterOf(heads, await readHeads(database.urgent));
		if (heads.seqs.some((seq, shard) => seq !== before.seqs[shard])) for (const listener of listeners) listener();
		return heads;
	};
	const runRound = async (): Promise<number> => {
		const sinceMs = announcedAtMs;
		announcedAtMs = null;
		const { isLeader, taken, placed, left, isFull } = await rounds.next();
		await refresh();
		// Whoever publishes it, it is not known to be published yet.
		if (!isLeader) announcedAtMs = sinceMs;
		if (placed > 0 && sinceMs !== null) lag.note(clock.monotonicMs() - sinceMs);
		if (isLeader && isFull) return 0;
		// Somebody else's round may have begun before our change; a push that held a member has mostly ended by now.
		if (!isLeader || left > 0) return GAP_MS;
		return taken > 0 ? BUSY_MS : IDLE_MS;
	};
	const run = async (): Promise<number> => {
		try {
			return await runRound();
		} catch (error) {
			// What is staged stays staged, and the next round finds it.
			logger.error({ err: error }, 'a round of the feed failed');
			return FAILED_MS;
		}
	};
	const loop = createRoundLoop({ clock, timers, gapMs: GAP_MS, run });
	let stopListening: () => void = () => undefined;
	return {
		heads: () => heads,
		refresh,
		publishAll: async () => {
			await loop.idle();
			for (let isDone = false; !isDone;) {
				const { isLeader, taken } = await publishRound(database.urgent);
				isDone = isLeader && taken === 0;
				// Another process is at it, and may have begun before the change that the caller means.
				if (!isLeader) await pause(timers, GAP_MS);
			}
			await refresh();
		},
		onMoved: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		metrics: () => ({ ...rounds.counts(), lag: lag.read() }),
		start: async () => {
			await refresh();
			stopListening = context.onStaged(() => {
				announcedAtMs ??= clock.monotonicMs();
				loop.wake();
			});
			loop.start();
		},
		stop: async () => {
			stopListening();
			await loop.stop();
		},
	};
}

/** Answers may overtake each other; heads only rise within an epoch. */
function laterOf(known: Heads, read: Heads): Heads {
	const higher = (left: readonly number[], right: readonly number[]): number[] =>
		left.map((number, shard) => Math.max(number, right[shard] ?? 0));
	return { seqs: higher(known.seqs, read.seqs), horizons: higher(known.horizons, read.horizons) };
}

/** Runs rounds and counts them. */
function createRounds(database: Database) {
	let counts = { rounds: 0, published: 0 };
	let roundsLeaving = 0;
	return {
		counts: () => counts,
		/** `isFull`: there may be more than it was allowed to take. */
		next: async (): Promise<Round & { readonly isFull: boolean }> => {
			const isPatient = roundsLeaving >= PASS_OVER_ROUNDS;
			const round = isPatient
				? await publishRound(database.urgent, 'wait', WAIT_STAGED_MAX)
				: await publishRound(database.urgent, 'pass_over');
			roundsLeaving = round.left > 0 ? roundsLeaving + 1 : 0;
			counts = { rounds: counts.rounds + 1, published: counts.published + round.placed };
			return { ...round, isFull: isPatient || round.taken + round.left === ROUND_STAGED_MAX };
		},
	};
}

function pause(timers: Timers, delayMs: number): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	timers.after(delayMs, resolve);
	return promise;
}
