import { randomFillSync, randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock, Random, Timers } from '#shared/lib/clock.ts';

/** setTimeout fires at once beyond this (2^31 − 1 ms, nearly 25 days). */
const TIMER_MS_MAX = 2_147_483_647;

/** The machine's own time. One `bootId` per boot of the machine where it tells (Linux), otherwise one per process. */
export function createSystemClock(): Clock {
	const bootId = readBootId();
	return {
		nowMs: () => Date.now(),
		// hrtime counts from the machine's boot, so that two processes of one boot can be compared; performance.now() does not.
		monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
		bootId,
	};
}

/** Timers of this process. */
export const systemTimers: Timers = {
	after: (delayMs, run) => {
		const timer = setTimeout(run, Math.min(Math.max(0, delayMs), TIMER_MS_MAX));
		return () => {
			clearTimeout(timer);
		};
	},
};

/** The system's cryptographic randomness, for ids and keys and everything else. */
export const systemRandom: Random = {
	fraction: () => randomInt(2 ** 47) / 2 ** 47,
	bytes: (count) => randomFillSync(new Uint8Array(count)),
};

function readBootId(): string {
	try {
		return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
	} catch {
		// Not Linux: an id per process is true as well, it only says less.
		return randomUUID();
	}
}
