import type { Clock, Timers } from '#shared/lib/clock.ts';
import type { Power } from '../ports.ts';

const LOOK_EVERY_MS = 5_000;
/** A tick that is later than this was not late, it slept. */
const SLEEP_GAP_MS = 15_000;
/** More than any time service slews between two looks. */
const CLOCK_JUMP_MS = 2_000;

/** A `Power` with a way to end it and to report a wake-up that the machine itself announced. */
export type WakeDetector = Power & { readonly wake: () => void; readonly stop: () => void };

/**
 * Notices sleep and jumps of the wall clock by comparing both clocks every five seconds: the monotonic clock may stand still
 * while the machine sleeps, the wall clock does not. Works without any help of the system; one per process.
 */
export function createWakeDetector(ports: { readonly clock: Clock; readonly timers: Timers }): WakeDetector {
	const { clock, timers } = ports;
	const listeners = new Set<() => void>();
	const wake = (): void => {
		for (const listener of listeners) listener();
	};
	let seen = look(clock);
	let cancel: () => void;
	const tick = (): void => {
		const now = look(clock);
		const monotonicGapMs = now.monotonicMs - seen.monotonicMs;
		const jumpMs = Math.abs(now.wallMs - seen.wallMs - monotonicGapMs);
		seen = now;
		if (monotonicGapMs > SLEEP_GAP_MS || jumpMs > CLOCK_JUMP_MS) wake();
		cancel = timers.after(LOOK_EVERY_MS, tick);
	};
	cancel = timers.after(LOOK_EVERY_MS, tick);
	return {
		onWake: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		wake: () => {
			// The next look must not report the same sleep again.
			seen = look(clock);
			wake();
		},
		stop: () => {
			cancel();
			listeners.clear();
		},
	};
}

function look(clock: Clock): { readonly wallMs: number; readonly monotonicMs: number } {
	return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}
