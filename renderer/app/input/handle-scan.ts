import { scanMeaning } from '../../scan/scan-meaning.ts';
import type { ScanContext } from '../../scan/scan-meaning.ts';
import { scanReceipt } from '../../stores/earn/earn-actions.ts';
import { typeCorrectCard } from '../../stores/correct/correct-actions.ts';
import { typeCorrectEnrolment } from '../../stores/correct/correct-enrolment.ts';
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
	const takeCard = cardTaker();
	const meaning = scanMeaning(scanned, contextOf(takeCard !== null), useSessionStore.getState().session?.programme ?? null);
	if (meaning.kind === 'card_for_enrolment' && takeCard !== null) return takeCard(meaning.text);
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

/** The form over the place that a card goes into, if there is one. */
function cardTaker(): ((card: string) => void) | null {
	const { kind } = usePlaceStore.getState().overlay;
	if (kind === 'correct') return typeCorrectCard;
	return kind === 'correct_enrolment' ? (card) => typeCorrectEnrolment('barcode', card) : null;
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
