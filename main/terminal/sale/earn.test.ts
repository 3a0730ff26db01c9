import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallInput } from '#shared/bridge/contract.ts';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { card, memberId, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { earn } from './earn.ts';
import { refund } from './refund.ts';

const ROWS = [
	memberRow({ id: 'GOLD', card: card(1), name: ['Éva', 'Nagy'], points: 3840, profile: { language: 'hu' } }),
	memberRow({ id: 'BASIC', card: card(2), name: ['Bence', 'Kiss'] }),
	memberRow({ id: 'BLOCKED', card: card(4), cardStatus: 'blocked', name: ['Zsófia', 'Tóth'] }),
	memberRow({ id: 'SUSPENDED', card: card(5), status: 'suspended', name: ['Ödön', 'Szabó'] }),
	memberRow({ id: 'LOSER', status: 'merged', mergedInto: 'GOLD', ver: 3 }),
	memberRow({ id: 'GONE', status: 'opted_out' }),
];

let fake: FakeContext;
beforeEach(async () => {
	fake = await openFakeContext(ROWS);
});
afterEach(async () => fake.close());

let requests = 0;
function sale(change: Partial<CallInput<'sale.earn'>> = {}): CallInput<'sale.earn'> {
	requests += 1;
	return {
		requestId: requestId(requests),
		member: { memberId: memberId('GOLD') },
		receiptNumber: `R-${requests}`,
		amountMinor: 4190,
		currency: 'EUR',
		isRepeatConfirmed: false,
		...change,
	};
}

async function recordedEvents(): Promise<readonly unknown[]> {
	return (await fake.context.outbox.list({ limit: 500 })).map(({ event }) => event);
}

test('a sale is on disk, in the form of the wire, and the card shows its points as pending', async () => {
	fake.world.cashier = { id: 'c-17', displayName: 'Réka', role: 'cashier', pinSalt: '', pinHash: '' };
	const lines = [{ productId: 'tea', name: 'Tea', quantity: 2, totalMinor: 4190 }];
	const earned = orThrow(await earn(fake.context, sale({ receiptNumber: ' A-2026/17 ', lines })));
	// 41.9 euros are 52 points for gold.
	expect(earned).toMatchObject({ points: 52, member: { memberId: 'GOLD', points: 3840, pendingPoints: 52, name: 'Nagy Éva' } });
	const [event] = await recordedEvents();
	expect(event).toMatchObject({
		customer: 'GOLD',
		action: 'checkout',
		event_id: earned.eventId,
		seq: 1,
		data: {
			total: 41.9,
			currency: 'EUR',
			receipt_number: 'A-2026/17',
			cashier: 'c-17',
			items: [{ product_id: 'tea', product_name: 'Tea', quantity: 2, price: 20.95, subtotal: 41.9 }],
		},
	});
	const { data } = WireEventSchema.parse(event);
	expect(data).toMatchObject({ transaction_id: expect.stringMatching(/^KOSS-T1-20261122-1-[0-9A-Z]{6}$/) });
	expect(event).not.toHaveProperty('external_id');
});

test('an unknown card earns as a beginner, by its barcode', async () => {
	const earned = orThrow(await earn(fake.context, sale({ member: { barcode: card(777) } })));
	expect(earned).toMatchObject({ points: 41, member: null });
	expect((await recordedEvents())[0]).toMatchObject({ customer: card(777), external_id: 'loyalty_barcode' });
});

test('a card that has become known meanwhile earns for its member', async () => {
	const earned = orThrow(await earn(fake.context, sale({ member: { barcode: card(1) } })));
	expect(earned.member?.memberId).toBe('GOLD');
	expect((await recordedEvents())[0]).toMatchObject({ customer: 'GOLD' });
});

test('points of an unknown card are counted once its member is known', async () => {
	orThrow(await earn(fake.context, sale({ member: { barcode: card(777) } })));
	await fake.change([memberRow({ id: 'LATE', card: card(777), points: 5 })]);
	const earned = orThrow(await earn(fake.context, sale({ member: { barcode: card(777) } })));
	expect(earned.member).toMatchObject({ memberId: 'LATE', points: 5, pendingPoints: 82 });
});

test('a sale for a merged member goes to the one that it was merged into', async () => {
	const earned = orThrow(await earn(fake.context, sale({ member: { memberId: memberId('LOSER') } })));
	expect(earned.member?.memberId).toBe('GOLD');
	expect((await recordedEvents())[0]).toMatchObject({ customer: 'GOLD' });
});

test.each([
	['nothing', { amountMinor: 0 }, 'SALE-101'],
	['a negative amount', { amountMinor: -1 }, 'SALE-101'],
	['a receipt number as the amount', { amountMinor: 10_000_000_000 }, 'SALE-101'],
	['another currency', { currency: 'HUF' }, 'SALE-104'],
	['no receipt number', { receiptNumber: '  ' }, 'SALE-102'],
	['a receipt number with a space', { receiptNumber: 'A 17' }, 'SALE-102'],
	['a receipt number that is too long', { receiptNumber: 'x'.repeat(33) }, 'SALE-102'],
	['a member who is gone', { member: { memberId: memberId('GONE') } }, 'MEMBER-104'],
	['a member who never was', { member: { memberId: memberId('NEVER') } }, 'MEMBER-104'],
	['a suspended member', { member: { memberId: memberId('SUSPENDED') } }, 'MEMBER-103'],
	['the card of a suspended member', { member: { barcode: card(5) } }, 'MEMBER-103'],
	['a blocked card', { member: { barcode: card(4) } }, 'MEMBER-102'],
	[
		'a misread card',
		{ member: { barcode: LoyaltyBarcodeSchema.parse(`${card(777).slice(0, -1)}${(Number(card(777).at(-1)) + 1) % 10}`) } },
		'SCAN-102',
	],
	['a coupon', { member: { barcode: LoyaltyBarcodeSchema.parse(withCheckDigit('990000000001', 'mod10')) } }, 'SCAN-103'],
	['a book', { member: { barcode: LoyaltyBarcodeSchema.parse('9783161484100') } }, 'SCAN-104'],
])('%s is refused and nothing is recorded', async (_what, change, code) => {
	const result = await earn(fake.context, sale(change));
	expect(result).toMatchObject({ ok: false, error: { code } });
	expect(await recordedEvents()).toEqual([]);
});

test('before the first contact nothing can be recorded', async () => {
	fake.world.programme = null;
	expect(await earn(fake.context, sale())).toMatchObject({ ok: false, error: { code: 'LINE-101', verdict: 'retry_later' } });
});

test('a receipt that earned today is asked about, and given again when confirmed', async () => {
	const receiptNumber = 'A-17';
	orThrow(await earn(fake.context, sale({ receiptNumber })));
	const again = sale({ receiptNumber, member: { memberId: memberId('BASIC') } });
	expect(await earn(fake.context, again)).toMatchObject({ ok: false, error: { code: 'SALE-103' } });
	expect(await recordedEvents()).toHaveLength(1);
	expect((await earn(fake.context, { ...again, isRepeatConfirmed: true })).ok).toBe(true);
	expect(await recordedEvents()).toHaveLength(2);
});

test('a receipt of yesterday, by the outlet’s clock, is another sale', async () => {
	const receiptNumber = 'A-17';
	orThrow(await earn(fake.context, sale({ receiptNumber })));
	// Noon to 23:59 in Budapest, then past midnight.
	await fake.time.pass(12 * 3_600_000 - 60_000);
	expect(await earn(fake.context, sale({ receiptNumber }))).toMatchObject({ ok: false, error: { code: 'SALE-103' } });
	await fake.time.pass(60_000);
	expect((await earn(fake.context, sale({ receiptNumber }))).ok).toBe(true);
	const days = (await recordedEvents()).map((event) => /-(\d{8})-/.exec(JSON.stringify(event))?.[1]);
	expect(days).toEqual(['20261123', '20261122']);
});

test('the same request is answered with the same sale: again, at once, and after a restart', async () => {
	const request = sale();
	const [first, second] = await Promise.all([earn(fake.context, request), earn(fake.context, request)]);
	const third = orThrow(await earn(fake.context, request));
	await fake.restart();
	const fourth = orThrow(await earn(fake.context, { ...request, receiptNumber: 'ANOTHER', amountMinor: 1 }));
	expect([orThrow(first), orThrow(second), third].map(({ eventId }) => eventId)).toEqual(Array(3).fill(fourth.eventId));
	expect(fourth).toMatchObject({ points: 52, member: { pendingPoints: 52 } });
	expect(await recordedEvents()).toHaveLength(1);
});

test('a request id of a sale is not taken for another kind of call', async () => {
	const request = sale();
	const { eventId } = orThrow(await earn(fake.context, request));
	const result = await refund(fake.context, { requestId: request.requestId, saleEventId: eventId });
	expect(result).toMatchObject({ ok: false, error: { code: 'BRIDGE-101' } });
});

test('one receipt confirmed at two windows at once earns once', async () => {
	const receiptNumber = 'A-17';
	const results = await Promise.all([earn(fake.context, sale({ receiptNumber })), earn(fake.context, sale({ receiptNumber }))]);
	expect(results.map(({ ok }) => ok)).toEqual([true, false]);
	expect(results[1]).toMatchObject({ error: { code: 'SALE-103' } });
});

test('sales at once have keys and places of their own', async () => {
	const results = await Promise.all(Array.from({ length: 20 }, () => earn(fake.context, sale())));
	expect(results.every(({ ok }) => ok)).toBe(true);
	const entries = await fake.context.outbox.list({ limit: 100 });
	expect(new Set(entries.map(({ receipt }) => receipt?.transactionId)).size).toBe(20);
	for (const { seq, receipt } of entries) expect(receipt?.transactionId).toContain(`-20261122-${seq}-`);
});

test('whatever is typed is recorded in the form of the wire or refused with a code, never half', async () => {
	const anyInput = fc.record({
		amountMinor: fc.oneof(fc.integer({ min: -5, max: 20_000_000_000 }), fc.constantFrom(Number.NaN, 0.5, Number.POSITIVE_INFINITY)),
		receiptNumber: fc.oneof(fc.string({ maxLength: 40 }), fc.stringMatching(/^[A-Z0-9/-]{1,12}$/)),
		currency: fc.constantFrom('EUR', 'EUR', 'JPY'),
		member: fc.oneof(
			fc.constantFrom({ memberId: memberId('GOLD') }, { memberId: memberId('GONE') }, { barcode: card(777) }),
			fc.stringMatching(/^[\x21-\x7e]{3,64}$/).map((barcode) => ({ barcode: LoyaltyBarcodeSchema.parse(barcode) })),
		),
	});
	await fc.assert(
		fc.asyncProperty(anyInput, async (input) => {
			const before = (await fake.context.outbox.counts()).pending;
			const result = await earn(fake.context, sale(input));
			expect((await fake.context.outbox.counts()).pending).toBe(before + (result.ok ? 1 : 0));
			expect(result.ok || /^(SALE|SCAN|MEMBER)-/.test(result.error.code)).toBe(true);
		}),
		{ numRuns: 100 },
	);
	for (const event of await recordedEvents()) expect(WireEventSchema.safeParse(event).success).toBe(true);
});
