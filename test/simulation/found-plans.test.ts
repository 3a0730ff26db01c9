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
	[
		'seed 7941: of a copied folder’s events none is passed over that must come before one taken over later (I4)',
		{
			seed: 7941,
			terminals: 3,
			processes: 1,
			isSigned: false,
			items: [
				{ afterMs: 12_563, action: { kind: 'enrol', terminal: 307, card: 1, contact: 0 } },
				{ afterMs: 23_085, action: { kind: 'points', terminal: 306, person: 327, points: 14 } },
				{ afterMs: 9_522, action: { kind: 'sync_now', terminal: 805 } },
				{ afterMs: 9_486, action: { kind: 'earn', terminal: 323, person: 961, minor: 8_530 } },
				{ afterMs: 2_555, action: { kind: 'clone', terminal: 312 } },
				{ afterMs: 3_806, action: { kind: 'earn', terminal: 990, person: 878, minor: 18_825 } },
				{ afterMs: 2_164, action: { kind: 'earn', terminal: 129, person: 875, minor: 18_557 } },
				{ afterMs: 354, action: { kind: 'hq_crash', process: 3, points: 7, downMs: 10_170 } },
				{ afterMs: 242, action: { kind: 'refund', terminal: 533, sale: 866, share: null } },
				{ afterMs: 4_581, action: { kind: 'points', terminal: 303, person: 766, points: 36 } },
				{ afterMs: 3_652, action: { kind: 'earn', terminal: 77, person: 974, minor: 6_824 } },
				{ afterMs: 5_687, action: { kind: 'earn', terminal: 293, person: 373, minor: 760 } },
				{ afterMs: 139, action: { kind: 'earn', terminal: 485, person: 376, minor: 3_428 } },
				{ afterMs: 19_832, action: { kind: 'earn', terminal: 433, person: 954, minor: 14_635 } },
				{ afterMs: 944, action: { kind: 'line', terminal: 557, fault: { call: 'health', fault: 'lose_answer' } } },
				{ afterMs: 79, action: { kind: 'refund', terminal: 245, sale: 433, share: 0.706190233817324 } },
				{ afterMs: 6_309, action: { kind: 'earn', terminal: 5, person: 520, minor: 10_513 } },
				{ afterMs: 56_826, action: { kind: 'crash', terminal: 773, points: 3, share: null, downMs: 5_543 } },
				{ afterMs: 7_680, action: { kind: 'clone', terminal: 737 } },
				{ afterMs: 180, action: { kind: 'profile', terminal: 694, person: 140 } },
				{ afterMs: 1_498, action: { kind: 'points', terminal: 256, person: 406, points: 21 } },
				{ afterMs: 2_235, action: { kind: 'line', terminal: 481, fault: { call: 'health', fault: 'zombie' } } },
				{ afterMs: 8_211, action: { kind: 'opt_out', terminal: 789, person: 924 } },
				{ afterMs: 27_325, action: { kind: 'hq_restore' } },
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
