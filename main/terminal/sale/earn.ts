import type { CallInput } from '#shared/bridge/contract.ts';
import { pointsForSale, tierFor } from '#shared/domain/earn.ts';
import { ReceiptNumberSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode, MemberId, ReceiptNumber } from '#shared/domain/ids.ts';
import { AMOUNT_MINOR_MAX, AmountMinorSchema, toMajor } from '#shared/domain/money.ts';
import type { Programme, Tier } from '#shared/domain/programme.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { Recording } from '#sync/outbox/outbox.ts';
import { cashierId, newEventId, readiness, withCashier } from '../context.ts';
import type { Readiness, TerminalContext } from '../context.ts';
import { readCard } from '../member/read-card.ts';
import { findByCard, findById, idOf, statusOf } from '../member/known-member.ts';
import type { KnownMember } from '../member/known-member.ts';
import { describeRecorded, findRepeated } from './recorded.ts';
import type { Recorded } from './recorded.ts';
import { mergeLines, toItems } from './sale-items.ts';
import { transactionIdOf } from './transaction-id.ts';

type EarnInput = CallInput<'sale.earn'>;

/** Whose sale it is: a member, or a card that nobody here has and that headquarters will match. */
export type Buyer = { readonly known: KnownMember | null; readonly identifier: MemberId | LoyaltyBarcode };

/**
 * Records a sale. SALE-101 … SALE-104 for what was typed, MEMBER-102 … MEMBER-104 for whose it is, SCAN-… for a card that is none,
 * LINE-101 before the first contact, DISK-… when it could not be written. When it resolves with a value it is on disk.
 */
export async function earn(context: TerminalContext, input: EarnInput): Promise<Result<Recorded, LoyaltyError>> {
	return context.gate.run(`sale.earn ${input.requestId}`, async () => {
		const repeated = await findRepeated(context, input.requestId, ['checkout']);
		if (!repeated.ok) return repeated;
		if (repeated.value !== null) return ok(await describeRecorded(context, repeated.value));
		const ready = readiness(context);
		if (!ready.ok) return ready;
		const receiptNumber = checkSale(input, ready.value.programme);
		if (!receiptNumber.ok) return receiptNumber;
		const buyer = await findBuyer(context, input.member);
		if (!buyer.ok) return buyer;
		if (!input.isRepeatConfirmed && (await hasEarnedToday(context, receiptNumber.value))) return fail(terminalError('SALE-103'));
		const recorded = await context.outbox.record(
			toRecording(context, ready.value, { input, receiptNumber: receiptNumber.value, buyer: buyer.value }),
		);
		return recorded.ok ? ok(await describeRecorded(context, recorded.value)) : recorded;
	});
}

/** The receipt number of a sale that may be recorded. SALE-101, SALE-102, SALE-104. */
export function checkSale(
	input: Pick<EarnInput, 'amountMinor' | 'currency' | 'receiptNumber'>,
	programme: Programme,
): Result<ReceiptNumber, LoyaltyError> {
	if (!AmountMinorSchema.safeParse(input.amountMinor).success || input.amountMinor === 0)
		return fail(terminalError('SALE-101', { values: { maxMinor: AMOUNT_MINOR_MAX } }));
	if (input.currency !== programme.currency) return fail(terminalError('SALE-104', { values: { currency: programme.currency } }));
	const receiptNumber = ReceiptNumberSchema.safeParse(input.receiptNumber.trim());
	return receiptNumber.success ? ok(receiptNumber.data) : fail(terminalError('SALE-102'));
}

/** Whose sale it is to be, as they are known now. MEMBER-102 … MEMBER-104, SCAN-…. */
export async function findBuyer(context: TerminalContext, member: EarnInput['member']): Promise<Result<Buyer, LoyaltyError>> {
	if ('memberId' in member) {
		const known = await findById(context, member.memberId);
		return known === null ? fail(terminalError('MEMBER-104')) : buyerOf(known);
	}
	// The card may have become known since it was scanned.
	const found = await findByCard(context, member.barcode);
	if (found === null) {
		const card = readCard(context, member.barcode);
		return card.ok ? ok({ known: null, identifier: card.value }) : card;
	}
	return found.cardStatus === 'active' ? buyerOf(found.known) : fail(terminalError('MEMBER-102'));
}

function buyerOf(known: KnownMember): Result<Buyer, LoyaltyError> {
	return statusOf(known) === 'suspended' ? fail(terminalError('MEMBER-103')) : ok({ known, identifier: idOf(known) });
}

/** Whether a standing sale of today has this receipt number. */
export async function hasEarnedToday({ outbox, clock, calendar }: TerminalContext, receiptNumber: ReceiptNumber): Promise<boolean> {
	const today = calendar.dayOf(clock.nowMs());
	const sales = await outbox.findSales(receiptNumber);
	return sales.some(({ entry }) => entry.status !== 'voided' && calendar.dayOf(entry.occurredAtMs) === today);
}

type Sale = { readonly input: EarnInput; readonly receiptNumber: ReceiptNumber; readonly buyer: Buyer };

function toRecording(context: TerminalContext, { programme, identity }: Readiness, { input, receiptNumber, buyer }: Sale): Recording {
	const { amountMinor, currency, requestId } = input;
	const lines = mergeLines(input.lines ?? []);
	const eventId = newEventId(context);
	const transactionId = transactionIdOf({
		...identity,
		day: context.calendar.dayOf(context.clock.nowMs()),
		seq: context.outbox.state().maxSeq + 1,
		eventId,
	});
	const event: WireEvent = {
		customer: buyer.identifier,
		...(buyer.known === null ? { external_id: 'loyalty_barcode' } : {}),
		action: 'checkout',
		data: withCashier(context, {
			transaction_id: transactionId,
			total: toMajor(amountMinor, currency),
			currency,
			...(lines.length === 0 ? {} : { items: toItems(lines, programme) }),
			receipt_number: receiptNumber,
		}),
	};
	return {
		requestId,
		eventId,
		event,
		memberId: buyer.known === null ? null : idOf(buyer.known),
		pointsEstimated: pointsForSale({ amountMinor, lines }, tierOf(buyer.known, programme), programme.earn),
		receipt: { receiptNumber, amountMinor, currency, transactionId },
		cashier: cashierId(context),
	};
}

/** The tier by which the points are estimated, as headquarters finds it. Whoever is new or unknown is in the first. */
export function tierOf(known: KnownMember | null, programme: Programme): Tier {
	return tierFor(known?.from === 'replica' ? known.member.tierPoints : 0, programme);
}
