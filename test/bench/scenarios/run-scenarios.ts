import type { Bench, ScenarioReport } from '../runner/bench.ts';
import { runHeadquarters } from './headquarters.ts';
import { runMembers } from './members.ts';
import { runPush } from './push.ts';
import { runQuick } from './quick.ts';
import { runRecord } from './record.ts';

/** Runs what was asked for, one after another, and reports each when it is done. */
export async function runScenarios(bench: Bench, report: (report: ScenarioReport) => void): Promise<void> {
	const asked = new Set(bench.options.scenarios);
	const [lookup, hydrate] = [asked.has('lookup'), asked.has('hydrate')];
	if (lookup || hydrate) report(await runMembers(bench, { lookup, hydrate }));
	if (asked.has('record')) report(await runRecord(bench));
	const tasks = (['ingest', 'feed', 'snapshot'] as const).filter((task) => asked.has(task));
	if (tasks.length > 0) for (const done of await runHeadquarters(bench, tasks)) report(done);
	if (asked.has('push')) report(await runPush(bench));
	if (asked.has('quick')) report(await runQuick(bench));
}
