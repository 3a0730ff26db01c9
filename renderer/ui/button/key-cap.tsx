import type { ReactNode } from 'react';
import { cx } from '../class-names.ts';
import styles from './key-cap.module.css';

/** A key as printed on a button. The button is called without it: it would be read as part of its name. */
export function KeyCap({ children, on = 'light' }: { readonly children: ReactNode; readonly on?: 'light' | 'dark' | 'main' }) {
	return (
		<span aria-hidden="true" className={cx(styles['cap'], styles[on])}>
			{children}
		</span>
	);
}
