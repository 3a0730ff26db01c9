import type { Timers } from '#shared/lib/clock.ts';
import { systemTimers } from '#main/devices/system-clock.ts';

/**
 * The system's timers, given to one engine alone, so that one can see when it sleeps: each of its two lanes then has one long timer and
 * nothing else. That is exact where counting calls and changes would only guess.
 */
export type WatchedTimers = {
	readonly timers: Timers;
	/** Resolves at the first moment that both lanes sleep and `isEnough` says so. Rejects after `withinMs`. */
	readonly asleep: (isEnough: () => boolean, withinMs: number) => Promise<void>;
};

/** The status board's pause between two emissions; no lane sleeps for exactly this. */
const BOARD_MS = 100;
const LANES = 2;

export function createWatchedTimers(): WatchedTimers {
	const pending = new Map<symbol, number>();
	let look: (() => void) | null = null;
	const isAsleep = (): boolean => {
		const delays = [...pending.values()].filter((delayMs) => delayMs !== BOARD_MS);
		return delays.length === LANES && delays.every((delayMs) => delayMs > BOARD_MS);
	};
	const lookSoon = (): void => void setImmediate(() => look?.());
	return {
		timers: {
			after: (delayMs, run) => {
				const timer = Symbol('timer');
				pending.set(timer, delayMs);
				const cancel = systemTimers.after(delayMs, () => {
					pending.delete(timer);
					run();
				});
				lookSoon();
				return () => {
					pending.delete(timer);
					cancel();
				};
			},
		},
		asleep: (isEnough, withinMs) =>
			new Promise((resolve, reject) => {
				const cancel = systemTimers.after(withinMs, () => {
					look = null;
					reject(new Error(`the engine did not come to rest within ${withinMs} ms; its timers: ${[...pending.values()].join(', ')}`));
				});
				look = () => {
					if (!isAsleep() || !isEnough()) return;
					look = null;
					cancel();
					resolve();
				};
				lookSoon();
			}),
	};
}
