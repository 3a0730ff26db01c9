import { createCashier } from '../support/cashier.ts';
import { barcodeToTry } from '../support/headquarters.ts';
import { expect, test } from './fixtures.ts';

test('a sale given offline survives a restart of the terminal and reaches headquarters once', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	await cashier.waitUntilLoaded();
	const card = barcodeToTry(headquarters, /gold/i);
	const before = await shop.operator.findByBarcode(card);

	terminal.line.setLine('down');
	await cashier.scan(card);
	await cashier.expectMember('Nagy Éva');
	await cashier.earn({ amount: '4190', receipt: '000731' });
	await cashier.expectPending(/\+/);
	await cashier.expectChip(/1 to send/);
	await terminal.restart('kill');
	await cashier.expectChip(/1 to send/);
	terminal.line.setLine('up');
	await cashier.expectChip(/all sent/);

	const after = await shop.operator.findByBarcode(card);
	expect((after?.spendable ?? 0) - (before?.spendable ?? 0)).toBe(52);
	expect((after?.purchase_count ?? 0) - (before?.purchase_count ?? 0)).toBe(1);
	expect(terminal.consoleErrors()).toEqual([]);
});

test('an answer that is lost after headquarters has committed does not double the points', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	await cashier.waitUntilLoaded();
	const card = barcodeToTry(headquarters, /new/i);
	const before = await shop.operator.findByBarcode(card);

	terminal.line.setLine('lose_answers', 'POST /events/bulk');
	await cashier.scan(card);
	await cashier.earn({ amount: '2000', receipt: '000801' });
	// Once is enough: while the shop is open headquarters tells of the outcome by the feed, before the batch is sent again.
	await expect.poll(() => terminal.line.faults()).toBeGreaterThanOrEqual(1);
	const balanceMidway = await cashier.readTotal();
	terminal.line.setLine('up');
	await cashier.expectChip(/all sent/);

	const after = await shop.operator.findByBarcode(card);
	expect((after?.spendable ?? 0) - (before?.spendable ?? 0)).toBe(20);
	expect(balanceMidway).toBe((before?.spendable ?? 0) + 20);
});
