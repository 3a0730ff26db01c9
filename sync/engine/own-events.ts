import { TransactionIdSchema, ReceiptNumberSchema } from '#shared/domain/ids.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { OwnEvent } from '#shared/wire/own-events.ts';
import type { Receipt } from '../outbox/entry.ts';
import type { OwnPast } from '../outbox/outbox.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import type { EngineContext } from './engine-context.ts';

/**
 * Fetches from headquarters what this terminal sent and its outbox does not know any more (its data folder was restored or copied), page by
 * page, each on disk with its place before the next is asked for. What is still here and was applied gets its outcome. Answers how many
 * entries came back.
 */
export async function fetchOwnEvents(ctx: EngineContext): Promise<Result<number, LineFailure>> {
	let added = 0;
	for (;;) {
		const page = await ctx.client.ownEvents(ctx.outbox.state().outcomesAfter, ctx.signal);
		if (!page.ok) return page;
		const { hq_epoch: hqEpoch, events, next, has_more: hasMore } = page.value;
		if (hqEpoch !== ctx.outbox.state().hqEpoch) return fail(ofAnotherEpoch(hqEpoch));
		const past = events.map(toOwnPast);
		await ctx.outbox.settle(
			past.map(({ result }) => result),
			ctx.clock.nowMs(),
		);
		added += await ctx.outbox.adopt(past, next);
		if (!hasMore) break;
	}
	if (added > 0) ctx.logger.warn({ added }, 'entries that this outbox had lost came back from headquarters');
	return ok(added);
}

function toOwnPast({ event, outcome, effective_at: happenedAtMs, recorded_at: storedAtMs, receipt }: OwnEvent): OwnPast {
	return { event, result: outcome, receipt: receiptOf(event, receipt), cashier: event.data.cashier ?? '', happenedAtMs, storedAtMs };
}

function receiptOf(event: WireEvent, receipt: OwnEvent['receipt']): Receipt | null {
	if (!('transaction_id' in event.data) || receipt?.receipt_number === undefined || receipt.receipt_number === null) return null;
	const receiptNumber = ReceiptNumberSchema.safeParse(receipt.receipt_number);
	const transactionId = TransactionIdSchema.safeParse(event.data.transaction_id);
	if (!receiptNumber.success || !transactionId.success) return null;
	return {
		receiptNumber: receiptNumber.data,
		amountMinor: receipt.amount_minor,
		currency: receipt.currency,
		transactionId: transactionId.data,
	};
}

function ofAnotherEpoch(hqEpoch: number): LineFailure {
	return {
		kind: 'fault',
		error: { code: 'LINE-102', origin: 'hq', verdict: 'retry_later', detail: `own events of epoch ${hqEpoch}` },
		progress: null,
	};
}
