import { monitorEventLoopDelay } from 'node:perf_hooks';
import { percentilesOf } from '../report/statistics.ts';
import type { Values } from './outcome.ts';

/** Milliseconds of a call for each of `questions`, one after another. */
export async function sample<T>(questions: readonly T[], call: (question: T) => Promise<void>): Promise<readonly number[]> {
	const samples: number[] = [];
	for (const question of questions) {
		const startedAt = performance.now();
		await call(question);
		samples.push(performance.now() - startedAt);
	}
	return samples;
}

/** `card` → `cardP50`, `cardP95`, `cardP99`, `cardMax`. */
export function latencyValues(key: string, samplesMs: readonly number[]): Values {
	const { p50, p95, p99, max } = percentilesOf(samplesMs);
	return { [`${key}P50`]: p50, [`${key}P95`]: p95, [`${key}P99`]: p99, [`${key}Max`]: max };
}

const WORK_TICK_MS = 2;

/** Of an event loop: its longest pause, and the most processor time that its thread took between two ticks of a timer. Milliseconds. */
export type LoopPauses = { readonly pauseMs: number; readonly workMs: number };

/**
 * Watches the event loop of this process from now on. A pause that is longer than the work in it is waiting for a processor, or for the
 * collector of garbage: on a machine with fewer cores than busy threads that is most of it.
 */
export function watchEventLoop(): { readonly restart: () => void; readonly end: () => LoopPauses } {
	const loop = monitorEventLoopDelay({ resolution: 1 });
	loop.enable();
	let workMs = 0;
	let before = threadMs();
	const tick = setInterval(() => {
		const now = threadMs();
		workMs = Math.max(workMs, now - before);
		before = now;
	}, WORK_TICK_MS);
	return {
		restart: () => {
			loop.reset();
			workMs = 0;
		},
		end: () => {
			loop.disable();
			clearInterval(tick);
			return { pauseMs: loop.max / 1e6, workMs };
		},
	};
}

function threadMs(): number {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1000;
}

/** The most memory that this process has had, in MiB. */
export function peakMemoryMib(): number {
	return process.resourceUsage().maxRSS / 1024;
}
