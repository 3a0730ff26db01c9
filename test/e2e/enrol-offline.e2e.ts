import { createCashier } from '../support/cashier.ts';
import { expect, test } from './fixtures.ts';

test('a member who is enrolled offline earns at once and is found at headquarters and on a second terminal', async ({
	shop,
	code,
	freshCard,
}) => {
	const first = await shop.open({ code: code() });
	const second = await shop.open({ code: code() });
	const cashier = createCashier(first);
	const colleague = createCashier(second);
	await cashier.waitUntilLoaded();
	await colleague.waitUntilLoaded();
	const card = freshCard();

	first.line.setLine('down');
	await cashier.enrol({ card, firstName: 'Márta', mobile: '+36 30 765 4321' });
	await cashier.expectMember('Márta');
	await cashier.earn({ amount: '1850', receipt: '000900' });
	await cashier.expectChip(/2 to send/);
	expect(await shop.operator.findByBarcode(card)).toBeNull();

	first.line.setLine('up');
	await cashier.expectChip(/all sent/);
	const customer = await shop.operator.findByBarcode(card);
	expect(customer).toMatchObject({ first_name: 'Márta', mobile_phone: '+36307654321', spendable: 18, status: 'active' });

	await colleague.expectFoundByScan(card, 'Márta');
	expect(await colleague.readTotal()).toBe(18);
});

test('one card that two terminals enrol offline becomes one member with the points of both', async ({ shop, code, freshCard }) => {
	const first = await shop.open({ code: code() });
	const second = await shop.open({ code: code() });
	const card = freshCard();
	for (const [terminal, receipt] of [
		[first, '000911'],
		[second, '000912'],
	] as const) {
		const cashier = createCashier(terminal);
		await cashier.waitUntilLoaded();
		terminal.line.setLine('down');
		await cashier.enrol({ card, firstName: 'Ilona', mobile: '+36 30 765 4399' });
		await cashier.earn({ amount: '1000', receipt });
	}
	for (const terminal of [first, second]) {
		terminal.line.setLine('up');
		await createCashier(terminal).expectChip(/all sent/);
	}
	expect(await shop.operator.findByBarcode(card)).toMatchObject({ first_name: 'Ilona', spendable: 20 });
});

test('a member who has the same mobile already is shown while it is typed', async ({ shop, code }) => {
	const terminal = await shop.open({ code: code() });
	const cashier = createCashier(terminal);
	await cashier.waitUntilLoaded();
	terminal.line.setLine('down');
	await cashier.startEnrolment();
	await cashier.type('mobile', '+36 30 123 4567');
	await cashier.expectSuspect('Szabó Márta');
});
