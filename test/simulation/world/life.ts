/**
 * One life of a program, from its start to its end. Everything that it waits for goes through `reach` or its timers, so that after `end`
 * nothing of it ever goes on: as with a process that is gone.
 */
import type { Clock, Random, Timers } from '#shared/lib/clock.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';

export type Life = {
	readonly timers: Timers;
	/** Resolves after a few turns of the queue, so that what runs side by side meets in every order; never when the life is over by then. */
	readonly reach: () => Promise<void>;
	/** The life ends when this many more points were reached; `null` takes that back. */
	readonly endAfter: (points: number | null) => void;
	readonly end: () => void;
	readonly isOver: () => boolean;
	/** Called once, at the end; at once when it is over already. Returns the way to stop. */
	readonly onEnd: (listener: () => void) => () => void;
};

const TURNS_MAX = 4;

export function createLife(timers: Timers, random: Random): Life {
	const listeners = new Set<() => void>();
	const waiting = new Set<() => void>();
	let pointsLeft: number | null = null;
	let isOver = false;
	const end = (): void => {
		if (isOver) return;
		isOver = true;
		for (const cancel of waiting) cancel();
		waiting.clear();
		for (const listener of listeners) listener();
		listeners.clear();
	};
	return {
		timers: {
			after: (delayMs, run) => {
				if (isOver) return () => undefined;
				const stop = timers.after(delayMs, () => {
					waiting.delete(cancel);
					run();
				});
				const cancel = (): void => {
					waiting.delete(cancel);
					stop();
				};
				waiting.add(cancel);
				return cancel;
			},
		},
		reach: async () => {
			if (pointsLeft !== null) {
				pointsLeft -= 1;
				if (pointsLeft <= 0) end();
			}
			for (let turns = Math.floor(random.fraction() * TURNS_MAX); turns > 0 && !isOver; turns -= 1) await Promise.resolve();
			if (isOver) await never();
		},
		endAfter: (points) => {
			pointsLeft = points;
		},
		end,
		isOver: () => isOver,
		onEnd: (listener) => {
			if (isOver) listener();
			else listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

/** What a program waits for that is gone. */
export function never(): Promise<never> {
	return Promise.withResolvers<never>().promise;
}

/** A machine's clock: its wall clock may be wrong, and is told so from outside. */
export type MachineClock = { readonly clock: (bootId: string) => Clock; readonly jump: (ms: number) => void };

export function createMachineClock(time: Pick<FakeTime, 'clock'>, aheadMs: number): MachineClock {
	let offsetMs = aheadMs;
	return {
		clock: (bootId) => ({
			bootId,
			nowMs: () => time.clock.nowMs() + offsetMs,
			monotonicMs: time.clock.monotonicMs,
		}),
		jump: (ms) => {
			offsetMs += ms;
		},
	};
}
