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

/** Watches the event loop of this process from now on; `end` answers its longest pause in milliseconds. */
export function watchEventLoop(): { readonly restart: () => void; readonly end: () => number } {
	const loop = monitorEventLoopDelay({ resolution: 1 });
	loop.enable();
	return {
		restart: () => loop.reset(),
		end: () => {
			loop.disable();
			return loop.max / 1e6;
		},
	};
}

/** The most memory that this process has had, in MiB. */
export function peakMemoryMib(): number {
	return process.resourceUsage().maxRSS / 1024;
}
