/** `npm run bench`: runs scenarios, prints their tables and writes them to `.cache/bench`; see `options.ts` for what it can be asked. */
import '#main/devices/thread-pool.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../support/child.ts';
import { readOptions, USAGE } from './options.ts';
import { budgetsToMarkdown } from './report/budgets.ts';
import { describeMachine, machineToMarkdown, readProcessorTime, stolenPercent } from './report/machine.ts';
import { partsToMarkdown, recordParts } from './report/results.ts';
import type { Part, PartName } from './report/results.ts';
import { toMarkdown } from './report/section.ts';
import type { Bench } from './runner/bench.ts';
import { runScenarios } from './scenarios/run-scenarios.ts';

const args = process.argv.slice(2);
const read = readOptions(args);
if (!read.ok) {
	console.error(`${read.error}\n\n${USAGE}`);
	process.exit(2);
}
const options = read.value;
const bench: Bench = { options, folder: join(PROJECT_ROOT, '.cache/bench'), say: (line) => console.log(line) };
await mkdir(bench.folder, { recursive: true });
const machine = describeMachine();
console.log(`${machineToMarkdown(machine)}\n`);
const command = `npm run bench${args.length === 0 ? '' : ` -- ${args.join(' ')}`}`;
const parts = new Map<PartName, Part>();
let startedAt = performance.now();
let processorTime = readProcessorTime();
await runScenarios(bench, async (name, report) => {
	const minutes = Math.max(1, Math.round((performance.now() - startedAt) / 60_000));
	startedAt = performance.now();
	const now = readProcessorTime();
	const stolen = stolenPercent(processorTime, now);
	processorTime = now;
	const part = {
		...report,
		stolenPercent: stolen,
		command,
		day: new Date().toISOString().slice(0, 10),
		minutes,
		runs: options.runs,
		machine,
	};
	parts.set(name, part);
	console.log(`\n${part.sections.map(toMarkdown).join('\n')}`);
	// At once: who breaks off the next scenario keeps this one.
	if (options.isRecorded)
		await recordParts(new Map([[name, part]]), {
			folder: join(import.meta.dirname, 'results'),
			markdown: join(import.meta.dirname, 'RESULTS.md'),
		});
});
console.log(budgetsToMarkdown([...parts.values()].flatMap(({ budgets }) => budgets)));

const name = options.scenarios.length > 1 ? 'all' : (options.scenarios[0] ?? 'all');
await writeFile(join(bench.folder, `${name}.json`), `${JSON.stringify([...parts.values()], null, '\t')}\n`);
await writeFile(join(bench.folder, `${name}.md`), partsToMarkdown([...parts.values()]));
console.log(
	`Written to ${join(bench.folder, `${name}.md`)} and .json${options.isRecorded ? ', and recorded in test/bench/RESULTS.md' : ''}`,
);
process.exit(0);
