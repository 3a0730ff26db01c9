import { expect } from 'vitest';
import { explain } from './explain.ts';
import { NOTHING_RUN, runSeed } from './run-seeds.ts';

/** Runs the seeds and fails with the explanation of the first one that violates something. */
export async function expectNoViolation(from: number, to: number): Promise<void> {
	let tally = NOTHING_RUN;
	for (let seed = from; seed < to && tally.failures.length === 0; seed += 1) tally = await runSeed(seed, tally);
	const [first] = tally.failures;
	if (first !== undefined) expect.fail(await explain(first.seed, first.violation));
	// A world in which nothing happens proves nothing.
	expect(tally.events).toBeGreaterThan((to - from) * 10);
	expect(tally.restores).toBeGreaterThan((to - from) / 10);
}
