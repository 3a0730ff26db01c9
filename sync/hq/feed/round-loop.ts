import type { Clock, Timers } from '#shared/lib/clock.ts';

/** Runs rounds one after the other: each says in how many milliseconds the next is due, and `wake` brings that forward. */
export type RoundLoop = {
	/** A round is wanted soon: `gapMs` after the end of the last one at the earliest. */
	readonly wake: () => void;
	readonly start: () => void;
	/** No round begins after this; resolves when the one that runs has ended. */
	readonly stop: () => Promise<void>;
	/** Resolves when no round runs. */
	readonly idle: () => Promise<void>;
};

/** `run` never rejects and never overlaps itself. */
export function createRoundLoop(options: {
	readonly clock: Pick<Clock, 'monotonicMs'>;
	readonly timers: Timers;
	readonly gapMs: number;
	readonly run: () => Promise<number>;
}): RoundLoop {
	const { clock, timers, gapMs, run } = options;
	let running: Promise<void> | null = null;
	let isStarted = false;
	let wakes = 0;
	let endedAtMs = Number.NEGATIVE_INFINITY;
	let cancelTimer: () => void = () => undefined;

	const schedule = (delayMs: number): void => {
		cancelTimer();
		if (!isStarted) return;
		cancelTimer = timers.after(delayMs, () => {
			running = runOnce();
		});
	};
	const runOnce = async (): Promise<void> => {
		const wakesBefore = wakes;
		const nextMs = await run();
		endedAtMs = clock.monotonicMs();
		running = null;
		// Woken while it ran: what woke it may have come too late for it.
		schedule(wakes > wakesBefore ? Math.min(nextMs, gapMs) : nextMs);
	};
	return {
		wake: () => {
			wakes += 1;
			if (running === null) schedule(Math.max(0, endedAtMs + gapMs - clock.monotonicMs()));
		},
		start: () => {
			isStarted = true;
			schedule(0);
		},
		stop: async () => {
			isStarted = false;
			cancelTimer();
			await running;
		},
		idle: async () => {
			await running;
		},
	};
}
