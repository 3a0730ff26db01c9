import { showOverlay, usePlaceStore } from '../../stores/place/place-store.ts';
import { CloseEntry } from './close-entry.tsx';
import { CorrectEnrolment } from './correct-enrolment.tsx';
import { CorrectRefund } from './correct-refund.tsx';
import { CorrectSale } from './correct-sale.tsx';
import { DayProof } from './day-proof.tsx';
import { KeyMap } from './key-map.tsx';
import { Wording } from './wording.tsx';

/** What lies over the place, if anything. */
export function Overlays() {
	const overlay = usePlaceStore((state) => state.overlay);
	const close = () => showOverlay({ kind: 'none' });
	switch (overlay.kind) {
		case 'none':
			return null;
		case 'keys':
			return <KeyMap onClose={close} />;
		case 'correct':
			return <CorrectSale onClose={close} />;
		case 'correct_enrolment':
			return <CorrectEnrolment onClose={close} />;
		case 'correct_refund':
			return <CorrectRefund onClose={close} />;
		case 'close':
			return <CloseEntry onClose={close} />;
		case 'proof':
			return <DayProof onClose={close} />;
		case 'wording':
			return <Wording index={overlay.index} onClose={close} />;
	}
}
