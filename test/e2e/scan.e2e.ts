import { createCashier } from '../support/cashier.ts';
import { barcodeToTry } from '../support/headquarters.ts';
import { expect, test } from './fixtures.ts';

test('what is no member card is explained, and a well-formed unknown card can still earn', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	await cashier.waitUntilLoaded();

	await cashier.scan(barcodeToTry(headquarters, /check digit/i));
	await cashier.expectMessage(/did not read cleanly/i);
	await cashier.scan(barcodeToTry(headquarters, /coupon/i));
	await cashier.expectMessage(/coupon/i);
	await cashier.scan(barcodeToTry(headquarters, /blocked/i));
	await cashier.expectMessage(/blocked/i);
	await cashier.scan(barcodeToTry(headquarters, /nobody has/i));
	await cashier.expectMessage(/not on this terminal yet/i);
	await cashier.earn({ amount: '500', receipt: '000951' });
	await cashier.openWaiting();
	await cashier.expectMessage(/000951/);
});

test('a scan while a field has the focus leaves the field as it was and opens the card', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	await cashier.waitUntilLoaded();
	await cashier.startEnrolment();
	await cashier.type('firstName', 'Zso');
	await cashier.scan(barcodeToTry(headquarters, /nobody has/i));
	expect(await cashier.readField('firstName')).toBe('Zso');
	expect((await cashier.readField('card')).replaceAll(' ', '')).toBe(barcodeToTry(headquarters, /nobody has/i));
});

test('a scan while a dialog is open does not press its buttons', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	await cashier.waitUntilLoaded();
	await terminal.page().keyboard.press('F1');
	await expect(terminal.page().getByRole('dialog')).toBeVisible();
	await cashier.scan(barcodeToTry(headquarters, /gold/i));
	await cashier.expectMember('Nagy Éva');
	await expect(terminal.page().getByRole('dialog')).toHaveCount(0);
});

test('a receipt that earned today is asked about before it earns again', async ({ shop, headquarters, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	await cashier.waitUntilLoaded();
	await cashier.scan(barcodeToTry(headquarters, /gold/i));
	await cashier.earn({ amount: '700', receipt: '000961' });
	await cashier.scan(barcodeToTry(headquarters, /gold/i));
	await cashier.enterSale({ amount: '700', receipt: '000961' });
	await cashier.expectMessage(/earned points today/i);
});
