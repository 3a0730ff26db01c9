import type { Clock } from '#shared/lib/clock.ts';

/** How far a long work is. `done` of `total` in `unit`; the rate and the time left are those of this run. */
export type Progress = {
	readonly unit: 'bytes' | 'members';
	readonly done: number;
	readonly total: number;
	readonly imported: number;
	readonly rejected: number;
	readonly membersPerSecond: number;
	/** Null until there is something to judge by. */
	readonly secondsLeft: number | null;
};

type Facts = Pick<Progress, 'done' | 'total' | 'imported' | 'rejected'>;

/** Turns facts into progress, measured from now on: what an earlier run did counts as done, not as fast. */
export function measureProgress(clock: Pick<Clock, 'monotonicMs'>, unit: Progress['unit'], start: Facts): (facts: Facts) => Progress {
	const startedMs = clock.monotonicMs();
	return (facts) => {
		const seconds = (clock.monotonicMs() - startedMs) / 1000;
		const members = facts.imported + facts.rejected - start.imported - start.rejected;
		const done = facts.done - start.done;
		return {
			...facts,
			unit,
			membersPerSecond: seconds > 0 ? Math.round(members / seconds) : 0,
			secondsLeft: seconds > 0 && done > 0 ? Math.round(((facts.total - facts.done) * seconds) / done) : null,
		};
	};
}
