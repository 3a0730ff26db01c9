import { confirmCorrect, typeCorrectAmount, typeCorrectCard, typeCorrectReceipt } from '../../stores/correct/correct-actions.ts';
import { useCorrectStore } from '../../stores/correct/correct-store.ts';
import { useText } from '../../text/use-text.ts';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { TextField } from '../../ui/field/text-field.tsx';
import { EntryForm } from './entry-form.tsx';
import styles from './correction.module.css';

/** A refused sale as it should have been: card, receipt number, amount. Enter records it. */
export function CorrectSale({ onClose }: { readonly onClose: () => void }) {
	const { t, amount } = useText();
	const { barcode, receipt, amountMinor, currency, isRepeatAsked, isSending, problem } = useCorrectStore();
	return (
		<Dialog title={t('correct.title')} closeLabel={t('keymap.close')} onClose={onClose}>
			<EntryForm
				does={t(isRepeatAsked ? 'correct.repeat' : 'correct.do')}
				isSending={isSending}
				problem={problem}
				onSubmit={() => void confirmCorrect()}
			>
				<p className={styles['hint']}>{t('correct.hint')}</p>
				<TextField
					className={styles['whole']}
					label={t('correct.card')}
					hint={t('correct.card_hint')}
					value={barcode}
					dir="ltr"
					onChange={typeCorrectCard}
				/>
				<TextField takesFocus label={t('correct.receipt')} value={receipt} dir="ltr" onChange={typeCorrectReceipt} />
				<TextField
					label={t('correct.amount', { currency: currency ?? '' })}
					value={currency === null ? '' : amount(amountMinor, currency)}
					dir="ltr"
					inputMode="numeric"
					problem={amountMinor === 0 ? t('correct.amount_problem') : null}
					onChange={typeCorrectAmount}
				/>
			</EntryForm>
		</Dialog>
	);
}
