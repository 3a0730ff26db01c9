import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../lib/assert.ts';
import { nextTier, pointsForRefund, pointsForSale, tierFor } from './earn.ts';
import { AMOUNT_MINOR_MAX } from './money.ts';
import { POINTS_MAX } from './points.ts';
import type { EarnRule, Tier } from './programme.ts';

const basic: Tier = { id: 'T0', name: 'Basic', threshold: 0, multiplierPercent: 100, colour: 'plain' };
const silver: Tier = { id: 'T1', name: 'Silver', threshold: 500, multiplierPercent: 125, colour: 'silver' };
const gold: Tier = { id: 'T2', name: 'Gold', threshold: 2000, multiplierPercent: 150, colour: 'gold' };
const programme = { tiers: [basic, silver, gold] };
const onePerEuro: EarnRule = { points: 1, perMinor: 100, rounding: 'down', excludedCategories: ['gift_card'] };

test.each([
	{ says: 'one point a euro', amountMinor: 4190, tier: basic, rule: onePerEuro, points: 41 },
	{ says: 'half as much again for gold, rounded once at the end', amountMinor: 4190, tier: gold, rule: onePerEuro, points: 62 },
	{ says: 'up', amountMinor: 4101, tier: basic, rule: { ...onePerEuro, rounding: 'up' as const }, points: 42 },
	{ says: 'up leaves whole points alone', amountMinor: 4100, tier: basic, rule: { ...onePerEuro, rounding: 'up' as const }, points: 41 },
	{ says: 'nearest, below the half', amountMinor: 4149, tier: basic, rule: { ...onePerEuro, rounding: 'nearest' as const }, points: 41 },
	{ says: 'nearest, the half goes up', amountMinor: 4150, tier: basic, rule: { ...onePerEuro, rounding: 'nearest' as const }, points: 42 },
	{ says: 'nothing for nothing', amountMinor: 0, tier: gold, rule: { ...onePerEuro, rounding: 'up' as const }, points: 0 },
	{ says: 'nothing by a rule of 0 points', amountMinor: 4190, tier: gold, rule: { ...onePerEuro, points: 0 }, points: 0 },
	{ says: 'nothing in a tier of 0 %', amountMinor: 4190, tier: { ...basic, multiplierPercent: 0 }, rule: onePerEuro, points: 0 },
	{
		says: 'exact where a float is not: the largest sale at the largest rate',
		amountMinor: AMOUNT_MINOR_MAX,
		tier: { ...basic, multiplierPercent: 10_000 },
		rule: { ...onePerEuro, points: 1000 },
		points: 9_999_999_999_000,
	},
])('earns $points: $says', ({ amountMinor, tier, rule, points }) => {
	expect(pointsForSale({ amountMinor }, tier, rule)).toBe(points);
});

test('excluded categories earn nothing, lines without a category do', () => {
	const lines = [{ totalMinor: 2000, category: 'gift_card' }, { totalMinor: 1500, category: 'tea' }, { totalMinor: 690 }];
	expect(pointsForSale({ amountMinor: 4190, lines }, basic, onePerEuro)).toBe(21);
	expect(pointsForSale({ amountMinor: 1000, lines }, basic, onePerEuro)).toBe(0);
});

test('asserts that an amount is whole and not negative', () => {
	expect(() => pointsForSale({ amountMinor: 1.5 }, basic, onePerEuro)).toThrow(AssertionError);
	expect(() => pointsForSale({ amountMinor: -1 }, basic, onePerEuro)).toThrow(AssertionError);
});

test.each([
	{ tierPoints: -100, tierId: 'T0', next: ['T1', 600] },
	{ tierPoints: 0, tierId: 'T0', next: ['T1', 500] },
	{ tierPoints: 499, tierId: 'T0', next: ['T1', 1] },
	{ tierPoints: 500, tierId: 'T1', next: ['T2', 1500] },
	{ tierPoints: 1_000_000, tierId: 'T2', next: null },
])('$tierPoints tier points are tier $tierId, next $next', ({ tierPoints, tierId, next }) => {
	expect(tierFor(tierPoints, programme).id).toBe(tierId);
	const above = nextTier(tierPoints, programme);
	expect(above === null ? null : [above.tier.id, above.missing]).toEqual(next);
});

test('asserts that the first tier starts at 0', () => {
	expect(() => tierFor(10, { tiers: [silver] })).toThrow(AssertionError);
	expect(() => tierFor(10, { tiers: [] })).toThrow(AssertionError);
});

const anyRule = fc.record({
	points: fc.integer({ min: 0, max: 1000 }),
	perMinor: fc.integer({ min: 1, max: 1_000_000 }),
	rounding: fc.constantFrom('down' as const, 'nearest' as const, 'up' as const),
	excludedCategories: fc.constant<string[]>(['gift_card']),
});
const anyTier = fc.integer({ min: 0, max: 10_000 }).map((multiplierPercent): Tier => ({ ...basic, multiplierPercent }));
const anyAmount = fc.integer({ min: 0, max: AMOUNT_MINOR_MAX });
const anyLines = fc.array(
	fc.record({ totalMinor: fc.integer({ min: 0, max: 1_000_000 }), category: fc.constantFrom(undefined, 'tea', 'gift_card') }),
	{ maxLength: 5 },
);

test('points are whole and never negative, whatever the lines say', () => {
	fc.assert(
		fc.property(anyAmount, anyLines, fc.tuple(anyTier, anyRule), (amountMinor, lines, [tier, rule]) => {
			const points = pointsForSale({ amountMinor, lines }, tier, rule);
			expect(Number.isSafeInteger(points)).toBe(true);
			expect(points).toBeGreaterThanOrEqual(0);
		}),
	);
});

test('a larger sale and a higher multiplier never earn less', () => {
	fc.assert(
		fc.property(anyAmount, anyAmount, fc.tuple(anyTier, anyTier, anyRule), (one, other, [tierA, tierB, rule]) => {
			const [small, large] = one < other ? [one, other] : [other, one];
			const [low, high] = tierA.multiplierPercent < tierB.multiplierPercent ? [tierA, tierB] : [tierB, tierA];
			expect(pointsForSale({ amountMinor: small }, low, rule)).toBeLessThanOrEqual(pointsForSale({ amountMinor: large }, low, rule));
			expect(pointsForSale({ amountMinor: large }, low, rule)).toBeLessThanOrEqual(pointsForSale({ amountMinor: large }, high, rule));
		}),
	);
});

/** A sale and the points in which it is cut into parts: ascending places in the amount. */
const anyRefunds = fc
	.record({ amountMinor: fc.integer({ min: 1, max: AMOUNT_MINOR_MAX }), pointsEarned: fc.integer({ min: 0, max: POINTS_MAX }) })
	.chain((sale) =>
		fc.record({
			sale: fc.constant(sale),
			cuts: fc.array(fc.integer({ min: 0, max: sale.amountMinor }), { maxLength: 12 }).map((cuts) => cuts.toSorted((a, b) => a - b)),
		}),
	);

test('parts of a refund take back exactly the points earned once the whole sale is refunded, and never more on the way', () => {
	fc.assert(
		fc.property(anyRefunds, ({ sale, cuts }) => {
			let refundedMinor = 0;
			let pointsTakenBack = 0;
			for (const upTo of [...cuts, sale.amountMinor]) {
				const points = pointsForRefund({ ...sale, refundedMinor, pointsTakenBack, refundMinor: upTo - refundedMinor });
				expect(points).toBeGreaterThanOrEqual(0);
				refundedMinor = upTo;
				pointsTakenBack += points;
				expect(pointsTakenBack).toBeLessThanOrEqual(sale.pointsEarned);
			}
			expect(pointsTakenBack).toBe(sale.pointsEarned);
		}),
	);
});

test('a larger refund never takes back less', () => {
	fc.assert(
		fc.property(anyRefunds, fc.nat(), ({ sale, cuts }, seed) => {
			const places = [...cuts, seed % (sale.amountMinor + 1)].toSorted((a, b) => a - b);
			const taken = places.map((refundMinor) => pointsForRefund({ ...sale, refundedMinor: 0, pointsTakenBack: 0, refundMinor }));
			expect(taken).toEqual(taken.toSorted((a, b) => a - b));
		}),
	);
});

test('asserts that a refund is not above what is left of the sale, nor below nothing', () => {
	const sale = { amountMinor: 1000, pointsEarned: 10, refundedMinor: 600, pointsTakenBack: 6 };
	expect(pointsForRefund({ ...sale, refundMinor: 400 })).toBe(4);
	expect(() => pointsForRefund({ ...sale, refundMinor: 401 })).toThrow(AssertionError);
	expect(() => pointsForRefund({ ...sale, refundMinor: -1 })).toThrow(AssertionError);
});
