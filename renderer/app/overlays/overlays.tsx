import { showOverlay, usePlaceStore } from '../../stores/place/place-store.ts';
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
		case 'proof':
			return <DayProof onClose={close} />;
		case 'wording':
			return <Wording index={overlay.index} onClose={close} />;
	}
}
