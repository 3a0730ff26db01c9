import { Button } from 'react-aria-components';
import { cx } from '../class-names.ts';
import { BackspaceIcon } from '../icons/icons.tsx';
import styles from './number-pad.module.css';

type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '00' | 'back';

const KEYS: readonly Key[] = ['7', '8', '9', '4', '5', '6', '1', '2', '3', '00', '0', 'back'];

type Props = {
	readonly label: string;
	readonly backLabel: string;
	readonly onKey: (key: Key) => void;
	readonly isDisabled?: boolean;
	/** For PINs: no double zero. */
	readonly hasDoubleZero?: boolean;
};

/**
 * The keys of a till. They are for fingers: a keyboard has its own, so that they are no stops for Tab, and a press leaves the focus
 * in the field that is being typed.
 */
export function NumberPad({ label, backLabel, onKey, isDisabled = false, hasDoubleZero = true }: Props) {
	return (
		<fieldset aria-label={label} className={styles['pad']} dir="ltr" data-pad="">
			{KEYS.map((key) =>
				key === '00' && !hasDoubleZero ? (
					<span key={key} />
				) : (
					<Button
						key={key}
						excludeFromTabOrder
						preventFocusOnPress
						isDisabled={isDisabled}
						className={cx(styles['key'], key === 'back' && styles['back'])}
						onPress={() => onKey(key)}
						{...(key === 'back' ? { 'aria-label': backLabel } : {})}
					>
						{key === 'back' ? <BackspaceIcon size="1.75rem" /> : key}
					</Button>
				),
			)}
		</fieldset>
	);
}
