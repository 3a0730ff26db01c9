import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EventIdSchema } from '#shared/domain/ids.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { MergeRequestSchema } from '#shared/wire/merge.ts';
import type { MergeRequest } from '#shared/wire/merge.ts';
import { checkLedger } from './check-ledger.ts';
import { openFakeShop, saleData } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';
import { mergeMembers } from './merge.ts';

let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
}, 60_000);
beforeEach(() => shop.reset());
afterAll(() => shop.hq.close());

const MERGE_ID = '018f0000-0000-7000-8000-0000000000f1';
const requestOf = (loser: string, winner: string, id = MERGE_ID): MergeRequest => MergeRequestSchema.parse({ merge_id: id, loser, winner });
const merge = (loser: string, winner: string, id?: string) => mergeMembers(shop.context, requestOf(loser, winner, id));
const enrol = (customer: string, data: object = {}) => shop.event('opt_in', { ...data }, { customer });
const sell = (customer: string, transaction: string, total: number) => shop.event('checkout', saleData(transaction, total), { customer });

describe('a merge', () => {
	test('moves balance, cards and what the winner lacked, and leaves a tombstone with both versions', async () => {
		await shop.push([
			enrol('A', { loyalty_barcode: '2900000000018', first_name: 'Ann', mobile_phone: '+36301234567' }),
			enrol('B', { loyalty_barcode: '2900000000025', first_name: 'Anna' }),
			sell('A', 'S-1', 100),
			sell('B', 'S-2', 20),
		]);
		const before = { winner: await shop.member('B'), loser: await shop.member('A') };
		const merged = await merge('A', 'B');
		expect(merged).toEqual({
			ok: true,
			value: { merge_id: MERGE_ID, winner: 'B', winner_ver: (before.winner?.ver ?? 0) + 1, points: 100 },
		});
		const winner = await shop.member('B');
		expect(winner).toMatchObject({
			points: 120,
			earned: 120,
			tierPoints: 120,
			firstName: 'Anna',
			mobile: '+36301234567',
			purchaseCount: 2,
			card: '2900000000025',
		});
		expect(winner?.aliases).toEqual([['2900000000018', 'card', 'active']]);
		expect(await shop.member('A')).toMatchObject({
			status: 'merged',
			points: 0,
			firstName: null,
			ver: (before.loser?.ver ?? 0) + 1,
			aliasOf: 'B',
			mergedInto: 'B',
			mergedVer: winner?.ver,
		});
		expect(await shop.rows('SELECT debit_account, credit_account, amount FROM ledger_entry WHERE event_id = $1', [MERGE_ID])).toEqual([
			{ debit_account: 'member:A', credit_account: 'member:B', amount: 100 },
		]);
		expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true, members: 120 });
		expect(await shop.rows("SELECT DISTINCT member_id FROM change_staging WHERE member_id IN ('A', 'B') ORDER BY 1")).toEqual([
			{ member_id: 'A' },
			{ member_id: 'B' },
		]);
	});

	test('of a member without anything raises both versions all the same', async () => {
		await shop.push([enrol('A'), enrol('B')]);
		const [loser, winner] = [await shop.member('A'), await shop.member('B')];
		expect(await merge('A', 'B')).toMatchObject({ ok: true, value: { points: 0, winner_ver: (winner?.ver ?? 0) + 1 } });
		expect(await shop.member('A')).toMatchObject({ ver: (loser?.ver ?? 0) + 1, mergedVer: (winner?.ver ?? 0) + 1 });
		expect(await shop.rows('SELECT 1 FROM ledger_entry')).toEqual([]);
	});

	test('again with its id changes nothing and answers the same; the id with other members is refused', async () => {
		await shop.push([enrol('A'), enrol('B'), enrol('C'), sell('A', 'S-1', 100)]);
		const first = await merge('A', 'B');
		const rows = await shop.rows('SELECT id, ver, points FROM member ORDER BY id');
		expect(await merge('A', 'B')).toEqual(first);
		expect(await shop.rows('SELECT id, ver, points FROM member ORDER BY id')).toEqual(rows);
		expect(await merge('C', 'B')).toMatchObject({ ok: false, error: { code: WIRE_CODES.contentMismatch } });
	});

	test('moves a balance below zero, too', async () => {
		await shop.push([enrol('A'), enrol('B'), shop.event('point_sub', { points: 30 }, { customer: 'A' }), sell('B', 'S-2', 20)]);
		expect(await merge('A', 'B')).toMatchObject({ ok: true, value: { points: -30 } });
		expect(await merge('A', 'B')).toMatchObject({ ok: true, value: { points: -30 } });
		expect(await shop.member('B')).toMatchObject({ points: -10 });
		expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true });
	});
});

describe('after a merge', () => {
	test('late events, sales and refunds of the loser go to the winner, by id and by card', async () => {
		await shop.push([enrol('A', { loyalty_barcode: '2900000000018' }), enrol('B'), sell('A', 'S-1', 100)]);
		await merge('A', 'B');
		const late = sell('A', 'S-2', 50);
		expect(await shop.send(late)).toMatchObject({ status: 'applied', applied_to: 'B', points: 50 });
		expect(await shop.send(late)).toMatchObject({ status: 'duplicate', applied_to: 'B' });
		expect(await shop.send(shop.event('refund', { transaction_id: 'S-1' }, { customer: 'A' }))).toMatchObject({
			applied_to: 'B',
			points: -100,
		});
		const byCard = shop.event('point_add', { points: 5 }, { customer: '2900000000018', external_id: 'loyalty_barcode' });
		expect(await shop.send(byCard)).toMatchObject({ applied_to: 'B', points: 5 });
		expect(await shop.member('B')).toMatchObject({ points: 55 });
		expect(await shop.rows("SELECT origin_member FROM event WHERE payload->>'transaction_id' = 'S-2'")).toEqual([{ origin_member: 'A' }]);
		expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true });
	});

	test('shortens chains: who was merged into the loser points at the winner', async () => {
		await shop.push([enrol('A'), enrol('B'), enrol('C'), sell('A', 'S-1', 100)]);
		await merge('A', 'B');
		await merge('B', 'C', MERGE_ID.replace('f1', 'f2'));
		const winner = await shop.member('C');
		expect(winner).toMatchObject({ points: 100 });
		expect(await shop.member('A')).toMatchObject({ aliasOf: 'C', mergedInto: 'C', mergedVer: winner?.ver });
		expect(await shop.member('B')).toMatchObject({ aliasOf: 'C', mergedInto: 'C' });
		expect(await shop.send(sell('A', 'S-2', 50))).toMatchObject({ applied_to: 'C' });
	});
});

describe('merging', () => {
	test('clears the doubt that two enrolments of one card left', async () => {
		await shop.push([
			enrol('A', { loyalty_barcode: '2900000000018', mobile_phone: '+36301234567' }),
			enrol('B', { loyalty_barcode: '2900000000018', mobile_phone: '+36309999999' }),
		]);
		expect((await shop.member('A'))?.profile.identity_conflict).toBe(true);
		expect((await shop.member('B'))?.card).toBeNull();
		await merge('B', 'A');
		expect((await shop.member('A'))?.profile.identity_conflict).toBeUndefined();
	});

	test.each([
		['of a member with itself', 'A', 'A', WIRE_CODES.propertyInvalid],
		['of a loser that nobody knows', 'NOBODY', 'A', WIRE_CODES.customerNotFound],
		['into a winner that nobody knows', 'A', 'NOBODY', WIRE_CODES.customerNotFound],
		['of who has opted out', 'GONE', 'A', WIRE_CODES.optedOut],
		['into who has opted out', 'A', 'GONE', WIRE_CODES.optedOut],
		['of who was merged', 'OLD', 'A', WIRE_CODES.identityConflict],
		['in a circle', 'A', 'OLD', WIRE_CODES.identityConflict],
	])('%s is refused and stores nothing', async (_what, loser, winner, code) => {
		await shop.push([enrol('A'), enrol('GONE'), enrol('OLD'), shop.event('opt_out', {}, { customer: 'GONE' })]);
		await merge('OLD', 'A', MERGE_ID.replace('f1', 'f0'));
		const before = await shop.rows('SELECT id, ver FROM member ORDER BY id');
		expect(await merge(loser, winner)).toMatchObject({ ok: false, error: { code } });
		expect(await shop.rows('SELECT id, ver FROM member ORDER BY id')).toEqual(before);
		expect(await shop.rows('SELECT 1 FROM event WHERE event_id = $1', [EventIdSchema.parse(MERGE_ID)])).toEqual([]);
	});
});

test('who opts out after a merge takes the personal data of the merged events along, also along a chain', async () => {
	await shop.push([enrol('A', { first_name: 'Ann' }), enrol('B'), enrol('C')]);
	await merge('A', 'B');
	await merge('B', 'C', MERGE_ID.replace('f1', 'f2'));
	const before = await shop.member('A');
	await shop.push([shop.event('opt_out', {}, { customer: 'C' })]);
	// Each id tells it by itself: a terminal may know the person under that one alone.
	expect(await shop.rows('SELECT id, status, merged_into FROM member ORDER BY id')).toEqual(
		['A', 'B', 'C'].map((id) => ({ id, status: 'opted_out', merged_into: null })),
	);
	expect(await shop.member('A')).toMatchObject({ ver: (before?.ver ?? 0) + 1, aliasOf: 'C' });
	expect(await shop.rows("SELECT DISTINCT member_id FROM change_staging WHERE member_id IN ('A', 'B') ORDER BY member_id")).toHaveLength(2);
	expect(await shop.rows("SELECT 1 FROM event WHERE payload::text LIKE '%Ann%'")).toEqual([]);
	expect(await shop.send(sell('A', 'S-9', 10))).toMatchObject({ status: 'rejected', error: { code: WIRE_CODES.optedOut } });
});
