import type { Violation } from '../invariants/violation.ts';
import { makePlan } from '../plan/make-plan.ts';
import { runPlan } from './run-plan.ts';

export type Failure = { readonly seed: number; readonly violation: Violation };

/** What runs of some seeds came to. Times are of the worlds, not of the machine. */
export type Tally = { readonly seeds: number; readonly events: number; readonly restores: number; readonly failures: readonly Failure[] };

export const NOTHING_RUN: Tally = { seeds: 0, events: 0, restores: 0, failures: [] };

/** Runs a seed and adds it to the tally. */
export async function runSeed(seed: number, tally: Tally): Promise<Tally> {
	const { violation, events, epochs } = await runPlan(makePlan(seed));
	return {
		seeds: tally.seeds + 1,
		events: tally.events + events,
		restores: tally.restores + epochs - 1,
		failures: violation === null ? tally.failures : [...tally.failures, { seed, violation }],
	};
}

export function addTallies(tallies: readonly Tally[]): Tally {
	return tallies.reduce(
		(sum, tally) => ({
			seeds: sum.seeds + tally.seeds,
			events: sum.events + tally.events,
			restores: sum.restores + tally.restores,
			failures: [...sum.failures, ...tally.failures],
		}),
		NOTHING_RUN,
	);
}
