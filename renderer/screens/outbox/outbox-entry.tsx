import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import { resend, takeBack, toggleDetails } from '../../stores/outbox/outbox-actions.ts';
import { useOutboxStore } from '../../stores/outbox/outbox-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import type { Text } from '../../text/text.ts';
import { useText } from '../../text/use-text.ts';
import { Badge } from '../../ui/badge/badge.tsx';
import type { BadgeTone } from '../../ui/badge/badge.tsx';
import { Button } from '../../ui/button/button.tsx';
import styles from './outbox-entry.module.css';

const TONES: Readonly<Record<OutboxLine['displayStatus'], BadgeTone>> = {
	will_be_sent: 'moving',
	on_its_way: 'moving',
	waits_for_headquarters: 'attention',
	needs_person: 'refused',
	accepted: 'found',
	taken_back: 'calm',
};

/** One entry: what it is, where it stands, why it was refused, and what can be done. */
export function OutboxEntry({ line }: { readonly line: OutboxLine }) {
	const text = useText();
	const { t } = text;
	const nowMs = useSessionStore((state) => state.nowMs);
	const isOpened = useOutboxStore((state) => state.openedId === line.eventId);
	const isBusy = useOutboxStore((state) => state.busyId === line.eventId);
	const needsPerson = line.displayStatus === 'needs_person';
	return (
		<li className={styles['entry']}>
			<div className={styles['head']}>
				<div className={styles['words']}>
					<p className={styles['title']}>
						{t('entry.what', { action: line.action, receipt: line.receiptNumber ?? '' })} · <bdi dir="auto">{line.who}</bdi>
					</p>
					<p className={styles['detail']}>{detailWords(line, nowMs, text)}</p>
				</div>
				<Badge tone={TONES[line.displayStatus]}>{t(`entry.${line.displayStatus}`)}</Badge>
			</div>
			{line.refusal === null ? null : <p className={styles['refusal']}>{t(`refusal.${line.refusal.kind}`)}</p>}
			{needsPerson || isOpened || line.canVoid ? (
				<div className={styles['actions']}>
					{line.canResend ? (
						<Button variant="dark" isBusy={isBusy} onPress={() => void resend(line)}>
							{t('entry.resend')}
						</Button>
					) : null}
					{line.canVoid ? (
						<Button isBusy={isBusy} onPress={() => void takeBack(line)}>
							{t('entry.take_back')}
						</Button>
					) : null}
					<Button onPress={() => toggleDetails(line.eventId)}>{t(isOpened ? 'entry.hide' : 'entry.details')}</Button>
				</div>
			) : null}
			{isOpened ? <Details line={line} /> : null}
		</li>
	);
}

function Details({ line }: { readonly line: OutboxLine }) {
	const { t, number } = useText();
	const rows = [
		[t('entry.event_id'), line.eventId],
		[t('entry.attempts'), number(line.attempts)],
		...(line.refusal === null ? [] : [[t('entry.code'), `${line.refusal.kind} ${line.refusal.code}`]]),
	];
	return (
		<dl className={styles['details']}>
			{rows.map(([label, value]) => (
				<div key={label} className={styles['row']}>
					<dt>{label}</dt>
					<dd dir="ltr">{value}</dd>
				</div>
			))}
		</dl>
	);
}

/** `08:52 · 18.40 EUR · 18 points · Éva K.`; what an entry has not is left out. */
function detailWords(line: OutboxLine, nowMs: number, { t, moment, money, number, name }: Text): string {
	const parts = [moment(line.atMs, nowMs)];
	if (line.amountMinor !== null && line.currency !== null) parts.push(money(line.amountMinor, line.currency));
	if (line.points !== 0) parts.push(t('entry.points', { points: line.points, shown: number(line.points) }));
	if (line.cashier !== '') parts.push(name(line.cashier));
	return parts.filter((part) => part !== '').join(' · ');
}
