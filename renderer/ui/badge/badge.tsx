import type { ReactNode } from 'react';
import { cx } from '../class-names.ts';
import styles from './badge.module.css';

export type BadgeTone = 'calm' | 'found' | 'attention' | 'refused' | 'moving';

/** A word or a number in the colour of its meaning; the word says it without the colour. */
export function Badge({ children, tone }: { readonly children: ReactNode; readonly tone: BadgeTone }) {
	return <span className={cx(styles['badge'], styles[tone])}>{children}</span>;
}
