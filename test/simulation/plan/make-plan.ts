/** Draws a plan from its seed. Which faults a run has, and how many, also comes from the seed: some runs are mild, some are wild. */
import type { Random } from '#shared/lib/clock.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import type { CallName, LineFault } from '../world/network.ts';
import type { Action, Item, Plan } from './action.ts';

const ITEMS = { least: 40, spread: 90 };
/** Signing and checking makes a run half as long again. */
const SIGNED_SHARE = 0.1;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export function makePlan(seed: number): Plan {
	const random = seededRandom(seed * 7919 + 13);
	const draw = createDraw(random);
	const terminals = 2 + draw.below(3);
	const processes = 1 + draw.below(2);
	const isSigned = draw.chance(SIGNED_SHARE);
	const rareness = draw.below(4);
	const items = Array.from({ length: ITEMS.least + draw.below(ITEMS.spread) }, (): Item => {
		const pool = draw.below(100);
		if (pool < 55) return { afterMs: draw.pause(), action: work(draw) };
		if (pool < 78 - rareness * 5) return { afterMs: draw.pause(), action: lineTrouble(draw) };
		return { afterMs: draw.pause(), action: draw.oneOf(TROUBLES)(draw) };
	});
	return { seed, terminals, processes, isSigned, items };
}

type Draw = {
	readonly below: (limit: number) => number;
	readonly fraction: () => number;
	readonly oneOf: <T>(values: readonly [T, ...T[]]) => T;
	readonly chance: (share: number) => boolean;
	readonly pause: () => number;
	readonly terminal: () => number;
};

function createDraw({ fraction }: Random): Draw {
	const below = (limit: number): number => Math.floor(fraction() * limit);
	const chance = (share: number): boolean => fraction() < share;
	return {
		below,
		fraction,
		chance,
		oneOf: (values) => values[below(values.length)] ?? values[0],
		pause: () => {
			if (chance(0.3)) return below(300);
			return chance(0.9) ? below(6_000) : below(70_000);
		},
		terminal: () => below(1_000),
	};
}

function work(draw: Draw): Action {
	const terminal = draw.terminal();
	const person = draw.below(1_000);
	const pool = draw.below(100);
	if (pool < 52) return { kind: 'earn', terminal, person, minor: 100 + draw.below(20_000) };
	if (pool < 60) return { kind: 'points', terminal, person, points: draw.below(60) - 20 };
	if (pool < 70) return { kind: 'refund', terminal, sale: draw.below(1_000), share: draw.chance(0.5) ? null : draw.fraction() };
	if (pool < 82) return { kind: 'enrol', terminal, card: draw.below(8), contact: draw.chance(0.4) ? draw.below(3) : null };
	if (pool < 86) return { kind: 'profile', terminal, person };
	if (pool < 90) return { kind: 'opt_out', terminal, person };
	if (pool < 92) return { kind: 'void', terminal };
	if (pool < 96) return { kind: 'merge', process: terminal, winner: person, loser: draw.below(1_000) };
	return { kind: 'sync_now', terminal };
}

const CALLS: readonly [CallName | 'any', ...(CallName | 'any')[]] = [
	'push',
	'push',
	'push',
	'push',
	'any',
	'any',
	'hello',
	'outcomes',
	'feed',
	'digests',
	'manifest',
	'file',
	'health',
];
const FAULTS: readonly [LineFault, ...LineFault[]] = [
	'refuse',
	'lose_request',
	'lose_answer',
	'lose_answer',
	'lose_answer',
	'cut_answer',
	'stall_answer',
	'zombie',
	'zombie',
	'duplicate',
	'slow',
	'short_results',
	'mixed_results',
	'guest_page',
	{ status: 429, isPassedOn: false },
	{ status: 500, isPassedOn: true },
	{ status: 502, isPassedOn: true },
	{ status: 503, isPassedOn: false },
];

function lineTrouble(draw: Draw): Action {
	return { kind: 'line', terminal: draw.terminal(), fault: { call: draw.oneOf(CALLS), fault: draw.oneOf(FAULTS) } };
}

const TROUBLES: readonly [(draw: Draw) => Action, ...((draw: Draw) => Action)[]] = [
	crash,
	crash,
	crash,
	(draw) => ({ kind: 'disk_full', terminal: draw.terminal(), writes: 1 + draw.below(6) }),
	(draw) => ({ kind: 'backup', terminal: draw.terminal() }),
	(draw) => ({ kind: 'backup', terminal: draw.terminal() }),
	(draw) => ({ kind: 'restore', terminal: draw.terminal(), withReplica: draw.chance(0.5) }),
	(draw) => ({ kind: 'clone', terminal: draw.terminal() }),
	(draw) => ({
		kind: 'damage',
		terminal: draw.terminal(),
		row: draw.below(1_000),
		how: draw.oneOf(['missing', 'older', 'newer', 'ghost']),
	}),
	(draw) => ({ kind: 'compare', terminal: draw.terminal() }),
	(draw) => ({ kind: 'retire', terminal: draw.terminal() }),
	(draw) => ({ kind: 'retire', terminal: draw.terminal() }),
	(draw) => ({ kind: 'lose', terminal: draw.terminal() }),
	(draw) => ({ kind: 'clock', terminal: draw.chance(0.8) ? draw.terminal() : null, ms: clockJumpMs(draw) }),
	(draw) => ({
		kind: 'poison',
		terminal: draw.terminal(),
		status: draw.oneOf([500, 400, 413]),
		forMs: draw.chance(0.6) ? null : draw.below(40) * MINUTE_MS,
	}),
	(draw) => ({ kind: 'hq_crash', process: draw.below(10), points: 1 + draw.below(40), downMs: draw.below(20_000) }),
	(draw) => ({ kind: 'hq_crash', process: draw.below(10), points: 1 + draw.below(40), downMs: draw.below(20_000) }),
	() => ({ kind: 'hq_backup' }),
	() => ({ kind: 'hq_backup' }),
	() => ({ kind: 'hq_restore' }),
	(draw) => ({ kind: 'hq_slow', process: draw.below(10), statements: 1 + draw.below(12), ms: 1 + draw.below(8_000) }),
	(draw) => ({ kind: 'hq_flap', process: draw.below(10), rounds: 1 + draw.below(12) }),
	() => ({ kind: 'snapshot' }),
];

function crash(draw: Draw): Action {
	return {
		kind: 'crash',
		terminal: draw.terminal(),
		points: draw.below(14),
		share: draw.chance(0.5) ? draw.fraction() : null,
		downMs: draw.below(15_000),
	};
}

function clockJumpMs(draw: Draw): number {
	const sign = draw.chance(0.5) ? 1 : -1;
	return sign * (draw.chance(0.5) ? DAY_MS : draw.below(10 * MINUTE_MS));
}
