import type { Contender } from '../runner/gather-runs.ts';
import { runProgram } from '../runner/run-program.ts';

export const BUSY = 'beside two busy threads';

const WITHIN_MS = 60_000;

/** How long anybody on this machine waits for a processor while two threads of the same process work. */
export function waitBesideBusyThreads(): Contender {
	return {
		name: BUSY,
		note: 'a limit: no load at all, only SELECT 1 beside two threads that unpack',
		run: () => runProgram({ entry: 'test/bench/programs/busy-threads.ts', options: {}, withinMs: WITHIN_MS }),
	};
}
