import type { KeyboardEvent } from 'react';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { CLOSING_REASONS, ClosingReasonSchema } from '#shared/domain/closing.ts';
import { chooseReason, confirmClose, useCloseStore } from '../../stores/correct/close-entry.ts';
import { useText } from '../../text/use-text.ts';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { EntryForm } from './entry-form.tsx';
import styles from './correction.module.css';

/** Enter is the button's, as it is printed on it: a choice would otherwise take it for itself. */
function submitOnEnter(event: KeyboardEvent<HTMLFormElement>): void {
	if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
	event.preventDefault();
	event.stopPropagation();
	event.currentTarget.requestSubmit();
}

/** The arrows choose at once. */
function focusFirst(group: HTMLElement | null): void {
	group?.querySelector('input')?.focus();
}

/** Why a refused entry is let be. What it means is said before it is done, for it is not undone. */
export function CloseEntry({ onClose }: { readonly onClose: () => void }) {
	const { t, name } = useText();
	const { line, because, isReasonAsked, isSending, problem } = useCloseStore();
	if (line === null) return null;
	const what = t('entry.what', { action: line.action, receipt: line.receiptNumber ?? '' });
	return (
		<Dialog title={t('close.title')} closeLabel={t('close.back')} onClose={onClose}>
			<EntryForm
				does={t('close.do')}
				isSending={isSending}
				problem={problem}
				onSubmit={() => void confirmClose()}
				onKeyDownCapture={submitOnEnter}
			>
				<div className={styles['whole']}>
					<p className={styles['what']}>{[what, line.who === '' ? '' : name(line.who)].filter((part) => part !== '').join(' · ')}</p>
					<p className={styles['hint']}>{t('close.hint', { action: line.action })}</p>
				</div>
				<RadioGroup
					ref={focusFirst}
					aria-label={t('close.why')}
					value={because}
					isInvalid={isReasonAsked}
					className={styles['reasons'] ?? ''}
					onChange={(value) => chooseReason(ClosingReasonSchema.parse(value))}
				>
					{CLOSING_REASONS.map((reason) => (
						<RadioField key={reason} value={reason} className={styles['reason-field'] ?? ''}>
							<RadioButton className={styles['reason'] ?? ''}>
								<span className={styles['dot']} aria-hidden="true" />
								<span>{t(`reason.${reason}`)}</span>
							</RadioButton>
						</RadioField>
					))}
				</RadioGroup>
				<p role="alert" className={styles['asked']}>
					{isReasonAsked ? t('close.choose') : null}
				</p>
			</EntryForm>
		</Dialog>
	);
}
