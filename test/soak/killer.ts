import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '#shared/lib/clock.ts';

/** Kills something again and again at random moments, until it is stopped. */
export type Killer = {
	readonly start: () => void;
	/** Resolves when the last kill, with the start that follows it, is over. */
	readonly stop: () => Promise<void>;
	readonly kills: () => number;
};

/**
 * `kill` kills and starts again, and resolves when what it started is at work: on a slow machine too there is something to be interrupted.
 * Between that and the next kill lie half to one and a half times `everyMs`.
 */
export function createKiller(options: {
	readonly random: Random;
	readonly everyMs: number;
	/** No more than this often; `null`: without end. */
	readonly killsMax: number | null;
	readonly kill: (stopping: AbortSignal) => Promise<void>;
}): Killer {
	const stopping = new AbortController();
	let killing: Promise<void> = Promise.resolve();
	let kills = 0;
	const killOn = async (): Promise<void> => {
		while (!stopping.signal.aborted && kills !== options.killsMax) {
			const delayMs = options.everyMs * (0.5 + options.random.fraction());
			// Ending the wait early is what `stop` is for.
			const isStopped = await pause(delayMs, false, { signal: stopping.signal }).catch(() => true);
			if (isStopped) return;
			kills += 1;
			await options.kill(stopping.signal);
		}
	};
	return {
		start: () => {
			killing = killOn();
		},
		stop: async () => {
			stopping.abort();
			await killing;
		},
		kills: () => kills,
	};
}
