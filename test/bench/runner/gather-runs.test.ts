import { expect, test } from 'vitest';
import { gatherRuns } from './gather-runs.ts';
import type { Outcome } from './outcome.ts';

test('contenders take turns, values keep the order of the runs, and one that fails is asked no more', async () => {
	const order: string[] = [];
	const contender = (name: string, outcome: (run: number) => Outcome) => ({
		name,
		note: `note of ${name}`,
		run: async (run: number) => {
			order.push(`${name}${run}`);
			return Promise.resolve(outcome(run));
		},
	});
	const said: string[] = [];
	const rows = await gatherRuns(
		[
			contender('a', (run) => ({ type: 'values', values: { x: run, y: 10 * run } })),
			contender('b', (run) => (run === 1 ? { type: 'values', values: { x: 7 } } : { type: 'missing', reason: 'it broke' })),
		],
		3,
		(line) => said.push(line),
	);
	expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
	expect(rows).toEqual([
		{ name: 'a', note: 'note of a', values: { x: [1, 2, 3], y: [10, 20, 30] } },
		{ name: 'b', note: 'note of b', values: { x: [7] }, missing: 'it broke' },
	]);
	expect(said).toHaveLength(5);
	expect(said[3]).toContain('left out: it broke');
});

test('what is thrown around a contender is its reason, in one line', async () => {
	const run = async (): Promise<Outcome> => Promise.reject(new Error('no disk\nat some place'));
	const rows = await gatherRuns([{ name: 'a', run }], 2, () => undefined);
	expect(rows).toEqual([{ name: 'a', values: {}, missing: 'no disk' }]);
});
