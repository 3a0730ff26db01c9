import { create } from 'zustand';
import type { CorrectionDraft } from '#shared/bridge/outbox-calls.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { services } from '../../bridge/services.ts';
import { amountFromText } from '../earn/amount.ts';
import { showOverlay } from '../place/place-store.ts';
import { raise } from '../signal/signal-store.ts';
import { attempt, NO_ATTEMPT } from './attempt.ts';
import type { Attempt } from './attempt.ts';

/** A refused refund while a manager corrects its amount. `draft` is what was recorded; `null` when none is being corrected. */
export type CorrectRefundState = Attempt & {
	readonly eventId: EventId | null;
	readonly draft: Extract<CorrectionDraft, { kind: 'refund' }> | null;
	readonly amountMinor: number;
};

const INITIAL: CorrectRefundState = { ...NO_ATTEMPT, eventId: null, draft: null, amountMinor: 0 };

export const useCorrectRefundStore = create<CorrectRefundState>(() => INITIAL);

/** Opens the correction; what was typed for the same entry before is still there. */
export async function openCorrectRefund(eventId: EventId): Promise<void> {
	const draft = await services().call('outbox.draft', { eventId });
	if (!draft.ok) return raise('refused', { kind: 'error', error: draft.error }, true);
	if (draft.value.kind !== 'refund') return;
	const isKnown = useCorrectRefundStore.getState().eventId === eventId;
	const { amountMinor, leftMinor } = draft.value;
	useCorrectRefundStore.setState({
		draft: draft.value,
		...(isKnown ? {} : { ...NO_ATTEMPT, eventId, amountMinor: Math.min(amountMinor, leftMinor) }),
	});
	showOverlay({ kind: 'correct_refund' });
}

/** Takes over the text of the amount, digits shifted in from the right as on a till. */
export function typeCorrectRefund(text: string): void {
	const amountMinor = amountFromText(text);
	if (amountMinor !== null) useCorrectRefundStore.setState({ amountMinor, problem: null, requestId: null });
}

/** Whether the amount can be refunded, as far as this terminal knows. */
export function isRefundable({ amountMinor, draft }: Pick<CorrectRefundState, 'amountMinor' | 'draft'>): boolean {
	return draft !== null && amountMinor > 0 && amountMinor <= draft.leftMinor;
}

/** Enter: records the correction. */
export async function confirmCorrectRefund(): Promise<void> {
	const { eventId, amountMinor, draft } = useCorrectRefundStore.getState();
	if (eventId === null || !isRefundable({ amountMinor, draft })) return;
	await attempt(useCorrectRefundStore, (requestId) => services().call('outbox.correctRefund', { requestId, eventId, amountMinor }), {
		said: 'corrected',
		reset: resetCorrectRefund,
	});
}

/** Forgets what was typed. */
export function resetCorrectRefund(): void {
	useCorrectRefundStore.setState(INITIAL);
}
