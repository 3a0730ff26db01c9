/**
 * What the simulation has found once, as the smallest plan that showed it. Plans and not their seeds: a seed gives another plan as soon as there
 * is another action to draw.
 */
import { expect, test } from 'vitest';
import type { Plan } from './plan/action.ts';
import { runPlan } from './run/run-plan.ts';

const FOUND: readonly (readonly [string, Plan])[] = [
	[
		'seed 6890: a copy of an enrolment without its names and one with them, after headquarters forgot the opt-out, are one event (I9)',
		{
			seed: 6890,
			terminals: 4,
			processes: 2,
			isSigned: false,
			items: [
				{ afterMs: 74_068, action: { kind: 'enrol', terminal: 864, card: 6, contact: null } },
				{ afterMs: 2_176, action: { kind: 'enrol', terminal: 672, card: 4, contact: null } },
				{ afterMs: 9_432, action: { kind: 'backup', terminal: 184 } },
				{ afterMs: 3_980, action: { kind: 'lose', terminal: 897 } },
				{ afterMs: 28_303, action: { kind: 'opt_out', terminal: 522, person: 663 } },
				{ afterMs: 170_788, action: { kind: 'lose', terminal: 638 } },
				{ afterMs: 246_734, action: { kind: 'hq_restore' } },
				{ afterMs: 126_674, action: { kind: 'restore', terminal: 576, withReplica: true } },
			],
		},
	],
];

test.each(FOUND)('%s', async (_name, plan) => {
	const { violation, events, epochs } = await runPlan(plan);
	expect(violation).toBeNull();
	expect(events).toBeGreaterThan(0);
	expect(epochs).toBeGreaterThan(1);
});
