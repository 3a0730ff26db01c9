import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventId } from '#shared/domain/ids.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { listOutbox } from '../desk/outbox-view.ts';
import { card, memberId, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { earn } from '../sale/earn.ts';
import { refund } from '../sale/refund.ts';
import { correctRefund } from './correct-refund.ts';
import { readDraft } from './draft.ts';

const MANAGER = { id: 'm-1', displayName: 'Judit', role: 'manager' as const, pinSalt: '', pinHash: '' };

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'] })]);
	Object.assign(fake.world, { cashier: MANAGER, cashiers: [MANAGER] });
});
afterEach(async () => fake.close());

function nextRequest(): string {
	requests += 1;
	return requestId(requests);
}

async function answer(eventId: EventId, code: number | null): Promise<void> {
	const { outbox } = fake.context;
	const nowMs = fake.time.clock.nowMs();
	await outbox.takeBatch({ events: 100, bytes: 1_000_000, nowMs });
	const error = code === null ? {} : { error: { type: 'x', code, message: 'no' } };
	await outbox.settle([{ event_id: eventId, status: code === null ? 'applied' : 'rejected', ...error }], nowMs);
}

async function refundRefused(code: number = WIRE_CODES.refundAboveTransaction): Promise<EventId> {
	const sale = { requestId: nextRequest(), member: { memberId: memberId('EVA') }, receiptNumber: 'A-1', amountMinor: 1000 };
	const { eventId: saleEventId } = orThrow(await earn(fake.context, { ...sale, currency: 'EUR', isRepeatConfirmed: true }));
	await answer(saleEventId, null);
	const { eventId } = orThrow(await refund(fake.context, { requestId: nextRequest(), saleEventId }));
	await answer(eventId, code);
	return eventId;
}

const correct = (eventId: EventId, amountMinor: number) => correctRefund(fake.context, { requestId: nextRequest(), eventId, amountMinor });
const lines = async () => orThrow(await listOutbox(fake.context, { show: 'all', limit: 10 })).lines;

test('a refused refund is recorded anew as a part of the same sale', async () => {
	const old = await refundRefused();
	expect(orThrow(await readDraft(fake.context, { eventId: old }))).toEqual({
		kind: 'refund',
		receiptNumber: 'A-1',
		amountMinor: 1000,
		leftMinor: 1000,
		currency: 'EUR',
	});
	const { eventId } = orThrow(await correct(old, 400));
	const [before, entry] = [await fake.context.outbox.get(old), await fake.context.outbox.get(eventId)];
	expect(entry).toMatchObject({
		status: 'pending',
		pointsEstimated: -4,
		event: { action: 'partial_refund', data: { amount: 4, corrects: old, transaction_id: before?.receipt?.transactionId } },
		receipt: { receiptNumber: 'A-1', amountMinor: 400 },
	});
	expect((await lines()).map((line) => [line.displayStatus, line.corrects, line.correctedBy])).toEqual([
		['will_be_sent', old, null],
		['corrected', null, eventId],
		['accepted', null, null],
	]);
});

test('asking again is one correction, also when nothing is left of the sale', async () => {
	const old = await refundRefused();
	const first = orThrow(await correct(old, 1000));
	expect(orThrow(await correct(old, 1000))).toEqual(first);
	expect(await correct(old, 400)).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	expect(await lines()).toHaveLength(3);
});

test.each([
	[1001, 'SALE-106'],
	[0, 'SALE-101'],
])('an amount of %i is refused', async (amountMinor, code) => {
	expect(await correct(await refundRefused(), amountMinor)).toMatchObject({ ok: false, error: { code } });
});

test.each([
	['the sale is another member’s', WIRE_CODES.notTransactionOwner],
	['the member has left', WIRE_CODES.optedOut],
])('no amount helps when %s: it can only be sent again or closed', async (_why, code) => {
	const old = await refundRefused(code);
	expect(await correct(old, 400)).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	expect((await lines())[0]).toMatchObject({ displayStatus: 'needs_person', canCorrect: false, canResend: true, canClose: true });
});

test('a cashier does not correct', async () => {
	const old = await refundRefused();
	fake.world.cashier = { ...MANAGER, role: 'cashier' };
	expect(await correct(old, 400)).toMatchObject({ ok: false, error: { code: 'SESSION-104' } });
});
