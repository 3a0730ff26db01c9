import type { RefundableSale } from '#shared/bridge/sale-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { services } from '../../bridge/services.ts';
import { amountFromText, pressPad } from '../earn/amount.ts';
import type { PadKey } from '../earn/amount.ts';
import { resetEarn, useEarnStore } from '../earn/earn-store.ts';
import { refreshSubject } from '../find/find-actions.ts';
import { enter } from '../place/place-store.ts';
import { loadShift } from '../session/session-actions.ts';
import { raise } from '../signal/signal-store.ts';
import { initialRefundState, resetRefund, restOf, setRefund, useRefundStore } from './refund-store.ts';
import type { RefundState } from './refund-store.ts';

/** Opens the refund. With `receipt` it looks that sale up at once. */
export async function openRefund(receipt: string | null): Promise<void> {
	resetRefund();
	enter({ at: 'refund' });
	if (receipt === null) return;
	typeRefundReceipt(receipt);
	await confirmRefund();
}

/** Takes over the text of the receipt field. */
export function typeRefundReceipt(text: string): void {
	const { refund } = useRefundStore.getState();
	if (refund.phase === 'receipt') setRefund({ ...refund, receipt: text.trim().slice(0, 64), problem: null });
}

/** Takes over the text of the amount field: typing makes it a refund of a part. */
export function typeRefundAmount(text: string): void {
	const partMinor = amountFromText(text);
	if (partMinor !== null) setPart(partMinor);
}

/** `null` refunds the whole rest, a number (minor units) a part. */
export function setPart(partMinor: number | null): void {
	const { refund } = useRefundStore.getState();
	if (refund.phase === 'amount' && !refund.isSending) setRefund({ ...refund, partMinor, requestId: null, problem: null });
}

/** A key of the pad on the screen. The first digit replaces the whole amount by a part. */
export function pressRefundPad(key: PadKey): void {
	const { refund } = useRefundStore.getState();
	if (refund.phase === 'receipt') typeRefundReceipt(pressPad(refund.receipt, key));
	else if (refund.phase === 'amount') typeRefundAmount(pressPad(refund.partMinor === null ? '' : String(refund.partMinor), key));
}

/** Moves the highlight among several sales of one number. */
export function moveSaleHighlight(by: number): void {
	const { refund } = useRefundStore.getState();
	if (refund.phase !== 'choose') return;
	setRefund({ ...refund, highlighted: Math.min(refund.sales.length - 1, Math.max(0, refund.highlighted + by)) });
}

/** Chooses a sale to refund. */
export function chooseSale(sale: RefundableSale): void {
	setRefund({ phase: 'amount', receipt: sale.receiptNumber, sale, partMinor: null, isSending: false, requestId: null, problem: null });
}

/** Enter: from the receipt number to the sale, from the sale to the amount, from the amount to the record. */
export async function confirmRefund(): Promise<void> {
	const { refund } = useRefundStore.getState();
	switch (refund.phase) {
		case 'receipt':
			return look(refund);
		case 'choose': {
			const sale = refund.sales[refund.highlighted];
			if (sale !== undefined) chooseSale(sale);
			return;
		}
		case 'amount':
			return refund.partMinor === null && refund.sale.canVoid && refund.sale.refundedMinor === 0 ? takeBack(refund) : record(refund);
		case 'done':
			return resetRefund();
	}
}

/** Esc inside a refund: one step back; `false` when it was at its first step already. */
export function stepRefundBack(): boolean {
	const { refund } = useRefundStore.getState();
	if (refund.phase === 'receipt' || refund.phase === 'done') return false;
	if (refund.phase === 'amount' && refund.isSending) return true;
	setRefund({ ...initialRefundState, receipt: refund.receipt });
	return true;
}

async function look(refund: Extract<RefundState, { phase: 'receipt' }>): Promise<void> {
	if (refund.isLooking) return;
	if (refund.receipt === '') return refuse(refund, terminalError('SALE-102'));
	setRefund({ ...refund, isLooking: true, problem: null });
	const answer = await services().call('sale.find', { receiptNumber: refund.receipt });
	const now = useRefundStore.getState().refund;
	if (now.phase !== 'receipt' || now.receipt !== refund.receipt) return;
	if (!answer.ok) return refuse(refund, answer.error);
	const [first, ...others] = answer.value.sales;
	if (first === undefined) return refuse(refund, terminalError('SALE-105'));
	if (others.length === 0) chooseSale(first);
	else setRefund({ phase: 'choose', receipt: refund.receipt, sales: answer.value.sales, highlighted: 0 });
}

type AmountState = Extract<RefundState, { phase: 'amount' }>;

async function record(refund: AmountState): Promise<void> {
	if (refund.isSending) return;
	const restMinor = restOf(refund.sale);
	const amountMinor = refund.partMinor ?? restMinor;
	if (amountMinor === 0) return refuse(refund, terminalError('SALE-101'));
	const sending = begin(refund);
	const answer = await services().call('sale.refund', {
		requestId: sending.requestId,
		saleEventId: refund.sale.eventId,
		...(refund.partMinor === null ? {} : { amountMinor }),
	});
	if (!answer.ok) return fail(sending, answer.error);
	await finish({ phase: 'done', sale: refund.sale, amountMinor, points: Math.abs(answer.value.points), isVoid: false });
}

async function takeBack(refund: AmountState): Promise<void> {
	if (refund.isSending) return;
	const sending = begin(refund);
	const answer = await services().call('sale.void', { requestId: sending.requestId, eventId: refund.sale.eventId });
	if (answer.ok)
		return finish({ phase: 'done', sale: refund.sale, amountMinor: refund.sale.amountMinor, points: refund.sale.points, isVoid: true });
	// It left while the cashier looked at it: the same amount can be refunded instead.
	if (answer.error.code === 'SALE-107') return fail({ ...sending, sale: { ...refund.sale, canVoid: false } }, answer.error);
	return fail(sending, answer.error);
}

function begin(refund: AmountState): AmountState & { readonly requestId: string } {
	const sending = { ...refund, isSending: true, problem: null, requestId: refund.requestId ?? crypto.randomUUID() };
	setRefund(sending);
	return sending;
}

function fail(sending: AmountState, error: LoyaltyError): void {
	const mayHaveArrived = error.verdict === 'unknown' || error.verdict === 'retry_later';
	refuse({ ...sending, isSending: false, requestId: mayHaveArrived ? sending.requestId : null }, error);
}

async function finish(done: Extract<RefundState, { phase: 'done' }>): Promise<void> {
	setRefund(done);
	const { earn } = useEarnStore.getState();
	// The sale that is still shown as given is not there any more.
	if (earn.phase === 'given' && earn.eventId === done.sale.eventId) resetEarn();
	raise('found', { kind: 'points', points: -done.points, who: done.sale.memberInitials });
	await Promise.all([loadShift(), refreshSubject()]);
}

function refuse(refund: Extract<RefundState, { phase: 'receipt' | 'amount' }>, error: LoyaltyError): void {
	setRefund({ ...refund, problem: error });
	raise('refused', { kind: 'error', error });
}
