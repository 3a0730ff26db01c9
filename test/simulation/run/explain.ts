import type { Violation } from '../invariants/violation.ts';
import type { Plan } from '../plan/action.ts';
import { makePlan } from '../plan/make-plan.ts';
import { shrinkPlan } from '../plan/shrink.ts';
import type { Safeguards } from '../safeguards/safeguards.ts';
import { runPlan } from './run-plan.ts';

/** Lines of the trace that are shown. */
const TRACE_MAX = 80;

/** A failed seed for whoever has to understand it: what was violated, the smallest plan that still does it, its trace, and how to see it again. */
export async function explain(seed: number, violation: Violation, options: { readonly safeguards?: Safeguards } = {}): Promise<string> {
	const fails = async (plan: Plan): Promise<boolean> => (await runPlan(plan, options)).violation?.invariant === violation.invariant;
	const plan = await shrinkPlan(makePlan(seed), fails);
	const trace: string[] = [];
	const { violation: found } = await runPlan(plan, { ...options, note: (line) => trace.push(line) });
	const { invariant, detail } = found ?? violation;
	const at = trace.findIndex((line) => line.startsWith('VIOLATION'));
	return [
		`seed ${seed}: ${invariant}: ${detail}`,
		`${plan.terminals} terminals, ${plan.processes} processes of headquarters, ${plan.items.length} of the plan's items are needed:`,
		...plan.items.map(({ afterMs, action }) => `  +${afterMs} ms ${JSON.stringify(action)}`),
		'trace up to the violation (milliseconds since the start):',
		...trace.slice(Math.max(0, at - TRACE_MAX), at + 1).map((line) => `  ${line}`),
		`again: npm run simulate -- --seed ${seed}`,
	].join('\n');
}
