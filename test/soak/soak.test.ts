import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STORMY } from '../simulators/weather.ts';
import { runSoak } from './run-soak.ts';

const EVENTS = 1_000;

test('terminals and headquarters killed in the middle of a storm: nothing lost, nothing twice, every balance right', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'regulars-soak-'));
	const report = await runSoak({
		folder,
		seed: 20_261_122,
		terminals: 2,
		events: EVENTS,
		// Stalls cost a quarter of a minute each: the command has them, this short form does not.
		climate: { ...STORMY, shares: { ...STORMY.shares, stall: 0, late: 0 }, outage: { everyMs: 8_000, forMs: 1_500 } },
		killTerminalEveryMs: 1_500,
		killHeadquartersEveryMs: 3_000,
		// A busy machine takes seconds to start each of them again.
		killsMax: 3,
		withinMs: 110_000,
	});
	expect(report.verdict.violations).toEqual([]);
	expect(report.verdict.recorded).toBeGreaterThanOrEqual(EVENTS);
	expect(report.verdict.waiting).toBe(0);
	expect(report.terminalKills).toBeGreaterThan(0);
	expect(report.headquartersKills).toBeGreaterThan(0);
	// Which of them, and how often, depends on how many requests there were.
	expect(Object.keys(report.faults).length).toBeGreaterThan(2);
	await rm(folder, { recursive: true });
});
