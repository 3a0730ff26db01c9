import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallInput } from '#shared/bridge/contract.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { card, memberId, memberRow, NOON_MS, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { earn } from '../sale/earn.ts';
import { voidEntry } from '../sale/void-entry.ts';
import { readEntryLife } from '../desk/entry-life.ts';
import { listOutbox, resend } from '../desk/outbox-view.ts';
import { correctSale as correct } from './correct-sale.ts';

const MANAGER = { id: 'm-1', displayName: 'Judit', role: 'manager' as const, pinSalt: '', pinHash: '' };
const CASHIER = { ...MANAGER, id: 'c-17', displayName: 'Réka', role: 'cashier' as const };

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([
		memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'] }),
		memberRow({ id: 'BENCE', card: card(2), name: ['Bence', 'Tóth'] }),
	]);
	Object.assign(fake.world, { cashier: MANAGER, cashiers: [MANAGER, CASHIER] });
});
afterEach(async () => fake.close());

function nextRequest(): string {
	requests += 1;
	return requestId(requests);
}

async function sell(receiptNumber: string, items = false): Promise<EventId> {
	const lines = items ? [{ productId: 'p', quantity: 1, totalMinor: 1000 }] : [];
	const member = { memberId: memberId('EVA') };
	const input = { requestId: nextRequest(), member, receiptNumber, amountMinor: 1000, currency: 'EUR', isRepeatConfirmed: true, lines };
	return orThrow(await earn(fake.context, input)).eventId;
}

async function settle(eventId: EventId, result: Omit<EventResult, 'event_id'>): Promise<void> {
	const { outbox } = fake.context;
	await outbox.takeBatch({ events: 100, bytes: 1_000_000, nowMs: fake.time.clock.nowMs() });
	await outbox.settle([{ ...result, event_id: eventId }], fake.time.clock.nowMs() + 2000);
}

const USED = { type: 'x', code: WIRE_CODES.transactionIdUsed, message: 'Transaction ID already used' };

async function sellRefused(items = false): Promise<EventId> {
	const eventId = await sell('A-1', items);
	await settle(eventId, { status: 'rejected', error: USED });
	return eventId;
}

function input(eventId: EventId, change: Partial<CallInput<'outbox.correct'>> = {}): CallInput<'outbox.correct'> {
	return { requestId: nextRequest(), eventId, barcode: '', receiptNumber: 'A-1', amountMinor: 1000, isRepeatConfirmed: false, ...change };
}

async function lines(show: 'waiting' | 'needs_person' | 'all' = 'all') {
	return orThrow(await listOutbox(fake.context, { show, limit: 50 })).lines;
}

test('a refused sale is recorded anew with another card, receipt and amount, and both entries name each other', async () => {
	const old = await sellRefused();
	await fake.time.pass(60_000);
	const change = { barcode: card(2), receiptNumber: 'A-2', amountMinor: 2500 };
	const { eventId } = orThrow(await correct(fake.context, input(old, change)));
	const entry = must(await fake.context.outbox.get(eventId), 'the correction');
	expect(entry).toMatchObject({
		status: 'pending',
		memberId: 'BENCE',
		cashier: 'm-1',
		event: { customer: 'BENCE', action: 'checkout', data: { total: 25, receipt_number: 'A-2', corrects: old } },
		receipt: { receiptNumber: 'A-2', amountMinor: 2500, currency: 'EUR' },
	});
	const before = must(await fake.context.outbox.get(old), 'the old entry');
	expect(before.status).toBe('rejected');
	expect(entry.receipt?.transactionId).not.toBe(before.receipt?.transactionId);
	expect((await lines()).map((line) => [line.eventId, line.displayStatus, line.correctedBy, line.corrects])).toEqual([
		[eventId, 'will_be_sent', null, old],
		[old, 'corrected', eventId, null],
	]);
	expect((await lines('waiting')).map((line) => line.eventId)).toEqual([eventId]);
	expect(await lines('needs_person')).toEqual([]);
	expect(await fake.context.outbox.countCorrected()).toBe(1);
});

test('what is not changed stays: the member, and with the same amount the lines and their points', async () => {
	const old = await sellRefused(true);
	const same = orThrow(await correct(fake.context, input(old, { receiptNumber: 'A-9' })));
	const entry = must(await fake.context.outbox.get(same.eventId), 'the correction');
	expect(entry).toMatchObject({ memberId: 'EVA', event: { data: { items: [{ product_id: 'p' }] } } });
	expect(entry.pointsEstimated).toBe((await fake.context.outbox.get(old))?.pointsEstimated);
});

test('lines that do not add up to the new amount are left out', async () => {
	const { eventId } = orThrow(await correct(fake.context, input(await sellRefused(true), { amountMinor: 990 })));
	expect((await fake.context.outbox.get(eventId))?.event.data).not.toHaveProperty('items');
});

test('the card of nobody here is sent as the card it is', async () => {
	const { eventId } = orThrow(await correct(fake.context, input(await sellRefused(), { barcode: card(777) })));
	expect(await fake.context.outbox.get(eventId)).toMatchObject({
		memberId: null,
		event: { customer: card(777), external_id: 'loyalty_barcode' },
	});
});

test.each([
	['a cashier', CASHIER],
	['nobody', null],
])('%s does not correct', async (_who, cashier) => {
	const old = await sellRefused();
	fake.world.cashier = cashier;
	expect(await correct(fake.context, input(old))).toMatchObject({ ok: false, error: { code: 'SESSION-104' } });
	expect(await lines()).toHaveLength(1);
});

test.each<[string, Partial<CallInput<'outbox.correct'>>, string]>([
	['an amount of nothing', { amountMinor: 0 }, 'SALE-101'],
	['no receipt number', { receiptNumber: ' ' }, 'SALE-102'],
	['a misread card', { barcode: '2900000000019' }, 'SCAN-102'],
])('%s is refused and nothing is recorded', async (_what, change, code) => {
	expect(await correct(fake.context, input(await sellRefused(), change))).toMatchObject({ ok: false, error: { code } });
	expect(await lines()).toHaveLength(1);
});

test.each(['waiting', 'accepted', 'unknown'])('an entry that is %s has nothing to correct', async (what) => {
	const eventId = await sell('A-1');
	if (what === 'accepted') await settle(eventId, { status: 'applied', applied_to: memberId('EVA'), applied_ver: 2, points: 12 });
	const asked = what === 'unknown' ? (eventId.replace(/.$/, 'f') as EventId) : eventId;
	expect(await correct(fake.context, input(asked))).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
});

test('a receipt number that earned today is asked about first', async () => {
	const old = await sellRefused();
	await sell('A-7');
	expect(await correct(fake.context, input(old, { receiptNumber: 'A-7' }))).toMatchObject({ ok: false, error: { code: 'SALE-103' } });
	expect((await correct(fake.context, input(old, { receiptNumber: 'A-7', isRepeatConfirmed: true }))).ok).toBe(true);
});

test('asking again is one correction, also after a restart; another one is refused', async () => {
	const old = await sellRefused();
	const first = orThrow(await correct(fake.context, input(old, { amountMinor: 900 })));
	await fake.restart();
	Object.assign(fake.world, { cashier: MANAGER });
	expect(orThrow(await correct(fake.context, input(old, { amountMinor: 900 })))).toEqual(first);
	expect(await correct(fake.context, input(old, { amountMinor: 901 }))).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	expect(await lines()).toHaveLength(2);
});

test('a corrected entry is not sent again, unless its correction was taken back', async () => {
	const old = await sellRefused();
	const { eventId } = orThrow(await correct(fake.context, input(old, { amountMinor: 900 })));
	expect((await resend(fake.context, { requestId: nextRequest(), eventId: old })).ok).toBe(false);
	orThrow(await voidEntry(fake.context, { requestId: nextRequest(), eventId }));
	expect((await lines('needs_person')).map((line) => line.eventId)).toEqual([old]);
	orThrow(await correct(fake.context, input(old, { amountMinor: 800 })));
	expect(await lines('needs_person')).toEqual([]);
});

test('the life of an entry is told step by step, with what headquarters said', async () => {
	const old = await sellRefused();
	await fake.time.pass(60_000);
	const { eventId } = orThrow(await correct(fake.context, input(old)));
	const life = orThrow(await readEntryLife(fake.context, { eventId: old }));
	expect(life.steps).toEqual([
		{ kind: 'recorded', atMs: NOON_MS, cashier: 'Judit' },
		{ kind: 'sent', atMs: NOON_MS, attempts: 1, isAnswerOpen: false },
		{ kind: 'refused', atMs: NOON_MS + 2000, code: WIRE_CODES.transactionIdUsed, said: 'Transaction ID already used' },
		{ kind: 'corrected', atMs: NOON_MS + 60_000, eventId, cashier: 'Judit' },
	]);
	expect(life).toMatchObject({ seq: 1, barcode: card(1), line: { displayStatus: 'corrected', correctedBy: eventId } });
	expect(orThrow(await readEntryLife(fake.context, { eventId })).steps).toEqual([
		{ kind: 'recorded', atMs: NOON_MS + 60_000, cashier: 'Judit' },
		{ kind: 'corrects', atMs: NOON_MS + 60_000, eventId: old },
	]);
});

test('an accepted entry tells the points, and a member whom headquarters gave them to instead', async () => {
	const eventId = await sell('A-1');
	await settle(eventId, { status: 'applied', applied_to: memberId('BENCE'), applied_ver: 2, points: 12 });
	expect(orThrow(await readEntryLife(fake.context, { eventId })).steps.at(-1)).toEqual({
		kind: 'accepted',
		atMs: NOON_MS + 2000,
		points: 12,
		isOtherMember: true,
	});
});

test('there is no life of an entry that was never recorded', async () => {
	const eventId = (await sell('A-1')).replace(/.$/, 'f') as EventId;
	expect(await readEntryLife(fake.context, { eventId })).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
});
