import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import { pointsForSale } from '#shared/domain/earn.ts';
import type { ReceiptNumber } from '#shared/domain/ids.ts';
import { toMajor } from '#shared/domain/money.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import type { Recording } from '#sync/outbox/outbox.ts';
import { cashierId, newEventId, readiness, withCashier } from '../context.ts';
import type { Readiness, TerminalContext } from '../context.ts';
import { readCard } from '../member/read-card.ts';
import { idOf } from '../member/known-member.ts';
import { barcodeOf } from '../sale/recorded.ts';
import { checkSale, findBuyer, hasEarnedToday, tierOf } from '../sale/earn.ts';
import type { Buyer } from '../sale/earn.ts';
import { transactionIdOf } from '../sale/transaction-id.ts';
import { findRefused, findTurn, standingAnswer } from './refused-entry.ts';
import type { Correctable } from './refused-entry.ts';

type Input = CallInput<'outbox.correct'>;
type Refused = Extract<Correctable, { kind: 'sale' }>['entry'];

/**
 * Records a refused sale anew, as it should have been. The old entry stays as it is and as evidence; the new one names it. Only a manager
 * does this: it is how points go to another member after the sale. See `outbox.correct` for the errors.
 */
export async function correctSale(context: TerminalContext, input: Input): Promise<Result<CallOutput<'outbox.correct'>, LoyaltyError>> {
	return context.gate.run(`outbox.correct ${input.requestId}`, async () => {
		const refused = await findRefused(context, input.eventId, 'sale');
		if (!refused.ok) return refused;
		const ready = readiness(context);
		if (!ready.ok) return ready;
		const { entry } = refused.value;
		const receiptNumber = checkSale({ ...input, currency: entry.receipt.currency }, ready.value.programme);
		if (!receiptNumber.ok) return receiptNumber;
		const buyer = await findNewBuyer(context, entry, input.barcode);
		if (!buyer.ok) return buyer;
		const { requestId, standing } = await findTurn(context, entry.eventId);
		const sale = { entry, receiptNumber: receiptNumber.value, amountMinor: input.amountMinor, buyer: buyer.value };
		if (standing !== null) return standingAnswer(standing, isSameSale(standing, sale));
		if (!input.isRepeatConfirmed && (await hasEarnedToday(context, receiptNumber.value))) return fail(terminalError('SALE-103'));
		const recorded = await context.outbox.record(toRecording(context, ready.value, { ...sale, requestId }));
		return recorded.ok ? ok({ eventId: recorded.value.eventId }) : recorded;
	});
}

/** The member of the card that was typed; without one the member of the old sale. */
async function findNewBuyer(context: TerminalContext, entry: Refused, typed: string): Promise<Result<Buyer, LoyaltyError>> {
	if (typed.trim() !== '') {
		const card = readCard(context, typed);
		return card.ok ? findBuyer(context, { barcode: card.value }) : card;
	}
	if (entry.memberId !== null) return findBuyer(context, { memberId: entry.memberId });
	const barcode = barcodeOf(entry);
	return barcode === null ? fail(terminalError('MEMBER-104')) : findBuyer(context, { barcode });
}

type NewSale = { readonly entry: Refused; readonly receiptNumber: ReceiptNumber; readonly amountMinor: number; readonly buyer: Buyer };

function isSameSale({ receipt, event }: Entry, { receiptNumber, amountMinor, buyer }: NewSale): boolean {
	return receipt?.receiptNumber === receiptNumber && receipt.amountMinor === amountMinor && event.customer === buyer.identifier;
}

function toRecording(
	context: TerminalContext,
	{ programme, identity }: Readiness,
	{ entry, receiptNumber, amountMinor, buyer, requestId }: NewSale & { readonly requestId: string },
): Recording {
	const { currency } = entry.receipt;
	const eventId = newEventId(context);
	// A number of its own: the old one may be what headquarters refused.
	const transactionId = transactionIdOf({
		...identity,
		day: context.calendar.dayOf(context.clock.nowMs()),
		seq: context.outbox.state().maxSeq + 1,
		eventId,
	});
	const { items } = entry.event.data;
	// Lines that do not add up to the new amount would be refused in their turn.
	const hasItems = items !== undefined && amountMinor === entry.receipt.amountMinor;
	const event: WireEvent = {
		customer: buyer.identifier,
		...(buyer.known === null ? { external_id: 'loyalty_barcode' } : {}),
		action: 'checkout',
		data: withCashier(context, {
			transaction_id: transactionId,
			total: toMajor(amountMinor, currency),
			currency,
			...(hasItems ? { items } : {}),
			receipt_number: receiptNumber,
			corrects: entry.eventId,
		}),
	};
	return {
		requestId,
		eventId,
		event,
		memberId: buyer.known === null ? null : idOf(buyer.known),
		pointsEstimated: hasItems
			? entry.pointsEstimated
			: pointsForSale({ amountMinor, lines: [] }, tierOf(buyer.known, programme), programme.earn),
		receipt: { receiptNumber, amountMinor, currency, transactionId },
		cashier: cashierId(context),
	};
}
