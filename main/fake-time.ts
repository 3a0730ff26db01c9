import type { Clock, Timers } from '#shared/lib/clock.ts';

/** A clock and timers that the test turns by hand. */
export type FakeTime = {
	readonly clock: Clock;
	readonly timers: Timers;
	/** Lets time pass, runs what is due by then, and lets what that set off go on. */
	readonly pass: (ms: number) => Promise<void>;
	/** How many timers wait. */
	readonly pending: () => number;
};

/** Long chains of promises settle within this many turns. */
const TURNS = 30;

/** Time that begins at `nowMs` (unix milliseconds); the monotonic clock begins at 0. */
export function createFakeTime(nowMs = 1_700_000_000_000): FakeTime {
	const waiting = new Set<{ readonly dueMs: number; readonly run: () => void }>();
	let passedMs = 0;
	return {
		clock: { nowMs: () => nowMs + passedMs, monotonicMs: () => passedMs, bootId: 'fake' },
		timers: {
			after: (delayMs, run) => {
				const timer = { dueMs: passedMs + delayMs, run };
				waiting.add(timer);
				return () => {
					waiting.delete(timer);
				};
			},
		},
		pass: async (ms) => {
			passedMs += ms;
			for (const timer of waiting) {
				if (timer.dueMs > passedMs) continue;
				waiting.delete(timer);
				timer.run();
			}
			await settle();
		},
		pending: () => waiting.size,
	};
}

/** Lets everything go on that waits for a promise only. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
}
