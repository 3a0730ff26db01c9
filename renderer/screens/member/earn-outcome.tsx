import type { Programme } from '#shared/domain/programme.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ErrorNote, Note } from '../../components/note/note.tsx';
import { MemberName } from '../../components/member-name.tsx';
import { confirmRepeat, goToStep, undoEarn } from '../../stores/earn/earn-actions.ts';
import { resetEarn } from '../../stores/earn/earn-store.ts';
import type { EarnDraft, EarnState } from '../../stores/earn/earn-store.ts';
import { resetFind } from '../../stores/find/find-store.ts';
import { goHome } from '../../stores/place/place-store.ts';
import type { Subject } from '../../stores/place/place-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { CheckIcon } from '../../ui/icons/icons.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { EnterCap } from './earn-form.tsx';
import styles from './earn-outcome.module.css';

type GivenProps = { readonly earn: Extract<EarnState, { phase: 'given' }>; readonly subject: Subject; readonly programme: Programme };

/** The points are given: how many, for what, and the way to take them back. */
export function EarnGiven({ earn, subject, programme }: GivenProps) {
	const { t, signed, money } = useText();
	return (
		<Panel title={t('given.title')} aside={<CheckMark />}>
			<div className={styles['result']}>
				<p className={styles['points']}>{signed(earn.points)}</p>
				<p className={styles['to']} data-ellipsis="">
					{subject.kind === 'member' ? <MemberName name={subject.card.name} /> : t('given.to_card')}
				</p>
			</div>
			<dl className={styles['rows']}>
				<Row label={t('given.sale')} value={money(earn.draft.amountMinor, programme.currency)} />
				<Row label={t('given.receipt')} value={earn.draft.receipt} />
				{subject.kind === 'member' ? (
					<Row label={t('given.pending')} value={signed(subject.card.pendingPoints)} isPending={subject.card.pendingPoints !== 0} />
				) : null}
			</dl>
			{earn.problem === null ? null : <ErrorNote tone="attention" error={earn.problem} />}
			<div className={styles['actions']}>
				<Button size="l" keyCap="Ctrl Z" isBusy={earn.isUndoing} onPress={() => void undoEarn()}>
					{t('given.undo')}
				</Button>
				<Button variant="main" size="xl" isFull takesFocus keyCap={<EnterCap />} onPress={toNextMember}>
					{t('given.next')}
				</Button>
			</div>
		</Panel>
	);
}

function toNextMember(): void {
	goHome();
	resetEarn();
	resetFind();
}

function CheckMark() {
	return (
		<span className={styles['check']}>
			<CheckIcon size="1.25rem" />
		</span>
	);
}

function Row({ label, value, isPending = false }: { readonly label: string; readonly value: string; readonly isPending?: boolean }) {
	return (
		<div className={styles['row']}>
			<dt>{label}</dt>
			<dd className={isPending ? styles['pending'] : undefined} dir="auto">
				{value}
			</dd>
		</div>
	);
}

/** This receipt earned today: the safe answer is the highlighted one. */
export function EarnRepeat({ draft, programme }: { readonly draft: EarnDraft; readonly programme: Programme }) {
	const { t, error, money } = useText();
	const sentence = error('SALE-103');
	return (
		<Panel title={t('earn.title')}>
			<Note tone="attention" title={t('repeat.title', { receipt: draft.receipt })} code="SALE-103">
				{sentence.body}
			</Note>
			<dl className={styles['rows']}>
				<Row label={t('given.receipt')} value={draft.receipt} />
				<Row label={t('given.sale')} value={money(draft.amountMinor, programme.currency)} />
			</dl>
			<div className={styles['actions']}>
				<Button size="l" isFull onPress={() => void confirmRepeat()}>
					{t('repeat.another')}
				</Button>
				<Button variant="main" size="xl" isFull takesFocus keyCap={<EnterCap />} onPress={() => goToStep('receipt')}>
					{t('repeat.change')}
				</Button>
			</div>
		</Panel>
	);
}

/** No points for this sale, and why. */
export function EarnRefused({ error }: { readonly error: LoyaltyError }) {
	const { t } = useText();
	return (
		<Panel title={t('earn.title')}>
			<ErrorNote error={error} />
			<div className={styles['actions']}>
				<Button variant="main" size="xl" isFull takesFocus keyCap={<EnterCap />} onPress={() => goToStep('amount')}>
					{t('refused.back')}
				</Button>
			</div>
		</Panel>
	);
}
