import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ScenarioReport } from '../runner/bench.ts';
import { budgetsToMarkdown } from './budgets.ts';
import { machineToMarkdown } from './machine.ts';
import type { Machine } from './machine.ts';
import { toMarkdown } from './section.ts';

/** What was measured together, in one run: contenders take turns within it. */
export type Part = ScenarioReport & {
	readonly command: string;
	/** The day, as in 2026-03-01. */
	readonly day: string;
	readonly minutes: number;
	readonly runs: number;
	readonly machine: Machine;
	/** Percentage of the processors' time that the host of a virtual machine gave to others meanwhile; absent in older parts. */
	readonly stolenPercent?: number;
};

/** Not measured is NaN, which JSON writes as null. */
const measured = z
	.number()
	.nullable()
	.transform((value) => value ?? Number.NaN);

const PartSchema: z.ZodType<Part> = z.object({
	command: z.string(),
	day: z.string(),
	minutes: z.number(),
	runs: z.number(),
	machine: z.object({ processor: z.string(), memoryGib: z.number(), system: z.string(), versions: z.record(z.string(), z.string()) }),
	stolenPercent: z.number().exactOptional(),
	sections: z.array(
		z.object({
			title: z.string(),
			columns: z.array(z.object({ key: z.string(), heading: z.string(), against: z.array(z.string()).exactOptional() })),
			rows: z.array(
				z.object({
					name: z.string(),
					values: z.record(z.string(), z.array(measured)),
					note: z.string().exactOptional(),
					missing: z.string().exactOptional(),
				}),
			),
			notes: z.array(z.string()),
		}),
	),
	budgets: z.array(
		z.object({
			path: z.string(),
			most: z.number().exactOptional(),
			least: z.number().exactOptional(),
			unit: z.string(),
			measured,
		}),
	),
});

const PARTS = ['members', 'record', 'ingest', 'feed', 'snapshot', 'push', 'quick'] as const;
export type PartName = (typeof PARTS)[number];

/**
 * Keeps parts as JSON in `folder` and writes all that are there to `markdown`. So a scenario can be measured again, or with more members,
 * without an hour for the others; figures are only ever compared within a part.
 */
export async function recordParts(
	parts: ReadonlyMap<PartName, Part>,
	{ folder, markdown }: { readonly folder: string; readonly markdown: string },
): Promise<void> {
	await mkdir(folder, { recursive: true });
	for (const [name, part] of parts) await writeFile(join(folder, `${name}.json`), `${JSON.stringify(part, null, '\t')}\n`);
	const names = new Set(await readdir(folder));
	const known = PARTS.filter((name) => names.has(`${name}.json`));
	const read = await Promise.all(
		known.map(async (name) => PartSchema.parse(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')))),
	);
	await writeFile(markdown, partsToMarkdown(read));
}

/** One page of parts; the machine is told with each that is not of the same one as the part before. */
export function partsToMarkdown(parts: readonly Part[]): string {
	const bodies = parts.flatMap((part, index) => {
		const of = machineToMarkdown(part.machine);
		const before = parts[index - 1];
		const isNew = before === undefined || machineToMarkdown(before.machine) !== of;
		return [...(isNew ? [of, ''] : []), madeBy(part), '', ...part.sections.map(toMarkdown)];
	});
	const budgets = budgetsToMarkdown(parts.flatMap((part) => part.budgets));
	return ['# Results of the bench', '', 'Medians with their range; contenders take turns within each run.', '', ...bodies, budgets].join(
		'\n',
	);
}

function madeBy({ command, day, minutes, runs, stolenPercent = 0 }: Part): string {
	const stolen =
		stolenPercent === 0 ? '' : `; the host of this virtual machine took ${stolenPercent.toFixed(1)} % of its processors meanwhile`;
	return `Made by \`${command}\` on ${day} in ${minutes} min, ${runs} ${runs === 1 ? 'run' : 'runs'} each${stolen}:`;
}
