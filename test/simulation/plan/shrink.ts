import type { Item, Plan } from './action.ts';

/** Runs at most in one shrinking. */
const RUNS_MAX = 250;

/**
 * The smallest plan found that still fails: items are left out in ever smaller groups (delta debugging), their pauses are kept so that the rest
 * happens at the same moments. `fails` runs a plan and says whether it still shows the same violation.
 */
export async function shrinkPlan(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
	let items = plan.items;
	let runs = 0;
	for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let from = 0; from < items.length && runs < RUNS_MAX;) {
			const candidate = withoutItems(items, from, size);
			runs += 1;
			if (await fails({ ...plan, items: candidate })) items = candidate;
			else from += size;
		}
	}
	return { ...plan, items };
}

function withoutItems(items: readonly Item[], from: number, count: number): readonly Item[] {
	const pauseMs = items.slice(from, from + count).reduce((sum, { afterMs }) => sum + afterMs, 0);
	const [next, ...rest] = items.slice(from + count);
	const moved = next === undefined ? [] : [{ ...next, afterMs: next.afterMs + pauseMs }];
	return [...items.slice(0, from), ...moved, ...rest];
}
