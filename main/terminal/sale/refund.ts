import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import { pointsForRefund } from '#shared/domain/earn.ts';
import { ReceiptNumberSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { toMajor } from '#shared/domain/money.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { RefundableSale } from '#shared/bridge/sale-calls.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { Receipt } from '#sync/outbox/entry.ts';
import type { RecordedSale, Recording } from '#sync/outbox/outbox.ts';
import { cashierId, newEventId, withCashier } from '../context.ts';
import type { TerminalContext } from '../context.ts';
import { idOf, languageOf, personOf } from '../member/known-member.ts';
import { initials } from '../member/names.ts';
import { describeRecorded, findRepeated, memberOf } from './recorded.ts';
import type { Recorded } from './recorded.ts';
import { canVoid } from './void-entry.ts';

/** Sales of one receipt number that are listed; a till that starts its numbers anew every day has one a day. */
const SALES_MAX = 20;

/** Sales of this terminal with a receipt number, newest first. SALE-102 when it is none, SALE-105 when there is no such sale. */
export async function findSales(
	context: TerminalContext,
	input: CallInput<'sale.find'>,
): Promise<Result<CallOutput<'sale.find'>, LoyaltyError>> {
	const receiptNumber = ReceiptNumberSchema.safeParse(input.receiptNumber.trim());
	if (!receiptNumber.success) return fail(terminalError('SALE-102'));
	const sales = (await context.outbox.findSales(receiptNumber.data)).filter(isStanding);
	if (sales.length === 0) return fail(terminalError('SALE-105'));
	const newestFirst = sales.toSorted((one, other) => other.entry.occurredAtMs - one.entry.occurredAtMs).slice(0, SALES_MAX);
	return ok({ sales: await Promise.all(newestFirst.map((sale) => describeSale(context, sale))) });
}

/**
 * Records a refund of the whole rest of a sale or of a part. Parts take back exactly the points earned once they add up to the sale.
 * SALE-105 when there is no such sale to refund, SALE-106 when more than is left of it, SALE-101 for an amount that is none.
 */
export async function refund(context: TerminalContext, input: CallInput<'sale.refund'>): Promise<Result<Recorded, LoyaltyError>> {
	return context.gate.run(`sale.refund ${input.requestId}`, async () => {
		const repeated = await findRepeated(context, input.requestId, ['refund', 'partial_refund']);
		if (!repeated.ok) return repeated;
		if (repeated.value !== null) return ok(await describeRecorded(context, repeated.value));
		const sale = await findSale(context, input);
		if (sale === null) return fail(terminalError('SALE-105'));
		const refundMinor = checkAmount(input.amountMinor, sale);
		if (!refundMinor.ok) return refundMinor;
		const recorded = await context.outbox.record(
			await toRecording(context, sale, { requestId: input.requestId, refundMinor: refundMinor.value }),
		);
		return recorded.ok ? ok(await describeRecorded(context, recorded.value)) : recorded;
	});
}

async function findSale(context: TerminalContext, { saleEventId }: CallInput<'sale.refund'>): Promise<RecordedSale | null> {
	const receiptNumber = (await context.outbox.get(saleEventId))?.receipt?.receiptNumber;
	if (receiptNumber === undefined) return null;
	const sales = await context.outbox.findSales(receiptNumber);
	return sales.filter(isStanding).find(({ entry }) => entry.eventId === saleEventId) ?? null;
}

/** The sale behind a receipt, as long as it stands. */
export async function findSaleOf({ outbox }: TerminalContext, of: Receipt): Promise<RecordedSale | null> {
	const sales = await outbox.findSales(of.receiptNumber);
	return sales.filter(isStanding).find(({ receipt }) => receipt.transactionId === of.transactionId) ?? null;
}

/** A sale that was taken back or refused gave nothing that could be given back. */
function isStanding({ entry }: RecordedSale): boolean {
	return entry.action === 'checkout' && entry.status !== 'voided' && entry.status !== 'rejected';
}

/** The amount to refund: the whole rest, or the part that was asked for. SALE-106, SALE-101. */
export function checkAmount(amountMinor: number | undefined, sale: RecordedSale): Result<number, LoyaltyError> {
	const leftMinor = sale.receipt.amountMinor - sale.refundedMinor;
	const refundMinor = amountMinor ?? leftMinor;
	if (leftMinor <= 0 || refundMinor > leftMinor)
		return fail(terminalError('SALE-106', { values: { leftMinor: Math.max(0, leftMinor), currency: sale.receipt.currency } }));
	return Number.isSafeInteger(refundMinor) && refundMinor > 0 ? ok(refundMinor) : fail(terminalError('SALE-101'));
}

/** The refund as it is recorded; `corrects` names a refused one in whose place it goes. */
export async function toRecording(
	context: TerminalContext,
	sale: RecordedSale,
	{ requestId, refundMinor, corrects }: { readonly requestId: string; readonly refundMinor: number; readonly corrects?: EventId },
): Promise<Recording> {
	const { receipt, refundedMinor, pointsEarned, pointsTakenBack } = sale;
	const { customer, external_id } = sale.entry.event;
	const isWholeRest = refundMinor === receipt.amountMinor - refundedMinor;
	const data = withCashier(context, { transaction_id: receipt.transactionId, ...(corrects === undefined ? {} : { corrects }) });
	// The refund goes to whom the sale went, as it was written: headquarters resolves both in the same way.
	const envelope = { customer, ...(external_id === undefined ? {} : { external_id }) };
	const event: WireEvent = isWholeRest
		? { ...envelope, action: 'refund', data }
		: { ...envelope, action: 'partial_refund', data: { ...data, amount: toMajor(refundMinor, receipt.currency) } };
	const known = await memberOf(context, sale.entry);
	return {
		requestId,
		eventId: newEventId(context),
		event,
		memberId: sale.entry.memberId ?? (known === null ? null : idOf(known)),
		pointsEstimated: 0 - pointsForRefund({ amountMinor: receipt.amountMinor, pointsEarned, refundedMinor, pointsTakenBack, refundMinor }),
		receipt: { ...receipt, amountMinor: refundMinor },
		cashier: cashierId(context),
	};
}

async function describeSale(
	context: TerminalContext,
	{ entry, receipt, refundedMinor, pointsEarned }: RecordedSale,
): Promise<RefundableSale> {
	const known = await memberOf(context, entry);
	return {
		eventId: entry.eventId,
		receiptNumber: receipt.receiptNumber,
		memberId: known === null ? null : idOf(known),
		memberInitials: known === null ? '' : initials(personOf(known), await languageOf(context, known)),
		atMs: entry.occurredAtMs,
		amountMinor: receipt.amountMinor,
		currency: receipt.currency,
		refundedMinor,
		points: pointsEarned,
		canVoid: await canVoid(context, entry),
	};
}
