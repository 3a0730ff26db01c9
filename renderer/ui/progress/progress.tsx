import { Label, ProgressBar } from 'react-aria-components';
import { cx } from '../class-names.ts';
import styles from './progress.module.css';

type Props = {
	readonly label: string;
	/** 0 to 1; `null` while nobody knows. */
	readonly part: number | null;
	/** What is read out and shown beside the label. */
	readonly valueText: string;
	readonly isLarge?: boolean;
	/** A colour of the tokens; the accent when absent. */
	readonly colour?: string;
};

/** How far something is, as a bar with its words. */
export function Progress({ label, part, valueText, isLarge = false, colour }: Props) {
	return (
		<ProgressBar
			className={cx(styles['progress'], isLarge && styles['large'])}
			value={(part ?? 0) * 100}
			valueLabel={valueText}
			isIndeterminate={part === null}
		>
			<span className={styles['words']}>
				<Label className={styles['label'] ?? ''}>{label}</Label>
				<span className={styles['value']}>{valueText}</span>
			</span>
			<span className={styles['track']}>
				<span
					className={cx(styles['fill'], part === null && styles['unknown'])}
					style={{ inlineSize: `${(part ?? 0.3) * 100}%`, background: colour }}
				/>
			</span>
		</ProgressBar>
	);
}
