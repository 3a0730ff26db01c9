/** One thread of `npm run simulate`: runs every so many-eth seed and reports its tally now and then. */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { NOTHING_RUN, runSeed } from './run-seeds.ts';

const REPORT_EVERY_MS = 500;
const { from, to, step } = z.object({ from: z.int(), to: z.int(), step: z.int() }).parse(workerData);
const port = must(parentPort, 'a thread of the simulation has a parent');

let tally = NOTHING_RUN;
let reportedMs = performance.now();
for (let seed = from; seed < to; seed += step) {
	tally = await runSeed(seed, tally);
	if (performance.now() - reportedMs < REPORT_EVERY_MS) continue;
	reportedMs = performance.now();
	port.postMessage(tally);
}
port.postMessage(tally);
