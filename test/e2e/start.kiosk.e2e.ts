import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import type { Page } from '@playwright/test';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import { createCashier } from '../support/cashier.ts';
import type { Cashier } from '../support/cashier.ts';
import { scan } from '../support/scanner.ts';
import { runStartScript } from '../support/start-script.ts';
import type { StartScript } from '../support/start-script.ts';

type Fixtures = {
	readonly folder: string;
	/** Runs `npm start` over a folder of its own; it is ended with the test. */
	readonly start: (args: readonly string[]) => Promise<StartScript>;
};

const test = base.extend<Fixtures>({
	// Playwright reads the fixture's dependencies from this pattern: it must be an object, even an empty one.
	// oxlint-disable-next-line no-empty-pattern
	folder: async ({}, use) => {
		const folder = await mkdtemp(join(tmpdir(), 'regulars-start-'));
		await use(folder);
		await rm(folder, { recursive: true });
	},
	start: async ({ folder }, use) => {
		const started: StartScript[] = [];
		await use(async (args) => {
			const script = await runStartScript(['--data', join(folder, 'data'), '--locale', 'en', ...args]);
			started.push(script);
			return script;
		});
		for (const script of started) await script.stop();
	},
});

async function openLink(page: Page, script: StartScript): Promise<Cashier> {
	await page.goto(script.bootLink);
	return createCashier({ page: () => page, scan: async (code) => scan(page, code) });
}

test('npm start prints a link and six barcodes, and each of them shows what its label says', async ({ page, start }) => {
	const script = await start(['--members', '200']);
	const cashier = await openLink(page, script);
	await cashier.waitUntilLoaded();
	expect(script.output()).toContain('PINs: Éva K. 1357');
	const [gold = '', beginner = '', unknown = '', misread = '', coupon = '', blocked = '', ...more] = script.barcodes;
	expect(more).toEqual([]);
	await cashier.scan(gold);
	await cashier.expectMember('Nagy Éva');
	await cashier.scan(beginner);
	await cashier.expectMember('Kiss Bence');
	await cashier.scan(unknown);
	await cashier.expectMessage(/not on this terminal yet/i);
	await cashier.scan(misread);
	await cashier.expectMessage(/did not read cleanly/i);
	await cashier.scan(coupon);
	await cashier.expectMessage(/coupon/i);
	await cashier.scan(blocked);
	await cashier.expectMessage(/blocked/i);

	expect(await script.stop()).toBe(0);
	for (const address of [script.bootLink, script.headquarters]) await expect(fetch(address)).rejects.toThrow('fetch failed');
});

test('npm start imports a file, lists what is wrong in it, and the terminal finds its members', async ({ page, start, folder }) => {
	const file = join(folder, 'members.csv');
	const cards = Array.from({ length: 300 }, (_, index) => withCheckDigit(`29771${String(index).padStart(7, '0')}`, 'mod10'));
	const rows = cards.map((card, index) => `${card},Given${index},Family,m${index}@example.com,${index}`);
	const wrong = ['2900000000019,Wrong,Digit,w@example.com,1', 'two,fields', `${cards[7] ?? ''},Twice,Used,t@example.com,1`];
	await writeFile(file, ['loyalty_barcode,first_name,last_name,email,points', ...rows, ...wrong].join('\n'));

	const script = await start(['--import', file]);
	const cashier = await openLink(page, script);
	expect(script.output()).toMatch(/^Importing members .*100 %/m);
	expect(script.output()).toContain(`300 members imported from ${file}, 3 lines rejected: see ${file}.rejected`);
	expect(script.output()).toContain('Cards to try: those in members.csv.');
	expect(script.barcodes).toEqual([]);
	const rejected = await readFile(`${file}.rejected`, 'utf8');
	expect(rejected.split('\n').map((line) => line.split('\t')[0])).toEqual(['line', '302', '303', '304', '']);
	await cashier.expectChip(/members as of/);
	await cashier.scan(cards[250] ?? '');
	await cashier.expectMember('Given250 Family');
	expect(await cashier.readTotal()).toBe(250);
	expect(await script.stop()).toBe(0);
});
