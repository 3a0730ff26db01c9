import { createSystemClock } from '#main/devices/system-clock.ts';
import type { Clock } from '#shared/lib/clock.ts';

/** The clock of one machine: the system's, set wrong by as much as a test says. Only the wall clock is; what counts from the boot is not. */
export type PartyClock = {
	readonly nowMs: () => number;
	readonly advance: (ms: number) => void;
	/** As a program sees it that runs under this boot of the machine. */
	readonly underBoot: (bootId: string) => Clock;
};

export function createPartyClock(): PartyClock {
	const system = createSystemClock();
	let offsetMs = 0;
	const nowMs = (): number => system.nowMs() + offsetMs;
	return {
		nowMs,
		advance: (ms) => {
			offsetMs += ms;
		},
		underBoot: (bootId) => ({ nowMs, monotonicMs: system.monotonicMs, bootId }),
	};
}
