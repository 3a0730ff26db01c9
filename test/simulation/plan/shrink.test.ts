import { expect, test } from 'vitest';
import { makePlan } from './make-plan.ts';
import { shrinkPlan } from './shrink.ts';

test('what is not needed for a failure is left out, and the rest happens at the same moments', async () => {
	const plan = makePlan(7);
	const [first, second] = [plan.items[3], plan.items[20]];
	const momentsOf = (items: typeof plan.items): ReadonlyMap<unknown, number> => {
		let atMs = 0;
		return new Map(
			items.map((item) => {
				atMs += item.afterMs;
				return [item.action, atMs];
			}),
		);
	};
	const small = await shrinkPlan(plan, ({ items }) => {
		const actions = items.map((item) => item.action);
		return Promise.resolve([first, second].every((item) => item !== undefined && actions.includes(item.action)));
	});
	expect(small.items.map((item) => item.action)).toEqual([first?.action, second?.action]);
	expect(momentsOf(small.items).get(second?.action)).toBe(momentsOf(plan.items).get(second?.action));
});

test('a seed always gives the same plan, another seed another one', () => {
	expect(makePlan(3)).toEqual(makePlan(3));
	expect(makePlan(3)).not.toEqual(makePlan(4));
});
