import { expect, test } from 'vitest';
import { ReceiptNumberSchema, TransactionIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { Entry } from '../../outbox/entry.ts';
import { ADOPTED_INCARNATION } from '../../outbox/outbox.ts';
import type { OwnPast } from '../../outbox/outbox.ts';
import { expectOk, openFresh } from './fake-opened-outbox.ts';

const STORED_AT_MS = 1_700_000_000_000;

/** What headquarters says of an entry of another outbox. */
function pastOf(entry: Entry): OwnPast {
	return {
		event: entry.event,
		result: {
			event_id: entry.eventId,
			status: 'applied',
			applied_to: must(entry.memberId, 'a member'),
			applied_ver: 7,
			points: entry.pointsEstimated,
		},
		receipt: entry.receipt,
		cashier: entry.cashier,
		happenedAtMs: STORED_AT_MS - 1_000,
		storedAtMs: STORED_AT_MS,
	};
}

test('what comes back is complete: found by receipt, counted for refunds and pending sums, in the counts and on the disk', async () => {
	const lost = await openFresh();
	const sale = await lost.record(lost.recordings.sale());
	const restored = await openFresh({ seed: 2 });
	expect(await restored.outbox.adopt([pastOf(sale)], 41)).toBe(1);
	expect(restored.outbox.state()).toMatchObject({ outcomesAfter: 41, maxSeq: 0 });
	expect(await restored.outbox.counts()).toMatchObject({ applied: 1, pending: 0 });
	const receiptNumber = must(sale.receipt, 'a receipt').receiptNumber;
	expect(await restored.outbox.findSales(ReceiptNumberSchema.parse(receiptNumber))).toMatchObject([
		{
			receipt: sale.receipt,
			pointsEarned: sale.pointsEstimated,
			refundedMinor: 0,
			entry: { status: 'applied', incarnation: ADOPTED_INCARNATION, outcome: { appliedVer: 7 } },
		},
	]);
	const [pending] = await restored.outbox.pendingPoints({ memberIds: [must(sale.memberId, 'a member')], barcodes: [] });
	expect(pending).toMatchObject({ eventId: sale.eventId, status: 'applied', appliedVer: 7 });
	await restored.outbox.close();
	const later = await restored.reopen();
	expect(await later.counts()).toMatchObject({ applied: 1 });
	expect(later.state().outcomesAfter).toBe(41);
	expect(await later.get(sale.eventId)).toMatchObject({ event: sale.event, cashier: sale.cashier });
});

test('refunds that come back count against their sale', async () => {
	const lost = await openFresh();
	const sale = await lost.record(lost.recordings.sale());
	const receipt = must(sale.receipt, 'a receipt');
	const refund: OwnPast = {
		...pastOf(sale),
		event: {
			...sale.event,
			event_id: lost.recordings.sale().eventId,
			action: 'partial_refund',
			data: { transaction_id: TransactionIdSchema.parse(receipt.transactionId), amount: 10 },
		},
		receipt: { ...receipt, amountMinor: 1_000 },
	};
	const restored = await openFresh({ seed: 2 });
	await restored.outbox.adopt(
		[pastOf(sale), { ...refund, result: { ...refund.result, event_id: must(refund.event.event_id, 'an id'), points: -9 } }],
		2,
	);
	expect(await restored.outbox.findSales(receipt.receiptNumber)).toMatchObject([{ refundedMinor: 1_000, pointsTakenBack: 9 }]);
});

test('what is here already stays as it is, and a second time adds nothing', async () => {
	const { outbox, recordings, record } = await openFresh();
	const [kept, other] = [await record(recordings.sale()), await (await openFresh({ seed: 3 })).record(recordings.sale())];
	expect(await outbox.adopt([pastOf(kept), pastOf(other)], 2)).toBe(1);
	expect(await outbox.adopt([pastOf(kept), pastOf(other)], 3)).toBe(0);
	expect(await outbox.get(kept.eventId)).toMatchObject({ status: 'pending', seq: 1 });
	expect(await outbox.counts()).toMatchObject({ pending: 1, applied: 1 });
});

test('after a restore of headquarters it is offered again with everything else, under one new incarnation', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	const past = pastOf(await (await openFresh({ seed: 3 })).record(recordings.sale()));
	await outbox.adopt([past], 2);
	await record(recordings.sale());
	expect(await outbox.reoffer(2)).toBe(1);
	const batch = await outbox.takeBatch({ events: 10, bytes: 1_000_000, nowMs: time.clock.nowMs() });
	expect(batch.map(({ incarnation, seq }) => ({ incarnation, seq }))).toEqual(
		[1, 2].map((seq) => ({ incarnation: outbox.state().incarnation, seq })),
	);
	expect(outbox.state().incarnation).not.toBe(ADOPTED_INCARNATION);
});

test('numbers of what comes back never meet, page after page', async () => {
	const lost = await openFresh();
	const sales = [];
	for (let index = 0; index < 5; index += 1) sales.push(pastOf(await lost.record(lost.recordings.sale())));
	const restored = await openFresh({ seed: 2 });
	expect(await restored.outbox.adopt(sales.slice(0, 3), 3)).toBe(3);
	expect(await restored.outbox.adopt(sales.slice(2), 5)).toBe(2);
	expect(expectOk({ ok: true, value: await restored.outbox.counts() })).toMatchObject({ applied: 5 });
});
