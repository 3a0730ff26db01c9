import type { ReactNode } from 'react';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import { RefusedIcon, WarningIcon } from '../../ui/icons/icons.tsx';
import styles from './note.module.css';

type Props = {
	readonly tone: 'attention' | 'refused' | 'calm';
	readonly title: ReactNode;
	readonly children?: ReactNode;
	/** For support, in small letters. */
	readonly code?: string | null;
	readonly actions?: ReactNode;
};

/** What happened, what it means, what to do, and one code for support. */
export function Note({ tone, title, children, code = null, actions }: Props) {
	const { t } = useText();
	return (
		<div className={cx(styles['note'], styles[tone])}>
			{tone === 'calm' ? null : <span className={styles['icon']}>{tone === 'refused' ? <RefusedIcon /> : <WarningIcon />}</span>}
			<div className={styles['words']}>
				<p className={styles['title']}>{title}</p>
				{children === undefined ? null : <p className={styles['body']}>{children}</p>}
				{code === null ? null : <p className={styles['code']}>{t('support.code', { code })}</p>}
				{actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
			</div>
		</div>
	);
}

/** The sentence of a failure. */
export function ErrorNote({
	error,
	tone = 'refused',
	actions,
}: {
	readonly error: LoyaltyError;
	readonly tone?: Props['tone'];
	readonly actions?: ReactNode;
}) {
	const { error: sentenceOf } = useText();
	const sentence = sentenceOf(error.code);
	return (
		<Note tone={tone} title={sentence.title} code={error.code} actions={actions}>
			{sentence.body}
		</Note>
	);
}
