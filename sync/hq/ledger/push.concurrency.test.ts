import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkLedger } from './check-ledger.ts';
import { TERMINALS, openFakeShop, saleData } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';
import { readOutcomes } from './outcomes.ts';

/** On PGlite transactions queue up; on a server (REGULARS_TEST_DATABASE_URL) they really meet. */
let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
});
afterAll(() => shop.hq.close());
beforeEach(() => shop.reset());

const MEMBERS = Array.from({ length: 20 }, (_, index) => `M${index}`);
const incarnationOf = (index: number) => index.toString(16).padStart(16, '0');

test('requests that share members in opposite orders all come through', async () => {
	await shop.push(MEMBERS.map((customer) => shop.event('opt_in', {}, { customer })));
	const requests = Array.from({ length: 16 }, (_, request) => {
		const order = request % 2 === 0 ? MEMBERS : MEMBERS.toReversed();
		return order.map((customer, index) => shop.event('checkout', saleData(`S-${request}-${index}`, 10), { customer, seq: index + 1 }));
	});
	const answers = await Promise.all(
		requests.map((items, index) => shop.push(items, { terminal: index % 3 === 0 ? 'T1' : 'T2', incarnation: incarnationOf(index) })),
	);
	expect(answers.map((answer) => answer.errors)).toEqual(requests.map(() => 0));
	expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true, members: 16 * 20 * 10 });
	expect(new Set(await Promise.all(MEMBERS.map(async (id) => (await shop.member(id))?.points)))).toEqual(new Set([160]));
});

test('copies of one request that race each other count once', async () => {
	const items = [
		shop.event('opt_in', { loyalty_barcode: '2900000000018' }),
		...Array.from({ length: 5 }, (_, index) => shop.event('checkout', saleData(`S-${index}`))),
	];
	const answers = await Promise.all(Array.from({ length: 6 }, () => shop.push(items)));
	const applied = answers.flatMap((answer) => answer.results.filter((result) => result.status === 'applied'));
	expect(applied).toHaveLength(items.length);
	expect(
		new Set(answers.map((answer) => answer.results.map((result) => [result.applied_to, result.applied_ver, result.points]).join())),
	).toHaveLength(1);
	expect(await shop.member('M')).toMatchObject({ points: 205 });
});

test('one card enrolled at the same time under many ids has one owner', async () => {
	await Promise.all(
		MEMBERS.map((customer, index) =>
			shop.push([shop.event('opt_in', { loyalty_barcode: '2900000000018' }, { customer, seq: 1 })], {
				terminal: 'T2',
				incarnation: incarnationOf(index),
			}),
		),
	);
	const states = await shop.rows<{ status: string; count: number }>(
		'SELECT status, count(*)::int AS count FROM member GROUP BY status ORDER BY status',
	);
	expect(states).toEqual([
		{ status: 'active', count: 1 },
		{ status: 'merged', count: MEMBERS.length - 1 },
	]);
});

test('outcomes of racing requests of one terminal have no gap', async () => {
	await shop.send(shop.event('opt_in'));
	await Promise.all(Array.from({ length: 10 }, (_, index) => shop.send(shop.event('checkout', saleData(`S-${index}`)))));
	const { results } = await readOutcomes(shop.context, { terminal: TERMINALS.T1, after: 0 });
	expect(results.map((result) => result.result_no)).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
});
