import type { EventId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { correctionRequestId, CORRECTIONS_MAX } from '#sync/outbox/correction.ts';
import type { Entry, Receipt } from '#sync/outbox/entry.ts';
import type { RecordedSale } from '#sync/outbox/outbox.ts';
import type { TerminalContext } from '../context.ts';
import { findSaleOf } from '../sale/refund.ts';

type Of<A extends WireEvent['action']> = { readonly event: Extract<WireEvent, { action: A }> };
type RefusedSale = Entry & Of<'checkout'> & { readonly receipt: Receipt };
type RefusedEnrolment = Entry & Of<'opt_in'> & { readonly memberId: NonNullable<Entry['memberId']> };

/** A refused entry that a form can put right, with what that form needs of it. */
export type Correctable =
	| { readonly kind: 'sale'; readonly entry: RefusedSale }
	| { readonly kind: 'enrolment'; readonly entry: RefusedEnrolment }
	| { readonly kind: 'refund'; readonly entry: Entry & { readonly receipt: Receipt }; readonly sale: RecordedSale };

/** Answers to a refund that another amount can change. Whose the sale is, or that headquarters has none, no form of a refund can. */
const ABOUT_AMOUNT: ReadonlySet<number> = new Set([
	WIRE_CODES.refundNotAccepted,
	WIRE_CODES.refundNotPositive,
	WIRE_CODES.refundAboveTransaction,
	WIRE_CODES.refundAboveCustomer,
]);

/** What can be put right of an entry, or `null`: it was not refused, its data is gone, or no change of it would help. */
export async function readCorrectable(context: TerminalContext, entry: Entry): Promise<Correctable | null> {
	if (entry.status !== 'rejected') return null;
	if (isSale(entry)) return { kind: 'sale', entry };
	if (isEnrolment(entry)) return { kind: 'enrolment', entry };
	if (!isRefund(entry) || !ABOUT_AMOUNT.has(entry.outcome?.error?.code ?? -1)) return null;
	const sale = await findSaleOf(context, entry.receipt);
	return sale === null || sale.receipt.amountMinor <= sale.refundedMinor ? null : { kind: 'refund', entry, sale };
}

function isSale(entry: Entry): entry is RefusedSale {
	return entry.event.action === 'checkout' && entry.receipt !== null;
}

/** Without its names: the member has left, and nothing is to be recorded of them. */
function isEnrolment(entry: Entry): entry is RefusedEnrolment {
	return entry.event.action === 'opt_in' && entry.memberId !== null && typeof entry.event.data.first_name === 'string';
}

function isRefund(entry: Entry): entry is Entry & { readonly receipt: Receipt } {
	return (entry.action === 'refund' || entry.action === 'partial_refund') && entry.receipt !== null;
}

/** The entry that a manager wants to put right, of the kind of its form. SESSION-104, OUTBOX-101. */
export async function findRefused<K extends Correctable['kind']>(
	context: TerminalContext,
	eventId: EventId,
	...kinds: readonly K[]
): Promise<Result<Extract<Correctable, { kind: K }>, LoyaltyError>> {
	if (context.cashier()?.role !== 'manager') return fail(terminalError('SESSION-104'));
	const entry = await context.outbox.get(eventId);
	const refused = entry === null ? null : await readCorrectable(context, entry);
	return refused !== null && isOf(refused, kinds) ? ok(refused) : fail(terminalError('OUTBOX-101'));
}

function isOf<K extends Correctable['kind']>(refused: Correctable, kinds: readonly K[]): refused is Extract<Correctable, { kind: K }> {
	return kinds.some((kind) => kind === refused.kind);
}

/** The correction that stands, or the request id of the next one. Every correction before it was taken back. */
export async function findTurn(
	{ outbox }: TerminalContext,
	eventId: EventId,
): Promise<{ readonly requestId: string; readonly standing: Entry | null }> {
	for (let turn = 1; ; turn += 1) {
		const requestId = correctionRequestId(eventId, turn);
		const earlier = await outbox.findByRequest(requestId);
		if (earlier?.status !== 'voided' || turn === CORRECTIONS_MAX) return { requestId, standing: earlier };
	}
}

/** The answer when a correction stands already: that of an earlier call whose answer was lost, or OUTBOX-101 when it is another one. */
export function standingAnswer(standing: Entry, isSame: boolean): Result<{ readonly eventId: EventId }, LoyaltyError> {
	return isSame ? ok({ eventId: standing.eventId }) : fail(terminalError('OUTBOX-101'));
}
