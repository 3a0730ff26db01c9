import { createCashier } from '../support/cashier.ts';
import { createScreen } from '../support/screen.ts';
import { entryOf, leaveAtHeadquarters, takeOver } from './at-the-desk.ts';
import { expect, test } from './fixtures.ts';
import { startRefusingHeadquarters } from '../simulators/refusing-headquarters.ts';

test('a refused sale that needs no correction is closed with a reason, and stays closed', async ({ shop, code, freshCard }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	const screen = createScreen(terminal);
	await cashier.waitUntilLoaded();
	const leaving = freshCard();
	await cashier.enrol({ card: leaving, firstName: 'Dóra', mobile: '+36 30 765 4385' });
	await cashier.expectChip(/all sent/);
	terminal.line.setLine('down');
	await cashier.earn({ amount: '2500', receipt: '000976' });
	await leaveAtHeadquarters(shop, leaving);
	terminal.line.setLine('up');
	await cashier.expectChip(/1 needs you/);

	const page = terminal.page();
	await cashier.openWaiting();
	await expect(screen.button(/close the entry/i)).toHaveCount(0);
	await takeOver(terminal);
	await cashier.openWaiting();
	await entryOf(page, '000976')
		.getByRole('button', { name: /close the entry/i })
		.press('Enter');
	const dialog = page.getByRole('dialog');
	// Enter alone decides nothing.
	await screen.press('Enter');
	await expect(dialog.getByText(/choose why/i)).toBeVisible();
	await screen.press('ArrowUp');
	await expect(dialog.getByRole('radio', { name: /the member has left/i })).toBeChecked();
	await screen.press('Enter');
	await expect(dialog).toHaveCount(0);
	await expect(entryOf(page, '000976')).toHaveCount(0);
	await expect(screen.chip()).not.toContainText(/need/);

	await terminal.restart('kill');
	const again = terminal.page();
	await takeOver(terminal);
	await cashier.openWaiting();
	await expect(screen.chip()).not.toContainText(/need/);
	await screen.button(/^all$/i).press('Enter');
	const entry = entryOf(again, '000976');
	await expect(entry).toContainText(/refused, closed/i);
	await expect(entry.getByRole('button')).toHaveText([/details/i]);
	await entry.getByRole('button', { name: /details/i }).press('Enter');
	await expect(again.getByRole('list', { name: /what happened/i })).toContainText(/closed by anna sz\. because the member has left/i);
	await screen.button(/by cashier/i).press('Enter');
	await expect(again.getByRole('dialog').getByText(/closed by anna sz\. because the member has left/i)).toBeVisible();
	await expect(
		again
			.getByRole('table', { name: /entries/i })
			.getByRole('row')
			.last(),
	).toHaveText(/All\s*2\s*1\s*1\s*0\s*0/);
	expect(terminal.consoleErrors()).toEqual([]);
});

test('a refused enrolment that a manager corrects makes the same person a member', async ({ shop, headquarters, code, freshCard }) => {
	const refusing = await startRefusingHeadquarters(headquarters.ready.url);
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	const screen = createScreen(terminal);
	await cashier.waitUntilLoaded();
	const [card, next] = [freshCard(), freshCard()];
	terminal.line.setLine('down');
	await cashier.enrol({ card, firstName: 'Zsófia', mobile: '+36 30 765 4384' });
	terminal.line.setTarget(refusing.url);
	terminal.line.setLine('up');
	await cashier.expectChip(/1 needs you/);
	expect(refusing.refused()).toBe(1);
	terminal.line.setLine('down');
	terminal.line.setTarget(headquarters.ready.url);
	terminal.line.setLine('up');

	const page = terminal.page();
	await takeOver(terminal);
	await cashier.openWaiting();
	await entryOf(page, 'Zsófia')
		.getByRole('button', { name: /^correct$/i })
		.press('Enter');
	await expect(screen.textbox(/first name/i)).toHaveValue('Zsófia');
	await expect(screen.textbox(/^mobile/i)).toHaveValue('+36307654384');
	await terminal.scan(next);
	await expect(screen.textbox(/^card/i)).toHaveValue(next);
	await screen.press('Enter');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await cashier.expectChip(/all sent/);
	await expect(screen.chip()).not.toContainText(/need/);

	expect(await shop.operator.findByBarcode(next)).toMatchObject({ first_name: 'Zsófia', mobile_phone: '+36307654384', status: 'active' });
	expect(await shop.operator.findByBarcode(card)).toBeNull();
	await screen.button(/^all$/i).press('Enter');
	await expect(entryOf(page, 'refused, corrected')).toHaveCount(1);
	await expect(entryOf(page, 'corrects a refused entry')).toContainText(/accepted/i);
	expect(terminal.consoleErrors()).toEqual([]);
	await refusing.close();
});
