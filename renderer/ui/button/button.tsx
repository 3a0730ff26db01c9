import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { cx } from '../class-names.ts';
import { KeyCap } from './key-cap.tsx';
import styles from './button.module.css';

type Props = {
	readonly children: ReactNode;
	/** `main`: the one action that Enter does. `dark`: the first of several. `plain`: any other. `quiet`: text with a target around it. */
	readonly variant?: 'main' | 'dark' | 'plain' | 'quiet';
	readonly size?: 'm' | 'l' | 'xl';
	/** The key that does the same, as printed. */
	readonly keyCap?: ReactNode;
	readonly type?: 'button' | 'submit';
	readonly isDisabled?: boolean;
	/** Under way: keeps the focus, does nothing. */
	readonly isBusy?: boolean;
	/** Has the focus when it appears: the one action of a state that the cashier has just reached. */
	readonly takesFocus?: boolean;
	readonly isFull?: boolean;
	readonly onPress?: () => void;
	readonly label?: string;
};

const CAP_ON = { main: 'main', dark: 'dark', plain: 'light', quiet: 'light' } as const;

/** Something to press: by finger, by Enter, or by the key that is printed on it. */
export function Button({ children, variant = 'plain', size = 'm', keyCap, label, onPress, ...rest }: Props) {
	return (
		<AriaButton
			type={rest.type ?? 'button'}
			isDisabled={rest.isDisabled === true}
			isPending={rest.isBusy === true}
			ref={rest.takesFocus === true ? focus : null}
			className={cx(styles['button'], styles[variant], styles[size], rest.isFull === true && styles['full'])}
			{...(onPress === undefined ? {} : { onPress })}
			{...(label === undefined ? {} : { 'aria-label': label })}
		>
			<span className={styles['label']}>{children}</span>
			{keyCap === undefined ? null : <KeyCap on={CAP_ON[variant]}>{keyCap}</KeyCap>}
		</AriaButton>
	);
}

function focus(button: HTMLButtonElement | null): void {
	button?.focus();
}
