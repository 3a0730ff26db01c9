import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pointsForSale } from '#shared/domain/earn.ts';
import { fromMajor } from '#shared/domain/money.ts';
import { must } from '#shared/lib/assert.ts';
import { CheckoutDataSchema } from '#shared/wire/event.ts';
import { EVENT_BYTES_MAX } from '#shared/wire/limits.ts';
import { TRAINING_PROGRAMME } from '../training/training-programme.ts';
import { mergeLines, toItems } from './sale-items.ts';

const programme = TRAINING_PROGRAMME;

test('a line becomes an item in major units', () => {
	expect(toItems([{ productId: 'tea', name: 'Tea', category: 'drinks', quantity: 2, totalMinor: 500 }], programme)).toEqual([
		{ product_id: 'tea', product_name: 'Tea', product_category: 'drinks', quantity: 2, price: 2.5, subtotal: 5 },
	]);
	expect(toItems([{ productId: 'tea', quantity: 3, totalMinor: 100 }], { ...programme, currency: 'JPY' })).toEqual([
		{ product_id: 'tea', quantity: 3, price: 33, subtotal: 100 },
	]);
});

test('lines of one product are one line: quantities and totals added, the first one’s name', () => {
	const merged = mergeLines([
		{ productId: 'apples', name: 'Apples', quantity: 0.1, totalMinor: 30 },
		{ productId: 'tea', quantity: 1, totalMinor: 250 },
		{ productId: 'apples', name: 'Red apples', category: 'fruit', quantity: 0.2, totalMinor: 60 },
	]);
	expect(merged).toEqual([
		{ productId: 'apples', name: 'Apples', category: 'fruit', quantity: 0.3, totalMinor: 90 },
		{ productId: 'tea', quantity: 1, totalMinor: 250 },
	]);
});

const anyLine = fc.record(
	{
		productId: fc.stringMatching(/^[a-z0-9]{1,64}$/),
		name: fc.string({ maxLength: 200 }),
		category: fc.constantFrom('gift-card', 'tea', 'ő'.repeat(64)),
		quantity: fc.double({ min: 1e-9, max: 100_000, noNaN: true }),
		totalMinor: fc.integer({ min: 0, max: 1_000_000 }),
	},
	{ requiredKeys: ['productId', 'quantity', 'totalMinor'] },
);

test('any sale fits into an event, passes the wire, and headquarters finds the points in it that were estimated here', () => {
	fc.assert(
		fc.property(fc.array(anyLine, { maxLength: 500, size: 'max' }), (lines) => {
			const merged = mergeLines(lines);
			const items = toItems(merged, programme);
			const data = CheckoutDataSchema.parse({ transaction_id: 'K-T-20261122-1-000000', total: 99_999.99, currency: 'EUR', items });
			expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(EVENT_BYTES_MAX - 2000);
			const found = items.map((item) => ({
				totalMinor: must(fromMajor(item.subtotal, 'EUR'), 'a total'),
				category: item.product_category,
			}));
			const tier = must(programme.tiers[0], 'a tier');
			expect(pointsForSale({ amountMinor: 9_999_999, lines: found }, tier, programme.earn)).toBe(
				pointsForSale({ amountMinor: 9_999_999, lines: merged }, tier, programme.earn),
			);
		}),
		{ numRuns: 60 },
	);
});

test('too many lines lose their names first and everything but what points depend on last', () => {
	const lines = (count: number, name: string) =>
		Array.from({ length: count }, (_, index) => ({
			productId: `p${index}`,
			name,
			category: index % 2 === 0 ? 'gift-card' : 'tea',
			quantity: 1,
			totalMinor: 100,
		}));
	expect(toItems(lines(100, 'Tea'), programme)[0]).toHaveProperty('product_name');
	const nameless = toItems(lines(200, 'x'.repeat(200)), programme);
	expect([nameless.length, nameless[0]]).toEqual([200, expect.not.objectContaining({ product_name: expect.anything() })]);
	expect(toItems(lines(500, 'Tea'), programme)).toEqual([
		{ product_id: 'gift-card', product_category: 'gift-card', quantity: 250, price: 1, subtotal: 250 },
		{ product_id: 'other', quantity: 250, price: 1, subtotal: 250 },
	]);
});
