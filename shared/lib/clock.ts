/**
 * Time as a parameter. `nowMs` is the wall clock (unix milliseconds, may jump), `monotonicMs` never goes back
 * within one boot and says nothing across boots: `bootId` tells one boot from another.
 */
export type Clock = {
	readonly nowMs: () => number;
	readonly monotonicMs: () => number;
	readonly bootId: string;
};

/** Timers as a parameter. `after` calls `run` once after `delayMs` and returns the way to cancel it. */
export type Timers = {
	readonly after: (delayMs: number, run: () => void) => () => void;
};

/** Randomness as a parameter: `fraction` in [0, 1), `bytes` for ids and keys. */
export type Random = {
	readonly fraction: () => number;
	readonly bytes: (count: number) => Uint8Array;
};
