import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { checkLedger } from './check-ledger.ts';
import { openFakeShop, saleData } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';
import { findMemberByBarcode, findMemberById } from './find-member.ts';

let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
});
afterAll(() => shop.hq.close());
beforeEach(() => shop.reset());

const CARD = '2900000000018';
const OTHER_CARD = '2900000000025';
const ANN = { first_name: 'Ann', last_name: 'Lee', email: 'ann.lee@example.com', mobile_phone: '+36201234567', birth_date: '1991-04-02' };
const byCard = { customer: CARD, external_id: 'loyalty_barcode' };
const enrol = (id: string, data: object = {}) => shop.event('opt_in', { loyalty_barcode: CARD, ...data }, { customer: id });
const balanced = () => checkLedger(shop.context.database);

describe('a member who is named by a card', () => {
	test('that an earlier event of the same request introduced is found', async () => {
		const { results } = await shop.push([enrol('M'), shop.event('checkout', saleData('S-1'), byCard)]);
		expect(results.map((result) => [result.status, result.applied_to])).toEqual([
			['applied', 'M'],
			['applied', 'M'],
		]);
		expect((await findMemberByBarcode(shop.context, CARD))?.points).toBe(41);
	});

	test('that was replaced still earns, and finds its member', async () => {
		await shop.send(enrol('M'));
		await shop.send(shop.event('profile', { loyalty_barcode: OTHER_CARD }));
		expect((await shop.send(shop.event('checkout', saleData('S-1'), byCard))).applied_to).toBe('M');
		expect((await shop.send(shop.event('point_sub', { points: 1 }, byCard))).error?.code).toBe(WIRE_CODES.customerNotActive);
		expect((await findMemberByBarcode(shop.context, OTHER_CARD))?.id).toBe('M');
		expect(await shop.rows('SELECT card, kind, status FROM card_index ORDER BY card')).toEqual([
			{ card: CARD, kind: 'old_card', status: 'replaced' },
			{ card: OTHER_CARD, kind: 'card', status: 'active' },
		]);
	});
});

describe('events that arrive before their member', () => {
	test('are deferred, store nothing, and are applied once the member is there', async () => {
		const sale = shop.event('checkout', saleData('S-1'));
		expect(await shop.send(sale)).toMatchObject({ status: 'deferred', error: { code: WIRE_CODES.dependencyMissing } });
		expect(await shop.rows('SELECT 1 FROM event')).toEqual([]);
		await shop.send(enrol('M'), { terminal: 'T2' });
		expect((await shop.send(sale)).status).toBe('applied');
	});

	test('open a stub by force, which the late enrolment fills', async () => {
		const sale = shop.event('checkout', saleData('S-1'));
		expect(await shop.send({ ...sale, force_stub: true })).toMatchObject({ status: 'applied', applied_to: 'M', applied_ver: 1 });
		expect(await shop.member('M')).toMatchObject({ status: 'stub', points: 41, firstName: null });
		await shop.send(enrol('M', ANN), { terminal: 'T2' });
		expect(await shop.member('M')).toMatchObject({ status: 'active', points: 41, firstName: 'Ann', card: CARD });
		expect((await shop.send(sale)).status).toBe('duplicate');
	});

	test('open a stub for a card by force, to which the late enrolment becomes an alias', async () => {
		const { applied_to: stub } = await shop.send(shop.event('checkout', saleData('S-1'), { ...byCard, force_stub: true }));
		expect(await shop.member(stub ?? '')).toMatchObject({ status: 'stub', card: CARD, points: 41 });
		const result = await shop.send(enrol('N', ANN), { terminal: 'T2' });
		expect(result.applied_to).toBe(stub);
		expect(await findMemberById(shop.context, 'N')).toMatchObject({ id: stub, status: 'active', firstName: 'Ann', points: 41 });
	});

	test('that are refunds wait for their sale', async () => {
		await shop.send(enrol('M'));
		const refund = shop.event('refund', { transaction_id: 'S-1' });
		expect((await shop.send(refund)).status).toBe('deferred');
		await shop.send(shop.event('checkout', saleData('S-1')), { terminal: 'T2' });
		expect(await shop.send(refund)).toMatchObject({ status: 'applied', points: -41 });
	});
});

describe('one card enrolled on two terminals', () => {
	test('makes the second id an alias: both ids earn for the owner, and either finds it', async () => {
		await shop.push([enrol('M', { first_name: 'Ann' }), shop.event('checkout', saleData('S-1'))]);
		const second = enrol('N', ANN);
		const { results } = await shop.push([second, shop.event('checkout', saleData('S-2'), { customer: 'N' })], { terminal: 'T2' });
		expect(results.map((result) => [result.status, result.applied_to, result.applied_ver])).toEqual([
			['applied', 'M', 2],
			['applied', 'M', 2],
		]);
		expect(await shop.member('N')).toMatchObject({ status: 'merged', aliasOf: 'M', mergedInto: 'M', mergedVer: 2, ver: 1, card: null });
		expect(await shop.member('M')).toMatchObject({ points: 82, mobile: '+36201234567', ver: 2 });
		expect(await shop.rows("SELECT origin_member, applied_to FROM event WHERE action = 'checkout' ORDER BY seq")).toEqual([
			{ origin_member: 'M', applied_to: 'M' },
			{ origin_member: 'N', applied_to: 'M' },
		]);
		expect((await findMemberById(shop.context, 'N'))?.id).toBe('M');
		expect(await balanced()).toMatchObject({ isBalanced: true, members: 82 });
	});

	test('with another phone keeps two members and asks a person', async () => {
		await shop.send(enrol('M', ANN));
		expect((await shop.send(enrol('N', { mobile_phone: '+36209999999' }), { terminal: 'T2' })).applied_to).toBe('N');
		expect(await shop.member('N')).toMatchObject({ status: 'active', card: null, profile: { identity_conflict: true } });
		expect((await findMemberByBarcode(shop.context, CARD))?.id).toBe('M');
	});

	test('moves the balance of a stub that had earned under the second id', async () => {
		await shop.send(enrol('M'));
		await shop.send(shop.event('checkout', saleData('S-1'), { customer: 'N', force_stub: true }));
		await shop.send(enrol('N'), { terminal: 'T2' });
		expect(await shop.member('M')).toMatchObject({ points: 41 });
		expect(await shop.member('N')).toMatchObject({ points: 0, status: 'merged' });
		expect(await shop.send(shop.event('refund', { transaction_id: 'S-1' }))).toMatchObject({
			status: 'applied',
			applied_to: 'M',
			points: -41,
		});
		expect(await balanced()).toMatchObject({ isBalanced: true, members: 0 });
	});

	test('in one request behaves as in two', async () => {
		const { results } = await shop.push([enrol('M'), enrol('N')]);
		expect(results.map((result) => [result.status, result.applied_to, result.applied_ver])).toEqual([
			['applied', 'M', 1],
			['applied', 'M', 1],
		]);
		expect(await shop.member('N')).toMatchObject({ mergedInto: 'M', mergedVer: 1 });
	});
});

describe('refunds', () => {
	test('in parts add up to what was earned and no more', async () => {
		await shop.push([enrol('M'), shop.event('checkout', saleData('S-1', 99.99))]);
		const parts = await shop.push([30, 30, 39.99, 0.01].map((amount) => shop.event('partial_refund', { transaction_id: 'S-1', amount })));
		expect(parts.results.map((result) => [result.status, result.points])).toEqual([
			['applied', -29],
			['applied', -30],
			['applied', -40],
			['rejected', undefined],
		]);
		expect(parts.results[3]?.error?.code).toBe(WIRE_CODES.refundAboveTransaction);
		expect(await shop.rows('SELECT refunded_minor, points_taken_back, points FROM sale')).toEqual([
			{ refunded_minor: 9999, points_taken_back: 99, points: 99 },
		]);
	});

	test('are for the owner of the sale only', async () => {
		await shop.push([enrol('M'), shop.event('checkout', saleData('S-1')), shop.event('opt_in', {}, { customer: 'N' })]);
		expect((await shop.send(shop.event('refund', { transaction_id: 'S-1' }, { customer: 'N' }))).error?.code).toBe(
			WIRE_CODES.notTransactionOwner,
		);
	});
});

describe('opt_out', () => {
	const everything = async () =>
		JSON.stringify(
			await shop.rows(
				'SELECT row_to_json(member) AS row FROM member UNION ALL SELECT row_to_json(event) FROM event UNION ALL SELECT row_to_json(card_index) FROM card_index UNION ALL SELECT row_to_json(forgotten_card) FROM forgotten_card',
			),
		);

	test('leaves no byte of the person, in the member or its events', async () => {
		await shop.push([
			enrol('M', ANN),
			shop.event('profile', { nickname: 'Annie', loyalty_barcode: OTHER_CARD }),
			shop.event('checkout', { ...saleData('S-1'), note: 'for Ann' }),
		]);
		await shop.send(enrol('N', { ...ANN, loyalty_barcode: OTHER_CARD }), { terminal: 'T2' });
		expect(await everything()).toMatch(/Annie/);
		await shop.send(shop.event('opt_out'));
		expect(await everything()).not.toMatch(new RegExp(`Ann|Lee|1991|3620123|${CARD}|${OTHER_CARD}`));
		expect(await shop.member('M')).toMatchObject({ status: 'opted_out', points: 0 });
		expect(await balanced()).toMatchObject({ isBalanced: true, members: 0, forfeited: 41, events: 41 });
	});

	test('refuses for good what comes afterwards, of any terminal', async () => {
		await shop.push([enrol('M'), shop.event('opt_out')]);
		const sale = shop.event('checkout', saleData('S-1'));
		expect((await shop.send(sale)).error?.code).toBe(WIRE_CODES.optedOut);
		expect((await shop.send({ ...sale, data: {} })).status).toBe('rejected');
		expect((await shop.send(enrol('M', ANN), { terminal: 'T2' })).error?.code).toBe(WIRE_CODES.optedOut);
		expect(await everything()).not.toMatch(/Ann/);
	});

	test('answers a repetition whose personal data was taken out of the outbox', async () => {
		const enrolment = enrol('M', ANN);
		await shop.push([enrolment, shop.event('opt_out')]);
		expect((await shop.send({ ...enrolment, data: {} })).status).toBe('duplicate');
	});

	test('keeps an old enrolment of the card from bringing the person back, and lets a new one in', async () => {
		const early = enrol('N', ANN);
		await shop.send(enrol('M', ANN));
		await shop.hq.time.advance(60_000);
		await shop.send(shop.event('opt_out'));
		expect((await shop.send(early, { terminal: 'T2' })).error?.code).toBe(WIRE_CODES.optedOut);
		expect(await shop.member('N')).toBeNull();
		await shop.hq.time.advance(60_000);
		expect(await shop.send(enrol('P', ANN), { terminal: 'T2' })).toMatchObject({ status: 'applied', applied_to: 'P' });
		expect((await findMemberByBarcode(shop.context, CARD))?.id).toBe('P');
	});

	test('voids what was earned by its card before, and waits with what was earned after', async () => {
		const before = shop.event('checkout', saleData('S-1'), byCard);
		await shop.send(enrol('M'));
		await shop.hq.time.advance(60_000);
		await shop.send(shop.event('opt_out'));
		await shop.hq.time.advance(60_000);
		const after = shop.event('checkout', saleData('S-2'), byCard);
		expect((await shop.push([before, after], { terminal: 'T2' })).results.map((result) => result.status)).toEqual(['rejected', 'deferred']);
	});
});

describe('a plain Antavo client', () => {
	const send = (action: string, data: object, envelope: object = {}) =>
		shop.send({ customer: 'CUST000001', action, data, ...envelope }, { terminal: null });

	test('enrols, and is told when it was done before', async () => {
		expect((await send('opt_in', { loyalty_barcode: '1234-5678-9123' })).status).toBe('applied');
		expect((await send('opt_in', {})).error?.code).toBe(WIRE_CODES.alreadyOptedIn);
	});

	test('mixes ids and external ids in one bulk, as the documentation shows', async () => {
		const { results, errors } = await shop.push(
			[
				{ customer: 'CUST000001', action: 'opt_in', data: { loyalty_barcode: '1234-5678-9123' } },
				{ customer: '1234-5678-9123', external_id: 'loyalty_barcode', action: 'profile', data: { first_name: 'Test' } },
				{ customer: 'CUST000001', action: 'point_add', data: { points: 1 } },
			],
			{ terminal: null },
		);
		expect(errors).toBe(0);
		expect(results[2]?.events).toEqual([{ id: expect.any(String), action: 'point_add', points: 1 }]);
		expect(await shop.member('CUST000001')).toMatchObject({ firstName: 'Test', points: 1 });
	});

	test('is told that a customer is unknown, and that none is made by an external id', async () => {
		expect((await send('point_add', { points: 1 })).error?.code).toBe(WIRE_CODES.customerNotFound);
		expect((await send('opt_in', {}, byCard)).error?.code).toBe(WIRE_CODES.propertyInvalid);
	});
});
