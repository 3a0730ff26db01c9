import { scanMeaning } from '../../scan/scan-meaning.ts';
import type { ScanContext } from '../../scan/scan-meaning.ts';
import { scanReceipt } from '../../stores/earn/earn-actions.ts';
import { typeCorrectCard } from '../../stores/correct/correct-actions.ts';
import { useEarnStore } from '../../stores/earn/earn-store.ts';
import { scanEnrolCard } from '../../stores/enrol/enrol-actions.ts';
import { identify } from '../../stores/find/find-actions.ts';
import { placeOf, showOverlay, usePlaceStore } from '../../stores/place/place-store.ts';
import { confirmRefund, typeRefundReceipt } from '../../stores/refund/refund-actions.ts';
import { useRefundStore } from '../../stores/refund/refund-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { raise } from '../../stores/signal/signal-store.ts';

/** Does what a scanned code asks for where the cashier is. */
export async function handleScan(scanned: string): Promise<void> {
	const isCorrecting = usePlaceStore.getState().overlay.kind === 'correct';
	const meaning = scanMeaning(scanned, contextOf(isCorrecting), useSessionStore.getState().session?.programme ?? null);
	if (meaning.kind === 'card_for_enrolment' && isCorrecting) return typeCorrectCard(meaning.text);
	if (meaning.kind !== 'locked') showOverlay({ kind: 'none' });
	switch (meaning.kind) {
		case 'locked':
			return raise('attention', { kind: 'plain', id: 'unlock_first' }, true);
		case 'card_for_enrolment':
			return scanEnrolCard(meaning.text);
		case 'receipt':
			return takeReceipt(meaning.text);
		case 'identify':
			if (meaning.text !== '') await identify(meaning.text, 'scan');
	}
}

function contextOf(isCorrecting: boolean): ScanContext {
	if (useSessionStore.getState().session?.isLocked === true) return 'locked';
	// The form over the place takes the card, as an enrolment does.
	if (isCorrecting) return 'enrolling';
	const place = placeOf(usePlaceStore.getState());
	if (place.at === 'enrol') return 'enrolling';
	if (place.at === 'refund') return useRefundStore.getState().refund.phase === 'receipt' ? 'asking_receipt' : 'anything';
	if (place.at !== 'member') return 'anything';
	const { earn } = useEarnStore.getState();
	return earn.phase === 'typing' && earn.draft.amountMinor > 0 ? 'asking_receipt' : 'anything';
}

async function takeReceipt(text: string): Promise<void> {
	if (placeOf(usePlaceStore.getState()).at === 'member') return scanReceipt(text);
	typeRefundReceipt(text);
	return confirmRefund();
}
