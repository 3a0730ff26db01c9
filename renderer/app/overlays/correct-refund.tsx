import { confirmCorrectRefund, isRefundable, typeCorrectRefund, useCorrectRefundStore } from '../../stores/correct/correct-refund.ts';
import { useText } from '../../text/use-text.ts';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { TextField } from '../../ui/field/text-field.tsx';
import { EntryForm } from './entry-form.tsx';
import styles from './correction.module.css';

/** A refused refund with the amount that it should have had. Enter records it. */
export function CorrectRefund({ onClose }: { readonly onClose: () => void }) {
	const { t, amount, money } = useText();
	const { draft, amountMinor, isSending, problem } = useCorrectRefundStore();
	if (draft === null) return null;
	const { currency, leftMinor, receiptNumber } = draft;
	const left = money(leftMinor, currency);
	return (
		<Dialog title={t('correct.refund_title', { receipt: receiptNumber })} closeLabel={t('keymap.close')} onClose={onClose}>
			<EntryForm does={t('correct.do')} isSending={isSending} problem={problem} onSubmit={() => void confirmCorrectRefund()}>
				<p className={styles['hint']}>{t('correct.refund_hint', { asked: money(draft.amountMinor, currency), left })}</p>
				<TextField
					takesFocus
					className={styles['whole']}
					label={t('correct.refund_amount', { currency })}
					value={amount(amountMinor, currency)}
					dir="ltr"
					inputMode="numeric"
					problem={isRefundable({ amountMinor, draft }) ? null : t('correct.refund_problem', { left })}
					onChange={typeCorrectRefund}
				/>
			</EntryForm>
		</Dialog>
	);
}
