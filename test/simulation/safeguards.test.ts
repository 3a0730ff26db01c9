/**
 * The simulation is worth something only if it finds what it is there to find: each safeguard of the protocol is taken away, and within 300
 * seeds a run must fail. Where correctness does not need the safeguard, none may.
 */
import { expect, test } from 'vitest';
import { makePlan } from './plan/make-plan.ts';
import { runPlan } from './run/run-plan.ts';
import * as headquarters from './safeguards/without-at-headquarters.ts';
import * as terminal from './safeguards/without-at-terminal.ts';
import type { Safeguards } from './safeguards/safeguards.ts';

const SEEDS = 300;
/** Where none may fail all have to be run. */
const SEEDS_OF_A_DIAGNOSIS = 150;

/** The first violation with these safeguards, with the number of seeds that it took. */
async function findViolation(
	safeguards: Safeguards,
	seeds: number,
): Promise<{ readonly seeds: number; readonly invariant: string } | null> {
	for (let seed = 1; seed <= seeds; seed += 1) {
		const { violation } = await runPlan(makePlan(seed), { safeguards });
		if (violation !== null) return { seeds: seed, invariant: violation.invariant };
	}
	return null;
}

test.each([
	['look-up of event ids at headquarters', headquarters.withoutDedupe],
	['event ids instead of counters', headquarters.withoutEventIds],
	['stub accounts', headquarters.withoutStubs],
	['the epoch in a push', headquarters.withoutEpochOfPush],
	['a look for opt-outs in the segments', headquarters.withoutForgettingInSegments],
	['offering again after a restore of headquarters', terminal.withoutReoffer],
	['dropping the replica when the epoch changes', terminal.withoutDroppingTheReplica],
	['the pull of outcomes', terminal.withoutOutcomePull],
	['page first, outcomes second', terminal.withOutcomesBeforeThePage],
	['outcomes stored before the page', terminal.withPageBeforeOutcomes],
	['outcomes before a snapshot is swapped in', terminal.withoutOutcomesBeforeASwap],
	['erase first, offer again second', terminal.withReofferBeforeErase],
	['storing nothing of another epoch', terminal.withAnswersOfAnyEpoch],
	['release after a failed push', terminal.withoutRelease],
	['recovery of what was on its way', terminal.withoutRecovery],
	['halving of batches', terminal.withoutHalving],
	['the time of a 401', terminal.withoutTimeOfHealth],
	['the retention of the outbox', terminal.withoutRetention],
	['the comparison of digests', terminal.withoutDigests],
	['the version test in the display', terminal.withoutVersionTest],
])('without %s a run fails', async (_name, safeguards) => {
	expect(await findViolation(safeguards, SEEDS)).not.toBeNull();
});

test.each([
	['fork detection', headquarters.withoutForkDetection],
	['a new incarnation for a restored folder', terminal.withoutNewIncarnation],
])('without %s nothing is lost, doubled or shown wrong: it is a diagnosis', async (_name, safeguards) => {
	expect(await findViolation(safeguards, SEEDS_OF_A_DIAGNOSIS)).toBeNull();
});
