import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock, Random, Timers } from '#shared/lib/clock.ts';

/** The machine's clock. One per process: `bootId` says which one's `monotonicMs` it is. */
export function createSystemClock(): Clock {
	return { nowMs: () => Date.now(), monotonicMs: () => performance.now(), bootId: randomUUID() };
}

/** The machine's randomness, fit for keys. */
export function createSystemRandom(): Random {
	return {
		fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
		bytes: (count) => new Uint8Array(randomBytes(count)),
	};
}

/** The machine's timers. They do not keep the process alive: only sockets and work under way do. */
export function createSystemTimers(): Timers {
	return {
		after: (delayMs, run) => {
			const timer = setTimeout(run, delayMs);
			timer.unref();
			return () => clearTimeout(timer);
		},
	};
}
