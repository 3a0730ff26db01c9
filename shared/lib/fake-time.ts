import { assert } from './assert.ts';
import type { Clock, Random, Timers } from './clock.ts';

/**
 * Time for tests: it stands still until it is advanced, so that an hour of waiting takes no time and always happens in the same order.
 * Owns a wall clock, a monotonic clock, the timers that hang on the latter, and a seeded random source.
 */
export type FakeTime = {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly random: Random;
	/** Runs every timer that falls due within `ms`, in order, each with what it sets off, and ends exactly `ms` later. */
	readonly advance: (ms: number) => Promise<void>;
	/** Advances from timer to timer until `isDone`; asserts that it takes no longer than `withinMs`. */
	readonly advanceUntil: (isDone: () => boolean, withinMs: number) => Promise<void>;
	/** Sets the wall clock forward or back as a person or a time server would. Monotonic time and timers do not notice. */
	readonly jumpWallClock: (ms: number) => void;
	/** Milliseconds until the next timer, or `null` when none is set. */
	readonly nextTimerInMs: () => number | null;
};

type Timer = { readonly dueMs: number; readonly order: number; readonly run: () => void };

/**
 * `settle` resolves when everything that can happen without time passing has happened: `setImmediate` of `node:timers/promises`
 * where only promises are at work. The same `seed` gives the same random values.
 */
export function createFakeTime(options: {
	readonly settle: () => Promise<unknown>;
	readonly startMs?: number;
	readonly seed?: number;
}): FakeTime {
	const startMs = options.startMs ?? Date.UTC(2026, 10, 22, 9, 0, 0);
	let monotonicMs = 0;
	let wallOffsetMs = startMs;
	let order = 0;
	const waiting = new Set<Timer>();

	const earliest = (): Timer | null => {
		let first: Timer | null = null;
		for (const timer of waiting) {
			if (first === null || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order)) first = timer;
		}
		return first;
	};
	const runNext = async (untilMs: number): Promise<boolean> => {
		const timer = earliest();
		if (timer === null || timer.dueMs > untilMs) return false;
		waiting.delete(timer);
		monotonicMs = Math.max(monotonicMs, timer.dueMs);
		timer.run();
		await options.settle();
		return true;
	};
	const after: Timers['after'] = (delayMs, run) => {
		assert(delayMs >= 0, 'a timer does not fall due in the past');
		order += 1;
		const timer: Timer = { dueMs: monotonicMs + delayMs, order, run };
		waiting.add(timer);
		return () => {
			waiting.delete(timer);
		};
	};

	return {
		clock: { nowMs: () => Math.floor(wallOffsetMs + monotonicMs), monotonicMs: () => monotonicMs, bootId: 'fake-boot' },
		timers: { after },
		random: seededRandom(options.seed ?? 1),
		advance: async (ms) => {
			const untilMs = monotonicMs + ms;
			await options.settle();
			while (await runNext(untilMs));
			monotonicMs = untilMs;
		},
		advanceUntil: async (isDone, withinMs) => {
			const untilMs = monotonicMs + withinMs;
			await options.settle();
			while (!isDone()) {
				const hasRun = await runNext(untilMs);
				assert(hasRun || isDone(), () => `not within ${withinMs} ms`);
			}
		},
		jumpWallClock: (ms) => {
			wallOffsetMs += ms;
		},
		nextTimerInMs: () => {
			const timer = earliest();
			return timer === null ? null : timer.dueMs - monotonicMs;
		},
	};
}

/** A repeatable random source (mulberry32): good enough to spread tests, for nothing secret. */
export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return (mixed ^ (mixed >>> 14)) >>> 0;
	};
	return {
		fraction: () => next() / 2 ** 32,
		bytes: (count) => Uint8Array.from({ length: count }, () => next() >>> 24),
	};
}
