import { confirmRefund, pressRefundPad, typeRefundAmount, typeRefundReceipt } from '../../stores/refund/refund-actions.ts';
import { restOf, useRefundStore } from '../../stores/refund/refund-store.ts';
import type { RefundState } from '../../stores/refund/refund-store.ts';
import type { Text } from '../../text/text.ts';
import { useText } from '../../text/use-text.ts';
import { BigField } from '../../ui/big-field/big-field.tsx';
import { Button } from '../../ui/button/button.tsx';
import { EnterIcon } from '../../ui/icons/icons.tsx';
import { NumberPad } from '../../ui/number-pad/number-pad.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { RefundSide } from './refund-side.tsx';
import styles from './refund-screen.module.css';

/** A refund by its receipt number: the sale, then the whole of it or a part. */
export function RefundScreen() {
	const { t } = useText();
	const refund = useRefundStore((state) => state.refund);
	return (
		<div className={styles['refund']}>
			<Panel title={t('refund.title')} isHeading>
				<form
					className={styles['form']}
					data-main-form=""
					onSubmit={(event) => {
						event.preventDefault();
						void confirmRefund();
					}}
				>
					<RefundField refund={refund} />
					<NumberPad
						label={t('pad.name')}
						backLabel={t('pad.back')}
						isDisabled={refund.phase === 'choose' || refund.phase === 'done'}
						onKey={pressRefundPad}
					/>
					<Button
						variant="main"
						size="xl"
						isFull
						type="submit"
						isBusy={(refund.phase === 'amount' && refund.isSending) || (refund.phase === 'receipt' && refund.isLooking)}
						keyCap={
							<>
								{t('key.enter')} <EnterIcon size="1.1em" />
							</>
						}
					>
						{mainLabel(refund, t)}
					</Button>
				</form>
			</Panel>
			<RefundSide refund={refund} />
		</div>
	);
}

function RefundField({ refund }: { readonly refund: RefundState }) {
	const { t, amount } = useText();
	const note = useNote(refund);
	switch (refund.phase) {
		case 'receipt':
		case 'choose':
			return (
				<BigField
					key="receipt"
					kind="text"
					label={t('earn.receipt_label')}
					value={refund.receipt}
					isReadOnly={refund.phase === 'choose'}
					tone={refund.phase === 'receipt' && refund.problem !== null ? 'invalid' : 'plain'}
					note={note}
					onChange={typeRefundReceipt}
				/>
			);
		case 'amount': {
			const { sale, partMinor } = refund;
			return (
				<BigField
					key={partMinor === null ? 'whole' : 'part'}
					kind="till"
					isSelected={partMinor === null}
					label={t('refund.amount')}
					value={amount(partMinor ?? restOf(sale), sale.currency)}
					suffix={sale.currency}
					tone={refund.problem === null ? 'plain' : 'invalid'}
					note={note}
					onChange={typeRefundAmount}
				/>
			);
		}
		case 'done':
			return (
				<BigField
					key="done"
					kind="text"
					isReadOnly
					label={t('refund.amount')}
					value={amount(refund.amountMinor, refund.sale.currency)}
					suffix={refund.sale.currency}
					note={note}
					onChange={() => undefined}
				/>
			);
	}
}

function useNote(refund: RefundState): string {
	const { t, error } = useText();
	if ((refund.phase === 'receipt' || refund.phase === 'amount') && refund.problem !== null) {
		return refund.problem.verdict === 'unknown' || refund.problem.verdict === 'retry_later'
			? t('earn.unanswered')
			: error(refund.problem.code).title;
	}
	switch (refund.phase) {
		case 'receipt':
			return t('refund.receipt_hint');
		case 'choose':
			return t('refund.choose_hint');
		case 'amount':
			return refund.partMinor === null ? t('refund.whole_hint') : t('refund.part_hint');
		case 'done':
			return t(refund.isVoid ? 'refund.done_void' : 'refund.done');
	}
}

function mainLabel(refund: RefundState, t: Text['t']): string {
	switch (refund.phase) {
		case 'receipt':
			return t('refund.look');
		case 'choose':
			return t('refund.choose');
		case 'amount':
			if (refund.partMinor !== null) return t('refund.do_part');
			return refund.sale.canVoid && refund.sale.refundedMinor === 0 ? t('refund.do_void') : t('refund.do_whole');
		case 'done':
			return t('refund.another');
	}
}
