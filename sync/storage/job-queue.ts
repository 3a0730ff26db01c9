import { assert } from '#shared/lib/assert.ts';

/** Jobs that may wait at once. A screen and an engine never have more than a few dozen; more is a loop that runs away. */
export const WAITING_JOBS_MAX = 10_000;

/** Runs jobs one after another in the order of their calls. A job that fails fails its own caller only. */
export type JobQueue = {
	readonly run: <T>(job: () => Promise<T>) => Promise<T>;
	/** Resolves when all jobs so far have ended. */
	readonly settled: () => Promise<void>;
};

/** A new queue. A job starts in the call itself when nothing else runs. */
export function createJobQueue(): JobQueue {
	const waiting: (() => void)[] = [];
	let isBusy = false;

	function startNext(): void {
		const start = waiting.shift();
		if (start === undefined) isBusy = false;
		else start();
	}

	async function run<T>(job: () => Promise<T>): Promise<T> {
		if (isBusy) {
			assert(waiting.length < WAITING_JOBS_MAX, 'no runaway loop of database jobs');
			await new Promise<void>((resolve) => {
				waiting.push(resolve);
			});
		}
		isBusy = true;
		try {
			return await job();
		} finally {
			startNext();
		}
	}

	return { run, settled: () => run(() => Promise.resolve()) };
}
