import { openEnrol } from '../../stores/enrol/enrol-actions.ts';
import { hasEnrolDraft, useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import styles from './invitation.module.css';

/** Widths of bars and gaps of a drawn barcode, in thirds of a pixel of the drawing. */
const BARS = [
	3, 2, 2, 3, 5, 3, 3, 3, 6, 4, 2, 2, 2, 5, 6, 4, 2, 2, 7, 4, 3, 2, 3, 4, 2, 6, 6, 4, 3, 3, 5, 3, 3, 3, 7, 4, 2, 3, 6, 3, 3, 3, 6, 3, 3, 3,
	5, 3, 3, 3, 3, 3, 5,
];

/** "Scan a card": the largest thing while nobody is served. */
export function Invitation() {
	const { t } = useText();
	const isEnrolmentKept = useEnrolStore(hasEnrolDraft);
	return (
		<div className={styles['invitation']}>
			<div className={styles['drawing']} aria-hidden="true">
				<Barcode />
				<span className={styles['beam']} />
			</div>
			<h1 className={styles['title']}>{t('ready.scan')}</h1>
			<p className={styles['or']}>{t('ready.or_type')}</p>
			{isEnrolmentKept ? (
				<Button keyCap="F3" onPress={() => openEnrol()}>
					{t('ready.enrolment_kept')}
				</Button>
			) : null}
		</div>
	);
}

function Barcode() {
	const starts = BARS.map((_, index) => BARS.slice(0, index).reduce((sum, width) => sum + width, 0));
	const total = BARS.reduce((sum, width) => sum + width, 0);
	return (
		<svg className={styles['bars']} viewBox={`0 0 ${total} 72`} preserveAspectRatio="none">
			{BARS.map((width, index) => (index % 2 === 0 ? <rect key={starts[index]} x={starts[index]} width={width} height="72" /> : null))}
		</svg>
	);
}
