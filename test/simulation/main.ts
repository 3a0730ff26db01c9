/**
 * `npm run simulate -- --seeds 100000 [--from N] [--workers N]`, or `--seed N` for one with its trace. Exits with 1 when an invariant was
 * violated.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { explain } from './run/explain.ts';
import { addTallies, NOTHING_RUN, runSeed } from './run/run-seeds.ts';
import type { Tally } from './run/run-seeds.ts';

const USAGE = 'Usage: npm run simulate -- [--seeds 1…] [--from 1…] [--workers 1…64] | --seed N\n';
const SHOW_EVERY_MS = 2_000;
/** Failures that are explained; a run with more has one cause, most likely. */
const EXPLAINED_MAX = 3;

const Options = z.object({
	seeds: z.coerce.number().int().min(1).max(100_000_000).default(1_000),
	from: z.coerce.number().int().min(1).default(1),
	workers: z.coerce
		.number()
		.int()
		.min(1)
		.max(64)
		.default(Math.max(1, availableParallelism() - 1)),
	seed: z.coerce.number().int().min(1).optional(),
});
type Wanted = z.infer<typeof Options>;

const { values } = parseArgs({
	options: { seeds: { type: 'string' }, from: { type: 'string' }, workers: { type: 'string' }, seed: { type: 'string' } },
});
const options = Options.safeParse(values);
if (options.success) process.exitCode = await simulate(options.data);
else {
	process.stderr.write(USAGE);
	process.exitCode = 2;
}

async function simulate(wanted: Wanted): Promise<number> {
	const startedMs = performance.now();
	const tally = wanted.seed === undefined ? await runMany(wanted, startedMs) : await runSeed(wanted.seed, NOTHING_RUN);
	const seconds = (performance.now() - startedMs) / 1000;
	for (const { seed, violation } of tally.failures.slice(0, EXPLAINED_MAX)) process.stdout.write(`\n${await explain(seed, violation)}\n`);
	for (const { seed, violation } of tally.failures.slice(EXPLAINED_MAX)) process.stdout.write(`\nseed ${seed}: ${violation.invariant}\n`);
	process.stdout.write(
		`\n${count(tally.seeds)} seeds in ${seconds.toFixed(0)} s: ${count(tally.events)} events, ${count(tally.restores)} restores of headquarters, ${count(tally.failures.length)} violations\n`,
	);
	return tally.failures.length === 0 ? 0 : 1;
}

async function runMany(wanted: Wanted, startedMs: number): Promise<Tally> {
	const tallies = new Map<number, Tally>();
	const showing = setInterval(() => show(addTallies([...tallies.values()]), wanted, startedMs), SHOW_EVERY_MS);
	try {
		await Promise.all(Array.from({ length: wanted.workers }, (_, index) => runWorker(wanted, index, (tally) => tallies.set(index, tally))));
	} finally {
		clearInterval(showing);
	}
	return addTallies([...tallies.values()]);
}

function runWorker({ from, seeds, workers }: Wanted, index: number, onTally: (tally: Tally) => void): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const workerData = { from: from + index, to: from + seeds, step: workers };
	const worker = new Worker(new URL('run/seed-worker.ts', import.meta.url), { workerData });
	worker.on('message', onTally);
	worker.once('error', reject);
	worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a thread ended with ${code}`))));
	return promise;
}

function show({ seeds, failures }: Tally, wanted: Wanted, startedMs: number): void {
	const perSecond = seeds / ((performance.now() - startedMs) / 1000);
	const leftS = perSecond === 0 ? 0 : (wanted.seeds - seeds) / perSecond;
	const left = leftS > 90 ? `${Math.round(leftS / 60)} min` : `${Math.round(leftS)} s`;
	const failed =
		failures.length === 0 ? '0 violations' : failures.map(({ seed, violation }) => `${violation.invariant} at ${seed}`).join(', ');
	process.stdout.write(`${count(seeds)} of ${count(wanted.seeds)} seeds · ${perSecond.toFixed(1)} a second · ${left} left · ${failed}\n`);
}

function count(value: number): string {
	return value.toLocaleString('en-US');
}
