import type { KeyboardEventHandler, ReactNode } from 'react';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ErrorNote } from '../../components/note/note.tsx';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import styles from './correction.module.css';

type EntryFormProps = {
	/** The words of its one button; Enter is the same. */
	readonly does: string;
	readonly isSending: boolean;
	/** Why the last attempt failed. */
	readonly problem: LoyaltyError | null;
	/** `form` is there to put the focus somewhere afterwards. */
	readonly onSubmit: (form: HTMLFormElement) => void;
	/** Sees keys before the fields do. */
	readonly onKeyDownCapture?: KeyboardEventHandler<HTMLFormElement>;
	readonly children: ReactNode;
};

/** A form over a refused entry: its fields, what went wrong, and the one button. */
export function EntryForm({ does, isSending, problem, onSubmit, onKeyDownCapture, children }: EntryFormProps) {
	const { t } = useText();
	return (
		<form
			className={styles['form']}
			data-main-form=""
			onKeyDownCapture={onKeyDownCapture}
			onSubmit={(event) => {
				event.preventDefault();
				onSubmit(event.currentTarget);
			}}
		>
			{children}
			{problem === null ? null : (
				<div className={styles['whole']}>
					<ErrorNote error={problem} />
				</div>
			)}
			<div className={styles['whole']}>
				<Button variant="main" size="xl" isFull type="submit" isBusy={isSending} keyCap={t('key.enter')}>
					{does}
				</Button>
			</div>
		</form>
	);
}
