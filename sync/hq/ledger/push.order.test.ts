import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { checkLedger } from './check-ledger.ts';
import { openFakeShop, saleData } from './fake-shop.ts';
import type { FakeShop, PushOptions } from './fake-shop.ts';

const CARD = '2900000000018';
const BY_CARD = { customer: CARD, external_id: 'loyalty_barcode' };

let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
});
afterAll(() => shop.hq.close());
beforeEach(async () => {
	await shop.reset();
	await shop.send(shop.event('opt_in', { loyalty_barcode: CARD }));
});

const earlyRefund = (envelope = {}) => shop.event('refund', { transaction_id: 'S-9' }, envelope);
const statuses = async (items: Parameters<FakeShop['push']>[0], options?: PushOptions) =>
	(await shop.push(items, options)).results.map((result) => result.status);

describe('I4: behind an event that is deferred, in the same request', () => {
	test('an opt-out of its member waits too, and both are settled in their order', async () => {
		const [refund, optOut] = [earlyRefund(), shop.event('opt_out')];
		const { results } = await shop.push([refund, optOut]);
		expect(results.map((result) => [result.status, result.error?.code])).toEqual([
			['deferred', WIRE_CODES.dependencyMissing],
			['deferred', WIRE_CODES.dependencyMissing],
		]);
		expect(await shop.member('M')).toMatchObject({ status: 'active' });
		await shop.send(shop.event('checkout', saleData('S-9')), { terminal: 'T2' });
		expect(await statuses([refund, optOut])).toEqual(['applied', 'applied']);
		expect(await shop.member('M')).toMatchObject({ status: 'opted_out', points: 0 });
		expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true });
	});

	test('waits until it is refused, when what it needs never comes', async () => {
		const [refund, optOut] = [earlyRefund(), shop.event('opt_out')];
		expect(await statuses([refund, optOut])).toEqual(['deferred', 'deferred']);
		expect(await statuses([{ ...refund, force_stub: true }, optOut])).toEqual(['rejected', 'applied']);
	});

	test('the member is the same under card, id and an id that was merged', async () => {
		expect(await statuses([earlyRefund(BY_CARD), shop.event('opt_out')])).toEqual(['deferred', 'deferred']);
		expect(await statuses([earlyRefund(), shop.event('opt_out', {}, BY_CARD)])).toEqual(['deferred', 'deferred']);
		await shop.send(shop.event('opt_in', { loyalty_barcode: CARD }, { customer: 'N' }));
		expect(await shop.member('N')).toMatchObject({ aliasOf: 'M' });
		expect(await statuses([earlyRefund({ customer: 'N' }), shop.event('opt_out')])).toEqual(['deferred', 'deferred']);
	});

	test('earning and enrolling go on, and so does everybody else', async () => {
		const items = [
			earlyRefund(),
			shop.event('checkout', saleData('S-1')),
			shop.event('profile', { first_name: 'Ann' }),
			shop.event('opt_in', {}, { customer: 'O' }),
			shop.event('opt_out', {}, { customer: 'O' }),
		];
		expect(await statuses(items)).toEqual(['deferred', 'applied', 'applied', 'applied', 'applied']);
	});

	test('what has an outcome is answered with it', async () => {
		const optOut = shop.event('opt_out');
		await shop.send(optOut);
		expect(await statuses([earlyRefund({ customer: 'P' }), { ...optOut }])).toEqual(['deferred', 'duplicate']);
	});

	test('an operator’s events, which have no order, go on', async () => {
		expect(await statuses([earlyRefund(), shop.event('opt_out')], { terminal: null })).toEqual(['deferred', 'applied']);
	});
});

describe('I4: when a value that the database refuses makes it store one by one', () => {
	beforeEach(() => shop.context.database.exec('ALTER TABLE sale ADD CONSTRAINT no_sale_13 CHECK (amount_minor <> 1300)'));
	afterEach(() => shop.context.database.exec('ALTER TABLE sale DROP CONSTRAINT no_sale_13'));

	test('an opt-out does not overtake the sale that could not be stored', async () => {
		const items = [shop.event('checkout', saleData('S-1', 13), BY_CARD), shop.event('checkout', saleData('S-2')), shop.event('opt_out')];
		expect(await statuses(items)).toEqual(['deferred', 'applied', 'deferred']);
		expect(await shop.member('M')).toMatchObject({ status: 'active', points: 41 });
	});

	test('nothing overtakes an item whose place is taken', async () => {
		const taken = shop.event('point_add', { points: 1 });
		await shop.send(taken);
		const forked = { ...shop.event('checkout', saleData('S-3')), seq: taken['seq'] };
		const items = [shop.event('checkout', saleData('S-1', 13)), forked, shop.event('point_add', { points: 5 })];
		expect(await statuses(items)).toEqual(['deferred', 'fork', 'fork']);
	});
});
