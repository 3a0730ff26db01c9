import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import { openClose } from '../../stores/correct/close-entry.ts';
import { openCorrection } from '../../stores/correct/correct-actions.ts';
import { resend, takeBack, toggleDetails } from '../../stores/outbox/outbox-actions.ts';
import { useOutboxStore } from '../../stores/outbox/outbox-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import type { Text } from '../../text/text.ts';
import { useText } from '../../text/use-text.ts';
import { Badge } from '../../ui/badge/badge.tsx';
import type { BadgeTone } from '../../ui/badge/badge.tsx';
import { Button } from '../../ui/button/button.tsx';
import { EntryLife } from './entry-life.tsx';
import styles from './outbox-entry.module.css';

const TONES: Readonly<Record<OutboxLine['displayStatus'], BadgeTone>> = {
	will_be_sent: 'moving',
	on_its_way: 'moving',
	waits_for_headquarters: 'attention',
	needs_person: 'refused',
	corrected: 'calm',
	closed: 'calm',
	accepted: 'found',
	taken_back: 'calm',
};

/** One entry: what it is, where it stands, why it was refused, and what can be done. */
export function OutboxEntry({ line }: { readonly line: OutboxLine }) {
	const text = useText();
	const { t } = text;
	const nowMs = useSessionStore((state) => state.nowMs);
	const isOpened = useOutboxStore((state) => state.openedId === line.eventId);
	return (
		<li className={styles['entry']}>
			<div className={styles['head']}>
				<div className={styles['words']}>
					<p className={styles['title']}>
						{t('entry.what', { action: line.action, receipt: line.receiptNumber ?? '' })}
						{line.who === '' ? null : (
							<>
								{' · '}
								<bdi dir="auto">{line.who}</bdi>
							</>
						)}
					</p>
					<p className={styles['detail']}>{detailWords(line, nowMs, text)}</p>
				</div>
				<div className={styles['state']}>
					<Badge tone={TONES[line.displayStatus]}>{t(`entry.${line.displayStatus}`)}</Badge>
					<Button variant="quiet" onPress={() => void toggleDetails(line.eventId)}>
						{t(isOpened ? 'entry.hide' : 'entry.details')}
					</Button>
				</div>
			</div>
			<Refusal line={line} />
			<Actions line={line} />
			{isOpened ? <EntryLife line={line} /> : null}
		</li>
	);
}

/** Why it was refused and what to do about it; of one that needs nobody any more only how that came. */
function Refusal({ line }: { readonly line: OutboxLine }) {
	const { t, name } = useText();
	const isManager = useIsManager();
	const { refusal, displayStatus, closing, action } = line;
	if (refusal === null) return null;
	if (displayStatus === 'corrected') return <p className={styles['refusal']}>{t('entry.corrected_by')}</p>;
	return (
		<div className={styles['refusal']}>
			<p>{t(`refusal.${refusal.kind}`, { action })}</p>
			{closing === null ? (
				<p className={styles['todo']}>
					{t(`todo.${refusal.kind}`, { action })} {whoCan(line, isManager, t)}
				</p>
			) : (
				<p className={styles['todo']}>{t('life.closed', { cashier: name(closing.by), because: closing.because })}.</p>
			)}
		</div>
	);
}

/** What a manager could do of which the buttons say nothing. */
function whoCan({ canCorrect, canClose }: OutboxLine, isManager: boolean, t: Text['t']): string | null {
	if (isManager) return canClose && !canCorrect ? t('todo.no_edit') : null;
	if (canCorrect) return t('todo.ask_manager');
	return canClose ? t('todo.ask_manager_close') : null;
}

function Actions({ line }: { readonly line: OutboxLine }) {
	const { t } = useText();
	const isManager = useIsManager();
	const isBusy = useOutboxStore((state) => state.busyId === line.eventId);
	const [canCorrect, canClose] = [line.canCorrect && isManager, line.canClose && isManager];
	if (!line.canResend && !line.canVoid && !canCorrect && !canClose) return null;
	return (
		<div className={styles['actions']}>
			{canCorrect ? (
				<Button variant="dark" onPress={() => void openCorrection(line)}>
					{t('entry.correct')}
				</Button>
			) : null}
			{line.canResend ? (
				<Button variant={canCorrect ? 'plain' : 'dark'} isBusy={isBusy} onPress={() => void resend(line)}>
					{t('entry.resend')}
				</Button>
			) : null}
			{canClose ? <Button onPress={() => openClose(line)}>{t('entry.close')}</Button> : null}
			{line.canVoid ? (
				<Button isBusy={isBusy} onPress={() => void takeBack(line)}>
					{t('entry.take_back')}
				</Button>
			) : null}
		</div>
	);
}

function useIsManager(): boolean {
	return useSessionStore((state) => state.session?.cashier?.role === 'manager');
}

/** `08:52 · 18.40 EUR · 18 points · Éva K.`; what an entry has not is left out. */
function detailWords(line: OutboxLine, nowMs: number, { t, moment, money, number, name }: Text): string {
	const parts = [moment(line.atMs, nowMs)];
	if (line.amountMinor !== null && line.currency !== null) parts.push(money(line.amountMinor, line.currency));
	if (line.points !== 0) parts.push(t('entry.points', { points: line.points, shown: number(line.points) }));
	if (line.cashier !== '') parts.push(name(line.cashier));
	if (line.corrects !== null) parts.push(t('entry.corrects'));
	return parts.filter((part) => part !== '').join(' · ');
}
