import type { Programme } from '#shared/domain/programme.ts';
import { confirmEarn, goToStep, pressEarnPad, typeAmount, typeReceipt } from '../../stores/earn/earn-actions.ts';
import type { EarnState } from '../../stores/earn/earn-store.ts';
import { previewPoints } from '../../stores/earn/points-preview.ts';
import type { Subject } from '../../stores/place/place-store.ts';
import { useText } from '../../text/use-text.ts';
import { BigField } from '../../ui/big-field/big-field.tsx';
import { Button } from '../../ui/button/button.tsx';
import { EnterIcon } from '../../ui/icons/icons.tsx';
import { NumberPad } from '../../ui/number-pad/number-pad.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './earn-form.module.css';

type Typing = Extract<EarnState, { phase: 'typing' | 'sending' }>;
type Props = { readonly earn: Typing; readonly subject: Subject; readonly programme: Programme };

/** Amount, Enter, receipt number, Enter. One large field at a time in one place; the pad types into it. */
export function EarnForm({ earn, subject, programme }: Props) {
	const { t, number } = useText();
	const { draft } = earn;
	const isSending = earn.phase === 'sending';
	const isLeaveAsked = earn.phase === 'typing' && earn.isLeaveAsked;
	const points = previewPoints(subject, programme, draft.amountMinor);
	const isAmount = draft.step === 'amount';
	return (
		<Panel title={t('earn.title')} className={styles['panel']} aside={<OtherStep earn={earn} programme={programme} />}>
			<form
				className={styles['form']}
				data-main-form=""
				onSubmit={(event) => {
					event.preventDefault();
					void confirmEarn();
				}}
			>
				{isAmount ? <AmountField earn={earn} programme={programme} points={points} /> : <ReceiptField earn={earn} />}
				<NumberPad label={t('pad.name')} backLabel={t('pad.back')} onKey={pressEarnPad} isDisabled={isSending} />
				<Button variant="main" size="xl" isFull type="submit" isBusy={isSending} keyCap={<EnterCap />}>
					{mainLabel({ isLeaveAsked, isAmount, isSending, points, shown: number(points) }, t)}
				</Button>
			</form>
		</Panel>
	);
}

function mainLabel(
	state: { isLeaveAsked: boolean; isAmount: boolean; isSending: boolean; points: number; shown: string },
	t: ReturnType<typeof useText>['t'],
): string {
	if (state.isLeaveAsked) return t('earn.go_on');
	if (state.isSending) return t('earn.giving');
	return state.isAmount ? t('earn.next') : t('earn.give', { points: state.points, shown: state.shown });
}

/** The one of the two that is not asked for now; a touch goes to it. */
function OtherStep({ earn: { draft }, programme }: { readonly earn: Typing; readonly programme: Programme }) {
	const { t, money } = useText();
	if (draft.step === 'receipt') {
		return (
			<button type="button" className={styles['other']} onClick={() => goToStep('amount')} aria-label={t('earn.change_amount')}>
				{money(draft.amountMinor, programme.currency)}
			</button>
		);
	}
	return draft.receipt === '' ? (
		<span className={styles['step']}>{t('earn.step_amount')}</span>
	) : (
		<button type="button" className={styles['other']} onClick={() => goToStep('receipt')}>
			{t('earn.receipt', { receipt: draft.receipt })}
		</button>
	);
}

function AmountField({ earn, programme, points }: { readonly earn: Typing; readonly programme: Programme; readonly points: number }) {
	const { t, amount, money, number } = useText();
	const { amountMinor } = earn.draft;
	return (
		<BigField
			key="amount"
			kind="till"
			label={t('earn.amount')}
			value={amount(amountMinor, programme.currency)}
			suffix={programme.currency}
			isFaint={amountMinor === 0}
			tone={toneOf(earn)}
			note={
				useProblem(earn, money(amountMinor, programme.currency)) ??
				(amountMinor === 0 ? t('earn.amount_hint') : t('earn.preview', { points, shown: number(points) }))
			}
			onChange={typeAmount}
		/>
	);
}

function ReceiptField({ earn }: { readonly earn: Typing }) {
	const { t } = useText();
	const { draft } = earn;
	const isSuggested = draft.suggestion !== null && draft.receipt === draft.suggestion;
	return (
		<BigField
			key="receipt"
			kind="text"
			label={t('earn.receipt_label')}
			value={draft.receipt}
			isSelected={isSuggested}
			isFaint={isSuggested}
			tone={hasProblem(earn) ? 'invalid' : 'plain'}
			isReadOnly={earn.phase === 'sending'}
			note={useProblem(earn, '') ?? (isSuggested ? t('earn.suggested') : t('earn.receipt_hint'))}
			onChange={typeReceipt}
		/>
	);
}

function hasProblem(earn: Typing): boolean {
	return earn.phase === 'typing' && earn.problem !== null;
}

/** The points that the amount earns are the good news; a question or a problem is not. */
function toneOf(earn: Typing): 'plain' | 'good' | 'invalid' {
	if (hasProblem(earn)) return 'invalid';
	const isAsking = earn.phase === 'typing' && earn.isLeaveAsked;
	return earn.draft.amountMinor > 0 && !isAsking ? 'good' : 'plain';
}

/** What stands under the field instead of its hint. */
function useProblem(earn: Typing, shownAmount: string): string | null {
	const { t, error } = useText();
	if (earn.phase !== 'typing') return null;
	if (earn.isLeaveAsked) return t('earn.leave_asked', { amount: shownAmount });
	if (earn.problem === null) return null;
	// One line, so that the pad below keeps its place; an attempt without an answer says what Enter does.
	return earn.problem.verdict === 'unknown' || earn.problem.verdict === 'retry_later'
		? t('earn.unanswered')
		: error(earn.problem.code).title;
}

/** Enter as it is printed on the main button. */
export function EnterCap() {
	const { t } = useText();
	return (
		<>
			{t('key.enter')} <EnterIcon size="1.1em" />
		</>
	);
}
