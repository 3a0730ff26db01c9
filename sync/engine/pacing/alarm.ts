import type { Clock, Timers } from '#shared/lib/clock.ts';

/** The longest sleep without looking around: whatever was missed, an hour later it is noticed. */
const SLEEP_MS_MAX = 3_600_000;

/** How one loop sleeps and how the others wake it. */
export type Alarm = {
	/** Resolves at monotonic `untilMs` (`null`: only when it rings), or as soon as it rings. A ring before the sleep ends it at once. */
	readonly sleepUntil: (untilMs: number | null) => Promise<void>;
	readonly ring: () => void;
};

/** An alarm for one sleeper. */
export function createAlarm(clock: Pick<Clock, 'monotonicMs'>, timers: Timers): Alarm {
	let hasRung = false;
	let wake: (() => void) | null = null;
	return {
		sleepUntil: async (untilMs) => {
			if (hasRung) {
				hasRung = false;
				return;
			}
			const delayMs = untilMs === null ? SLEEP_MS_MAX : Math.min(SLEEP_MS_MAX, Math.max(0, untilMs - clock.monotonicMs()));
			await new Promise<void>((resolve) => {
				const cancel = timers.after(delayMs, () => wake?.());
				wake = () => {
					wake = null;
					cancel();
					resolve();
				};
			});
			hasRung = false;
		},
		ring: () => {
			hasRung = true;
			wake?.();
		},
	};
}
