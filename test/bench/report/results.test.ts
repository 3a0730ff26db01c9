import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { partsToMarkdown, recordParts } from './results.ts';
import type { Part } from './results.ts';

const MACHINE = { processor: '2 × some', memoryGib: 8, system: 'Linux x64', versions: { node: 'v24' } };

function part(title: string, command: string): Part {
	return {
		command,
		day: '2026-03-01',
		minutes: 3,
		runs: 2,
		machine: MACHINE,
		stolenPercent: 0,
		sections: [
			{
				title,
				columns: [{ key: 'rate', heading: 'rows/s', against: ['Ours'] }],
				rows: [
					{ name: 'Ours', values: { rate: [1, Number.NaN] } },
					{ name: 'Peer', values: {}, missing: 'is not there' },
				],
				notes: [],
			},
		],
		budgets: [{ path: title, most: 2, unit: 'ms', measured: Number.NaN }],
	};
}

test('what is recorded again replaces its part and leaves the others', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'regulars-results-'));
	try {
		const markdown = join(folder, 'RESULTS.md');
		const into = { folder: join(folder, 'results'), markdown };
		await recordParts(new Map([['push', part('Push', 'bench push')]]), into);
		await recordParts(new Map([['members', part('Loads', 'bench old')]]), into);
		await recordParts(new Map([['members', part('Loads', 'bench new')]]), into);
		const page = await readFile(markdown, 'utf8');
		expect(page).toBe(partsToMarkdown([part('Loads', 'bench new'), part('Push', 'bench push')]));
		expect(page).not.toContain('bench old');
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});

test('each part names its command, and the machine is told once while it stays the same', () => {
	const other = { ...part('Push', 'bench push'), machine: { ...MACHINE, memoryGib: 16 } };
	const page = partsToMarkdown([part('Loads', 'bench a'), part('Feed', 'bench b'), other]);
	expect(page.match(/2 × some, 8 GiB/g)).toHaveLength(1);
	expect(page.match(/2 × some, 16 GiB/g)).toHaveLength(1);
	expect(page).toContain('Made by `bench a` on 2026-03-01 in 3 min, 2 runs each:');
	expect(partsToMarkdown([{ ...other, stolenPercent: 2.46 }])).toContain('took 2.5 % of its processors');
	expect(page).toContain('| Feed | ≤ 2 ms | – | not measured |');
});
