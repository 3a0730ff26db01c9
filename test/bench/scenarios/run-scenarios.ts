import type { PartName } from '../report/results.ts';
import type { Bench, ScenarioReport } from '../runner/bench.ts';
import { runHeadquarters } from './headquarters.ts';
import { runMembers } from './members.ts';
import { runPush } from './push.ts';
import { runQuick } from './quick.ts';
import { runRecord } from './record.ts';

/** Runs what was asked for, one after another, and reports each when it is done. */
export async function runScenarios(bench: Bench, report: (name: PartName, report: ScenarioReport) => Promise<void>): Promise<void> {
	const asked = new Set(bench.options.scenarios);
	const [lookup, hydrate] = [asked.has('lookup'), asked.has('hydrate')];
	if (lookup || hydrate) await report('members', await runMembers(bench, { lookup, hydrate }));
	if (asked.has('record')) await report('record', await runRecord(bench));
	const tasks = (['ingest', 'feed', 'snapshot'] as const).filter((task) => asked.has(task));
	for (const task of tasks) await report(task, await runHeadquarters(bench, task));
	if (asked.has('push')) await report('push', await runPush(bench));
	if (asked.has('quick')) await report('quick', await runQuick(bench));
}
