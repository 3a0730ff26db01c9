import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { card, memberId, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { earn } from './earn.ts';
import { findSales, refund } from './refund.ts';
import { voidEntry } from './void-entry.ts';

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'], points: 100, profile: { language: 'hu' } })]);
});
afterEach(async () => fake.close());

function nextRequest(): string {
	requests += 1;
	return requestId(requests);
}

async function sell(amountMinor = 1000, receiptNumber = 'A-17'): Promise<EventId> {
	const member = { memberId: memberId('EVA') };
	const input = { requestId: nextRequest(), member, receiptNumber, amountMinor, currency: 'EUR', isRepeatConfirmed: true };
	return orThrow(await earn(fake.context, input)).eventId;
}

/** What a drain and headquarters' answer leave. */
async function settle(answer: Omit<EventResult, 'event_id'>): Promise<void> {
	const batch = await fake.context.outbox.takeBatch({ events: 100, bytes: 1_000_000, nowMs: fake.time.clock.nowMs() });
	await fake.context.outbox.settle(
		batch.map(({ eventId }) => ({ ...answer, event_id: eventId })),
		fake.time.clock.nowMs(),
	);
}

async function newest(): Promise<unknown> {
	return must((await fake.context.outbox.list({ limit: 1 }))[0], 'an entry').event;
}

test('the whole of a sale is given back with all its points', async () => {
	const saleEventId = await sell();
	const refunded = orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId }));
	expect(refunded).toMatchObject({ points: -10, member: { points: 100, pendingPoints: 0 } });
	const sale = must(await fake.context.outbox.get(saleEventId), 'the sale');
	expect(await newest()).toMatchObject({ customer: 'EVA', action: 'refund', data: { transaction_id: sale.receipt?.transactionId } });
});

test('a part is given back with its share of the points, and what is left of the sale is told', async () => {
	const saleEventId = await sell(1000);
	expect(orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId, amountMinor: 250 })).points).toBe(-2);
	expect(await newest()).toMatchObject({ action: 'partial_refund', data: { amount: 2.5 } });
	expect(orThrow(await findSales(fake.context, { receiptNumber: 'A-17' })).sales).toEqual([
		{
			eventId: saleEventId,
			receiptNumber: 'A-17',
			memberId: 'EVA',
			memberInitials: 'NÉ',
			atMs: fake.time.clock.nowMs(),
			amountMinor: 1000,
			currency: 'EUR',
			refundedMinor: 250,
			points: 10,
			canVoid: false,
		},
	]);
	expect(await refund(fake.context, { requestId: nextRequest(), saleEventId, amountMinor: 751 })).toMatchObject({
		ok: false,
		error: { code: 'SALE-106', values: { leftMinor: 750, currency: 'EUR' } },
	});
	expect(orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId, amountMinor: 750 })).points).toBe(-8);
	expect(await newest()).toMatchObject({ action: 'refund' });
	expect(await refund(fake.context, { requestId: nextRequest(), saleEventId })).toMatchObject({ ok: false, error: { code: 'SALE-106' } });
});

test.each([0, -1, 0.5, Number.NaN])('%d is no amount to give back', async (amountMinor) => {
	const saleEventId = await sell();
	expect(await refund(fake.context, { requestId: nextRequest(), saleEventId, amountMinor })).toMatchObject({
		ok: false,
		error: { code: 'SALE-101' },
	});
});

test('parts of any size take back exactly the points of the sale', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 1, max: 100_000 }),
			fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 4 }),
			async (amountMinor, parts) => {
				const saleEventId = await sell(amountMinor, `P-${requests}`);
				const earned = must(await fake.context.outbox.get(saleEventId), 'the sale').pointsEstimated;
				let points = 0;
				for (const part of parts) {
					const result = await refund(fake.context, { requestId: nextRequest(), saleEventId, amountMinor: part });
					if (result.ok) points += result.value.points;
					expect(-points).toBeLessThanOrEqual(earned);
				}
				const rest = await refund(fake.context, { requestId: nextRequest(), saleEventId });
				if (rest.ok) points += rest.value.points;
				expect(points + earned).toBe(0);
			},
		),
		{ numRuns: 25 },
	);
});

test('a request is one refund: again, at once, and after a restart', async () => {
	const saleEventId = await sell();
	const request = { requestId: nextRequest(), saleEventId, amountMinor: 300 };
	const [one, other] = await Promise.all([refund(fake.context, request), refund(fake.context, request)]);
	await fake.restart();
	const third = orThrow(await refund(fake.context, request));
	expect([orThrow(one).eventId, orThrow(other).eventId]).toEqual([third.eventId, third.eventId]);
	expect((await fake.context.outbox.counts()).pending).toBe(2);
});

test('two refunds of the whole sale at once give it back once', async () => {
	const saleEventId = await sell();
	const results = await Promise.all([1, 2].map(() => refund(fake.context, { requestId: nextRequest(), saleEventId })));
	expect(results.map((result) => (result.ok ? result.value.points : result.error.code))).toEqual([-10, 'SALE-106']);
});

test('the refund of a sale to an unknown card goes to the card, as the sale did', async () => {
	const member = { barcode: card(777) };
	const input = { requestId: nextRequest(), member, receiptNumber: 'B-1', amountMinor: 500, currency: 'EUR', isRepeatConfirmed: false };
	const saleEventId = orThrow(await earn(fake.context, input)).eventId;
	expect(orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId }))).toMatchObject({ points: -5, member: null });
	expect(await newest()).toMatchObject({ customer: card(777), external_id: 'loyalty_barcode', action: 'refund' });
	expect(orThrow(await findSales(fake.context, { receiptNumber: 'B-1' })).sales[0]).toMatchObject({
		memberId: null,
		memberInitials: '',
		refundedMinor: 500,
	});
});

test.each([
	['no number', ' ', 'SALE-102'],
	['a number that no receipt has', 'A 17', 'SALE-102'],
	['a receipt of nowhere', 'X-1', 'SALE-105'],
])('%s finds nothing: %j', async (_what, receiptNumber, code) => {
	expect(await findSales(fake.context, { receiptNumber })).toMatchObject({ ok: false, error: { code } });
});

test('a sale that headquarters refused or that is no sale cannot be refunded', async () => {
	const saleEventId = await sell();
	const refundEventId = orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId, amountMinor: 1 })).eventId;
	expect(await refund(fake.context, { requestId: nextRequest(), saleEventId: refundEventId })).toMatchObject({
		ok: false,
		error: { code: 'SALE-105' },
	});
	await settle({ status: 'rejected', error: { type: 'x', code: 5003, message: 'x' } });
	expect(await refund(fake.context, { requestId: nextRequest(), saleEventId })).toMatchObject({ ok: false, error: { code: 'SALE-105' } });
	expect(await findSales(fake.context, { receiptNumber: 'A-17' })).toMatchObject({ ok: false, error: { code: 'SALE-105' } });
});

test('points are given back as headquarters gave them, not as they were estimated', async () => {
	const saleEventId = await sell(1000);
	await settle({ status: 'applied', applied_to: memberId('EVA'), applied_ver: 2, points: 15 });
	expect(orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId })).points).toBe(-15);
});

test('a sale that was not sent is taken back, twice is once, and its points leave the card', async () => {
	const eventId = await sell();
	const request = { requestId: nextRequest(), eventId };
	const [one, other] = await Promise.all([voidEntry(fake.context, request), voidEntry(fake.context, request)]);
	expect([orThrow(one), orThrow(other)]).toEqual(Array(2).fill({ eventId, member: expect.objectContaining({ pendingPoints: 0 }) }));
	expect((await voidEntry(fake.context, { requestId: nextRequest(), eventId })).ok).toBe(true);
	expect(await refund(fake.context, { requestId: nextRequest(), saleEventId: eventId })).toMatchObject({
		ok: false,
		error: { code: 'SALE-105' },
	});
	// The receipt may earn again: the first one never was.
	const member = { memberId: memberId('EVA') };
	const input = { requestId: nextRequest(), member, receiptNumber: 'A-17', amountMinor: 900, currency: 'EUR', isRepeatConfirmed: false };
	expect((await earn(fake.context, input)).ok).toBe(true);
});

test.each([
	['on its way', async () => void (await fake.context.outbox.takeBatch({ events: 1, bytes: 100_000, nowMs: fake.time.clock.nowMs() }))],
	['accepted', () => settle({ status: 'applied', applied_to: memberId('EVA'), applied_ver: 2, points: 10 })],
	[
		'sent once, whatever became of it',
		async () => {
			const [entry] = await fake.context.outbox.takeBatch({ events: 1, bytes: 100_000, nowMs: fake.time.clock.nowMs() });
			await fake.context.outbox.release([must(entry, 'an entry').eventId], 0);
		},
	],
])('a sale that is %s cannot be taken back', async (_what, happen) => {
	const eventId = await sell();
	await happen();
	expect(await voidEntry(fake.context, { requestId: nextRequest(), eventId })).toMatchObject({ ok: false, error: { code: 'SALE-107' } });
	expect((await fake.context.outbox.counts()).voided).toBe(0);
});

test('a sale with a refund stays until the refund is taken back', async () => {
	const eventId = await sell();
	const refundEventId = orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId: eventId, amountMinor: 100 })).eventId;
	expect(await voidEntry(fake.context, { requestId: nextRequest(), eventId })).toMatchObject({ ok: false, error: { code: 'SALE-107' } });
	expect((await voidEntry(fake.context, { requestId: nextRequest(), eventId: refundEventId })).ok).toBe(true);
	expect((await voidEntry(fake.context, { requestId: nextRequest(), eventId })).ok).toBe(true);
});

test('there is nothing to take back of an entry that never was', async () => {
	const eventId = await sell();
	const other = `${eventId.slice(0, -1)}${eventId.endsWith('0') ? '1' : '0'}`;
	expect(await voidEntry(fake.context, { requestId: nextRequest(), eventId: EventIdSchema.parse(other) })).toMatchObject({
		ok: false,
		error: { code: 'OUTBOX-101' },
	});
});
