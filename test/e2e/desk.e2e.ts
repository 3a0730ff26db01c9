import { readFile } from 'node:fs/promises';
import { must } from '#shared/lib/assert.ts';
import { createCashier } from '../support/cashier.ts';
import { barcodeToTry } from '../support/headquarters.ts';
import { createScreen } from '../support/screen.ts';
import { entryOf, leaveAtHeadquarters, takeOver } from './at-the-desk.ts';
import { expect, test } from './fixtures.ts';

test('a refused sale that a manager corrects reaches the right member once, and the old entry says so', async ({
	shop,
	headquarters,
	code,
	freshCard,
}) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	const screen = createScreen(terminal);
	await cashier.waitUntilLoaded();
	const leaving = freshCard();
	await cashier.enrol({ card: leaving, firstName: 'Dóra', mobile: '+36 30 765 4388' });
	await cashier.expectChip(/all sent/);

	// The member leaves at headquarters while this terminal is offline and gives them points.
	terminal.line.setLine('down');
	await cashier.earn({ amount: '2500', receipt: '000971' });
	await leaveAtHeadquarters(shop, leaving);
	const gold = barcodeToTry(headquarters, /gold/i);
	const before = must(await shop.operator.findByBarcode(gold), 'the gold member');
	terminal.line.setLine('up');
	await cashier.expectChip(/1 needs you/);

	const page = terminal.page();
	await cashier.openWaiting();
	await expect(entryOf(page, '000971')).toContainText(/a manager can correct it/i);
	await expect(screen.button(/^correct$/i)).toHaveCount(0);
	await takeOver(terminal);
	await cashier.openWaiting();
	await entryOf(page, '000971')
		.getByRole('button', { name: /^correct$/i })
		.press('Enter');
	await terminal.scan(gold);
	await expect(screen.textbox(/^card/i)).toHaveValue(gold);
	await screen.textbox(/receipt/i).selectText();
	await screen.typeSlowly('000972');
	await screen.press('Enter');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await cashier.expectChip(/all sent/);

	const after = must(await shop.operator.findByBarcode(gold), 'the gold member');
	expect(after.purchase_count - before.purchase_count).toBe(1);
	expect(after.spendable).toBeGreaterThan(before.spendable);
	await screen.button(/^all$/i).press('Enter');
	await expect(entryOf(page, '000971')).toContainText(/refused, corrected/i);
	await entryOf(page, '000971')
		.getByRole('button', { name: /details/i })
		.press('Enter');
	await expect(page.getByRole('list', { name: /what happened/i })).toContainText(/corrected by anna sz/i);
	await expect(entryOf(page, '000972')).toContainText(/accepted/i);
	expect(terminal.consoleErrors()).toEqual([]);
});

test('the proof of the day adds up by cashier, on the screen, on paper and in a file', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	const screen = createScreen(terminal);
	await cashier.waitUntilLoaded();
	const card = barcodeToTry(headquarters, /gold/i);
	await cashier.scan(card);
	await cashier.earn({ amount: '1000', receipt: '000981' });
	// Not the chip: until the sale has reached it, it still says of before that all is sent.
	const page = terminal.page();
	await cashier.openWaiting();
	await screen.button(/^all$/i).press('Enter');
	await expect(entryOf(page, '000981')).toContainText(/accepted/i, { timeout: 60_000 });
	terminal.line.setLine('down');
	await takeOver(terminal);
	await cashier.scan(card);
	await cashier.earn({ amount: '2000', receipt: '000982' });

	await cashier.openWaiting();
	await screen.button(/by cashier/i).press('Enter');
	const table = page.getByRole('table', { name: /entries/i });
	await expect(table.getByRole('row')).toHaveText([
		/cashier.*recorded/i,
		/Anna Sz\.\s*1\s*0\s*0\s*1\s*0/,
		/Éva K\.\s*1\s*1\s*0\s*0\s*0/,
		/All\s*2\s*1\s*0\s*1\s*0/,
	]);

	// Paper is white, also where the screen is dark.
	await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
	await expect(page.locator('[data-print]')).toBeVisible();
	await expect(page.locator('#root')).toBeHidden();
	await expect(page.getByText(/manager’s signature/i)).toBeVisible();
	await expect(page.locator('[data-print] th').first()).toHaveCSS('color', 'rgb(51, 51, 51)');
	const paper = await page.pdf({ format: 'A4' });
	expect(paper.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
	await page.emulateMedia({ media: 'screen', colorScheme: 'light' });

	await screen.button(/save as csv/i).press('Enter');
	const said = page.getByRole('dialog').getByText(/saved as/i);
	await expect(said).toBeVisible();
	const path = (await said.innerText()).replace(/^saved as /i, '').trim();
	expect(path.startsWith(terminal.data)).toBe(true);
	const lines = (await readFile(path, 'utf8')).trim().split('\r\n');
	expect(lines).toHaveLength(4);
	expect(lines.at(-1)).toMatch(/"\*",2,1,0,1,0,/);
	expect(terminal.consoleErrors()).toEqual([]);
});

test('the chip opens the state of the line, which is copied for support without a name', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	const screen = createScreen(terminal);
	await cashier.waitUntilLoaded();
	await cashier.scan(barcodeToTry(headquarters, /gold/i));
	await cashier.earn({ amount: '1000', receipt: '000991' });
	const page = terminal.page();
	await screen.button(/state of the line/i).press('Enter');
	await expect(screen.heading(/line to headquarters/i)).toBeVisible();
	await screen.button(/copy for support/i).press('Enter');
	await expect(page.getByText(/it names no member and no cashier/i)).toBeVisible();
	await page.context().grantPermissions(['clipboard-read']);
	const copied = await page.evaluate(() => navigator.clipboard.readText());
	expect(copied).toMatch(/^line: online$/m);
	for (const personal of ['Éva', 'Nagy', barcodeToTry(headquarters, /gold/i)]) expect(copied).not.toContain(personal);
	await screen.press('Escape');
	await expect(screen.heading('Nagy Éva')).toBeVisible();
	expect(terminal.consoleErrors()).toEqual([]);
});
