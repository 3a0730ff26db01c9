import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import { services } from '../../bridge/services.ts';
import { replaceSubject, subjectOf, usePlaceStore } from '../place/place-store.ts';
import type { Subject } from '../place/place-store.ts';
import { loadShift } from '../session/session-actions.ts';
import { useSessionStore } from '../session/session-store.ts';
import { raise } from '../signal/signal-store.ts';
import { amountFromText, pressPad } from './amount.ts';
import type { PadKey } from './amount.ts';
import { initialEarnState, setEarn, useEarnStore } from './earn-store.ts';
import type { EarnDraft, EarnState } from './earn-store.ts';
import { nextReceiptNumber } from './receipt-suggestion.ts';

/** Takes over the text of the amount field; more than a sale may be is refused and the amount stays. */
export function typeAmount(text: string): void {
	const amountMinor = amountFromText(text);
	if (amountMinor !== null) edit({ amountMinor });
}

/** Takes over the text of the receipt field. */
export function typeReceipt(text: string): void {
	edit({ receipt: text.trim().slice(0, 64) });
}

/** Takes over a receipt number that was scanned; the next Enter gives the points. */
export function scanReceipt(text: string): void {
	edit({ receipt: text.slice(0, 64), step: 'receipt' });
}

/** A key of the pad on the screen: it types into whichever of the two is asked for. A suggested number is replaced, not continued. */
export function pressEarnPad(key: PadKey): void {
	const { earn } = useEarnStore.getState();
	if (earn.phase !== 'typing') return;
	const { step, amountMinor, receipt, suggestion } = earn.draft;
	if (step === 'amount') typeAmount(pressPad(String(amountMinor), key));
	else typeReceipt(pressPad(receipt === suggestion ? '' : receipt, key));
}

/** Goes to the amount or to the receipt number. */
export function goToStep(step: EarnDraft['step']): void {
	const { earn } = useEarnStore.getState();
	if (earn.phase === 'given' || earn.phase === 'sending') return;
	setEarn({ phase: 'typing', draft: withSuggestion({ ...earn.draft, step }), problem: null, isLeaveAsked: false });
}

/** Enter: from the amount to the receipt number, from there to the points. */
export async function confirmEarn(): Promise<void> {
	const { earn } = useEarnStore.getState();
	if (earn.phase !== 'typing') return;
	if (earn.isLeaveAsked) setEarn({ ...earn, isLeaveAsked: false });
	else if (earn.draft.amountMinor === 0) refuseField(earn.draft, 'SALE-101');
	else if (earn.draft.step === 'amount') goToStep('receipt');
	else if (earn.draft.receipt === '') refuseField(earn.draft, 'SALE-102');
	else await give(earn.draft, { isRepeatConfirmed: false });
}

/** The cashier saw that the receipt earned already and says that this is another sale. */
export async function confirmRepeat(): Promise<void> {
	const { earn } = useEarnStore.getState();
	if (earn.phase === 'repeat') await give(earn.draft, { isRepeatConfirmed: true });
}

/** Takes the points back that were just given; the amount and the receipt number are there again to be mended. */
export async function undoEarn(): Promise<void> {
	const { earn } = useEarnStore.getState();
	if (earn.phase !== 'given' || earn.isUndoing) return;
	setEarn({ ...earn, isUndoing: true, problem: null });
	const answer = await services().call('sale.void', { requestId: crypto.randomUUID(), eventId: earn.eventId });
	const now = useEarnStore.getState().earn;
	const isShown = now.phase === 'given' && now.eventId === earn.eventId;
	if (!answer.ok) {
		if (isShown) setEarn({ ...earn, isUndoing: false, problem: answer.error });
		raise('refused', { kind: 'error', error: answer.error }, !isShown);
		return;
	}
	if (isShown) {
		setEarn({ ...initialEarnState, draft: { ...earn.draft, step: 'amount', requestId: null } });
		if (answer.value.member !== null) replaceSubject({ kind: 'member', card: answer.value.member });
	}
	raise('attention', { kind: 'plain', id: 'undone' }, true);
	await loadShift();
}

function edit(change: Partial<EarnDraft>): void {
	const { earn } = useEarnStore.getState();
	if (earn.phase !== 'typing') return;
	setEarn({ phase: 'typing', draft: withSuggestion({ ...earn.draft, ...change, requestId: null }), problem: null, isLeaveAsked: false });
}

/** Offers the next receipt number when that field is first reached. */
function withSuggestion(draft: EarnDraft): EarnDraft {
	if (draft.step === 'amount' || draft.suggestion !== null || draft.receipt !== '') return draft;
	const served = useSessionStore.getState().shift?.justServed ?? [];
	const last = served.find((line) => line.action === 'checkout' && line.receiptNumber !== null);
	const suggestion = nextReceiptNumber(last?.receiptNumber ?? null);
	return { ...draft, suggestion, receipt: suggestion ?? '' };
}

function refuseField(draft: EarnDraft, code: 'SALE-101' | 'SALE-102'): void {
	const error = terminalError(code);
	setEarn({ phase: 'typing', draft, problem: error, isLeaveAsked: false });
	raise('refused', { kind: 'error', error });
}

async function give(draft: EarnDraft, { isRepeatConfirmed }: { readonly isRepeatConfirmed: boolean }): Promise<void> {
	const subject = subjectOf(usePlaceStore.getState());
	const programme = useSessionStore.getState().session?.programme ?? null;
	if (subject === null || programme === null) return;
	const requestId = draft.requestId ?? crypto.randomUUID();
	const sent: EarnDraft = { ...draft, requestId };
	setEarn({ phase: 'sending', draft: sent });
	const answer = await services().call('sale.earn', {
		requestId,
		member: saleMember(subject),
		receiptNumber: draft.receipt,
		amountMinor: draft.amountMinor,
		currency: programme.currency,
		isRepeatConfirmed,
	});
	if (answer.ok) await applyGiven(sent, answer.value);
	else applyRefused(sent, answer.error);
}

/** Another card may have been scanned while the answer was on its way: its sale is not to be overwritten. */
function isStillShown({ requestId }: EarnDraft): boolean {
	const { earn } = useEarnStore.getState();
	return earn.phase === 'sending' && earn.draft.requestId === requestId;
}

async function applyGiven(sent: EarnDraft, { points, eventId, member }: CallOutput<'sale.earn'>): Promise<void> {
	const isShown = isStillShown(sent);
	if (isShown) {
		setEarn({ phase: 'given', draft: sent, eventId, points, isUndoing: false, problem: null });
		if (member !== null) replaceSubject({ kind: 'member', card: member });
	}
	raise('found', { kind: 'points', points, who: member?.firstName ?? member?.name ?? null }, !isShown);
	await loadShift();
}

function applyRefused(sent: EarnDraft, error: LoyaltyError): void {
	const isShown = isStillShown(sent);
	if (isShown) setEarn(afterRefusal(sent, error));
	raise(error.code === 'SALE-103' ? 'attention' : 'refused', { kind: 'error', error }, !isShown);
}

function saleMember(subject: Subject): CallInput<'sale.earn'>['member'] {
	return subject.kind === 'member' ? { memberId: subject.card.memberId } : { barcode: subject.barcode };
}

/** An attempt that may have arrived keeps its id and waits for another Enter; a clear no ends the id. */
function afterRefusal(draft: EarnDraft, error: LoyaltyError): EarnState {
	if (error.verdict === 'unknown' || error.verdict === 'retry_later')
		return { phase: 'typing', draft, problem: error, isLeaveAsked: false };
	const ended: EarnDraft = { ...draft, requestId: null };
	switch (error.code) {
		case 'SALE-101':
			return { phase: 'typing', draft: { ...ended, step: 'amount' }, problem: error, isLeaveAsked: false };
		case 'SALE-102':
			return { phase: 'typing', draft: { ...ended, step: 'receipt' }, problem: error, isLeaveAsked: false };
		case 'SALE-103':
			return { phase: 'repeat', draft: ended };
		default:
			return { phase: 'refused', draft: ended, error };
	}
}
