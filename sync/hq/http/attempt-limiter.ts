import type { Clock } from '#shared/lib/clock.ts';

export type AttemptLimits = { readonly windowMs: number; readonly perKeyMax: number; readonly totalMax: number };

/** Counts failures. `waitMs` is how long `key` has to wait before its next try, 0 for not at all. */
export type AttemptLimiter = { readonly waitMs: (key: string) => number; readonly addFailure: (key: string) => void };

/**
 * Failures by key and in all within a fixed window, in memory: what a restart forgets costs a guesser more than it gains.
 * Both counts start anew with each window, which also bounds the memory.
 */
export function createAttemptLimiter(clock: Pick<Clock, 'monotonicMs'>, limits: AttemptLimits): AttemptLimiter {
	let windowEndsAtMs = 0;
	let total = 0;
	const byKey = new Map<string, number>();
	const turn = (): void => {
		if (clock.monotonicMs() < windowEndsAtMs) return;
		windowEndsAtMs = clock.monotonicMs() + limits.windowMs;
		total = 0;
		byKey.clear();
	};
	return {
		waitMs: (key) => {
			turn();
			const isFull = total >= limits.totalMax || (byKey.get(key) ?? 0) >= limits.perKeyMax;
			return isFull ? Math.ceil(windowEndsAtMs - clock.monotonicMs()) : 0;
		},
		addFailure: (key) => {
			turn();
			total += 1;
			byKey.set(key, (byKey.get(key) ?? 0) + 1);
		},
	};
}
