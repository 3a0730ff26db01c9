import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { must } from '#shared/lib/assert.ts';
import { checkLedger } from './check-ledger.ts';
import { openFakeShop, saleData } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

let shop: FakeShop;
beforeAll(async () => {
	shop = await openFakeShop();
}, 60_000);
beforeEach(() => shop.reset());
afterAll(() => shop.hq.close());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A sale that happened `agoMs` ago. */
const sale = (transaction: string, total: number, agoMs: number) =>
	shop.event('checkout', saleData(transaction, total), { age_ms: agoMs, boot_id: `boot of ${transaction}` });
const refund = (transaction: string, amount: number | null, agoMs: number) =>
	shop.event(
		amount === null ? 'refund' : 'partial_refund',
		{ transaction_id: transaction, ...(amount === null ? {} : { amount }) },
		{
			age_ms: agoMs,
			boot_id: `boot of the refund of ${transaction}`,
		},
	);
const corrections = () =>
	shop.rows("SELECT points, payload->>'transaction_id' AS sale, applied_to FROM event WHERE action = 'correction' ORDER BY effective_at");

describe('a sale that arrives after later ones', () => {
	beforeEach(async () => {
		await shop.push([shop.event('opt_in')]);
	});

	test('earns by the tier of its own moment, not by that of its arrival', async () => {
		await shop.push([sale('S-2', 500, HOUR_MS)]);
		expect(await shop.member('M')).toMatchObject({ tier: 'silver', points: 500 });
		expect(await shop.send(sale('S-1', 100, 2 * HOUR_MS))).toMatchObject({ points: 100 });
		expect(await shop.send(sale('S-3', 100, 0))).toMatchObject({ points: 110 });
	});

	test('moves the sales after it into the tier that it leads to: a correction is booked, nothing is rewritten', async () => {
		const later = sale('S-2', 100, HOUR_MS);
		expect(await shop.send(later)).toMatchObject({ points: 100 });
		const early = sale('S-1', 500, 2 * HOUR_MS);
		expect(await shop.send(early)).toMatchObject({ points: 500 });
		expect(await corrections()).toEqual([{ points: 10, sale: 'S-2', applied_to: 'M' }]);
		expect(await shop.member('M')).toMatchObject({ points: 610, tierPoints: 610, earned: 610 });
		expect(await shop.rows("SELECT points FROM event WHERE action = 'checkout' ORDER BY recorded_at, seq")).toEqual([
			{ points: 100 },
			{ points: 500 },
		]);
		expect(await shop.send(later)).toMatchObject({ status: 'duplicate', points: 100 });
		expect(await shop.send(early)).toMatchObject({ status: 'duplicate', points: 500 });
		expect(await corrections()).toHaveLength(1);
		expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true, members: 610 });
	});

	test('a refund after a correction takes back what the sale gives in the end', async () => {
		await shop.push([sale('S-2', 100, HOUR_MS)]);
		await shop.push([sale('S-1', 500, 2 * HOUR_MS)]);
		expect(await shop.send(refund('S-2', null, 0))).toMatchObject({ points: -110 });
		expect(await shop.member('M')).toMatchObject({ points: 500, tierPoints: 500 });
	});

	test('a refund that arrives late takes the tier from the sales after it', async () => {
		await shop.push([sale('S-1', 500, 4 * HOUR_MS), sale('S-2', 100, HOUR_MS)]);
		expect(await shop.member('M')).toMatchObject({ points: 610 });
		await shop.push([refund('S-1', null, 2 * HOUR_MS)]);
		expect(await corrections()).toEqual([{ points: -10, sale: 'S-2', applied_to: 'M' }]);
		expect(await shop.member('M')).toMatchObject({ points: 100, tierPoints: 100, tier: 'basic' });
	});

	test('a refund that a clock puts before its sale counts right after it', async () => {
		await shop.push([sale('S-2', 100, HOUR_MS)]);
		await shop.push([refund('S-2', null, 5 * HOUR_MS)]);
		await shop.push([sale('S-3', 100, 2 * HOUR_MS)]);
		await shop.push([sale('S-1', 500, 3 * HOUR_MS)]);
		expect(await corrections()).toEqual([{ points: 10, sale: 'S-3', applied_to: 'M' }]);
		expect(await shop.member('M')).toMatchObject({ points: 610, tierPoints: 610 });
	});

	test('is flagged late beyond thirty days, earns, and moves what is within them', async () => {
		await shop.push([sale('S-2', 100, HOUR_MS)]);
		expect(await shop.send(sale('S-1', 500, 40 * DAY_MS))).toMatchObject({ status: 'applied', points: 500 });
		expect(await shop.rows('SELECT is_late FROM event WHERE action = $1 ORDER BY effective_at', ['checkout'])).toEqual([
			{ is_late: true },
			{ is_late: false },
		]);
		expect(await shop.member('M')).toMatchObject({ points: 610 });
	});

	test('nothing is told again across a merge', async () => {
		await shop.push([shop.event('opt_in', { loyalty_barcode: '2900000000018' }, { customer: 'N' }), sale('S-2', 100, HOUR_MS)]);
		await shop.context.database.query('UPDATE member SET tier_base_at = $1 WHERE id = $2', [shop.context.clock.nowMs(), 'M']);
		await shop.push([sale('S-1', 500, 2 * HOUR_MS)]);
		expect(await corrections()).toEqual([]);
		expect(await shop.member('M')).toMatchObject({ points: 600 });
	});

	test('a sale by another rule stays as it was booked', async () => {
		await shop.push([sale('S-2', 100, HOUR_MS)]);
		await shop.context.database.query("UPDATE sale SET rule_id = 'another'");
		await shop.push([sale('S-1', 500, 2 * HOUR_MS)]);
		expect(await corrections()).toEqual([]);
	});
});

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

test.each(SEEDS)('the order of arrival does not matter: balance, tier and every sale are the same (seed %i)', async (seed) => {
	const { random } = createFakeTime({ settle: () => Promise.resolve(), seed });
	const pick = (count: number): number => Math.floor(random.fraction() * count);
	const shuffled = <T>(items: readonly T[]): T[] =>
		items
			.map((item) => ({ item, at: random.fraction() }))
			.toSorted((a, b) => a.at - b.at)
			.map(({ item }) => item);
	const plans = Array.from({ length: 7 }, (_, index) => ({
		transaction: `S-${index}`,
		total: 50 + 50 * pick(30),
		agoMs: HOUR_MS * (200 - 20 * index),
	}));
	const given = plans
		.filter(() => pick(3) === 0)
		.map((plan) => ({ ...plan, part: pick(2) === 0 ? null : plan.total / 2, agoMs: plan.agoMs - HOUR_MS * (1 + pick(60)) }));
	const outcomes: unknown[] = [];
	for (let run = 0; run < 3; run += 1) {
		await shop.reset();
		await shop.push([shop.event('opt_in')]);
		// A refund waits for its sale, as headquarters would let it wait.
		const queue = run === 0 ? plans.map((plan) => ({ plan, refund: false })) : shuffled(plans).map((plan) => ({ plan, refund: false }));
		const order = queue.flatMap(({ plan }) => [sale(plan.transaction, plan.total, plan.agoMs)]);
		const refunds = shuffled(given).map((plan) => refund(plan.transaction, plan.part, plan.agoMs));
		const items = [...order, ...refunds];
		const size = 1 + pick(4);
		for (let from = 0; from < items.length; from += size) {
			const { results } = await shop.push(items.slice(from, from + size).map((item) => ({ ...item })));
			expect(results.map((result) => result.status)).toEqual(results.map(() => 'applied'));
		}
		const sales = await shop.rows('SELECT transaction_id, points, points_taken_back FROM sale ORDER BY transaction_id');
		const member = must(await shop.member('M'), 'the member');
		expect(await checkLedger(shop.context.database)).toMatchObject({ isBalanced: true });
		outcomes.push({ sales, points: member.points, tierPoints: member.tierPoints, tier: member.tier });
	}
	expect(outcomes[1]).toEqual(outcomes[0]);
	expect(outcomes[2]).toEqual(outcomes[0]);
});
