/** `npm run bench`: runs scenarios, prints their tables and writes them to `.cache/bench`; see `options.ts` for what it can be asked. */
import '#main/devices/thread-pool.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../support/child.ts';
import { readOptions, USAGE } from './options.ts';
import { budgetsToMarkdown } from './report/budgets.ts';
import type { Budget } from './report/budgets.ts';
import { describeMachine, machineToMarkdown } from './report/machine.ts';
import { toMarkdown } from './report/section.ts';
import type { Section } from './report/section.ts';
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
const startedAt = performance.now();
const machine = describeMachine();
console.log(`${machineToMarkdown(machine)}\n`);
const sections: Section[] = [];
const budgets: Budget[] = [];
await runScenarios(bench, (report) => {
	sections.push(...report.sections);
	budgets.push(...report.budgets);
	console.log(`\n${report.sections.map(toMarkdown).join('\n')}`);
});
console.log(budgetsToMarkdown(budgets));

const name = options.scenarios.length > 1 ? 'all' : (options.scenarios[0] ?? 'all');
const command = `npm run bench${args.length === 0 ? '' : ` -- ${args.join(' ')}`}`;
const minutes = Math.max(1, Math.round((performance.now() - startedAt) / 60_000));
const markdown = [
	'# Results of the bench',
	'',
	`Made by \`${command}\` in ${minutes} minutes. Medians of ${options.runs} runs with their range; contenders take turns within each run.`,
	'',
	machineToMarkdown(machine),
	'',
	...sections.map(toMarkdown),
	budgetsToMarkdown(budgets),
].join('\n');
await writeFile(join(bench.folder, `${name}.json`), `${JSON.stringify({ command, machine, options, sections, budgets }, null, '\t')}\n`);
await writeFile(join(bench.folder, `${name}.md`), markdown);
console.log(`Written to ${join(bench.folder, `${name}.md`)} and .json`);
if (options.isRecorded) {
	await writeFile(join(import.meta.dirname, 'RESULTS.md'), markdown);
	console.log('Written to test/bench/RESULTS.md');
}
process.exit(0);
