import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import { services } from '../../bridge/services.ts';
import { amountFromText } from '../earn/amount.ts';
import { loadOutbox } from '../outbox/outbox-actions.ts';
import { showOverlay } from '../place/place-store.ts';
import { raise } from '../signal/signal-store.ts';
import { openCorrectEnrolment } from './correct-enrolment.ts';
import { openCorrectRefund } from './correct-refund.ts';
import { initialCorrectState, useCorrectStore } from './correct-store.ts';
import type { CorrectState } from './correct-store.ts';

/** Opens the form of a refused entry's own kind. */
export async function openCorrection(line: OutboxLine): Promise<void> {
	if (line.action === 'opt_in') return openCorrectEnrolment(line.eventId);
	if (line.action === 'refund' || line.action === 'partial_refund') return openCorrectRefund(line.eventId);
	openCorrect(line);
}

/** Opens the correction of a refused sale with what was recorded; what was typed for the same entry before is still there. */
export function openCorrect(line: OutboxLine): void {
	if (useCorrectStore.getState().eventId !== line.eventId) {
		useCorrectStore.setState({
			...initialCorrectState,
			eventId: line.eventId,
			receipt: line.receiptNumber ?? '',
			amountMinor: line.amountMinor ?? 0,
			currency: line.currency,
		});
	}
	showOverlay({ kind: 'correct' });
}

/** Takes over a card that was scanned or typed. */
export function typeCorrectCard(text: string): void {
	change({ barcode: text.slice(0, 512) });
}

/** Takes over the text of the receipt number. */
export function typeCorrectReceipt(text: string): void {
	change({ receipt: text.slice(0, 64) });
}

/** Takes over the text of the amount, digits shifted in from the right as on a till. */
export function typeCorrectAmount(text: string): void {
	const amountMinor = amountFromText(text);
	if (amountMinor !== null) change({ amountMinor });
}

/** Enter: records the correction. A receipt that earned today is asked about once. */
export async function confirmCorrect(): Promise<void> {
	const { eventId, barcode, receipt, amountMinor, isRepeatAsked, isSending, ...state } = useCorrectStore.getState();
	if (eventId === null || isSending) return;
	const requestId = state.requestId ?? crypto.randomUUID();
	useCorrectStore.setState({ isSending: true, problem: null, requestId });
	const answer = await services().call('outbox.correct', {
		requestId,
		eventId,
		barcode,
		receiptNumber: receipt,
		amountMinor,
		isRepeatConfirmed: isRepeatAsked,
	});
	if (!answer.ok) {
		const { verdict, code } = answer.error;
		const mayHaveArrived = verdict === 'unknown' || verdict === 'retry_later';
		useCorrectStore.setState({
			isSending: false,
			problem: answer.error,
			isRepeatAsked: code === 'SALE-103',
			requestId: mayHaveArrived ? requestId : null,
		});
		raise('refused', { kind: 'error', error: answer.error });
		return;
	}
	resetCorrect();
	showOverlay({ kind: 'none' });
	raise('found', { kind: 'plain', id: 'corrected' }, true);
	await loadOutbox();
}

/** Forgets what was typed. */
export function resetCorrect(): void {
	useCorrectStore.setState(initialCorrectState);
}

/** What was asked and answered belongs to the form as it was. */
function change(part: Partial<CorrectState>): void {
	useCorrectStore.setState({ ...part, isRepeatAsked: false, problem: null, requestId: null });
}
