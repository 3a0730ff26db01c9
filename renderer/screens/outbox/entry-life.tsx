import type { EntryStep, OutboxLine } from '#shared/bridge/outbox-calls.ts';
import { useOutboxStore } from '../../stores/outbox/outbox-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import type { Text } from '../../text/text.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import styles from './entry-life.module.css';

/** The life of an entry as a line of time, and below it what support asks for. */
export function EntryLife({ line }: { readonly line: OutboxLine }) {
	const text = useText();
	const { t, number } = text;
	const life = useOutboxStore((state) => state.life);
	const nowMs = useSessionStore((state) => state.nowMs);
	if (life === null || life.line.eventId !== line.eventId) return null;
	const isWaiting = life.line.displayStatus === 'will_be_sent' && life.steps.every((step) => step.kind !== 'next_try');
	const facts = [
		[t('entry.event_id'), life.line.eventId],
		[t('life.seq'), number(life.seq)],
		[t('entry.attempts'), number(life.line.attempts)],
		...(life.transactionId === null ? [] : [[t('life.transaction'), life.transactionId]]),
		...(life.line.refusal === null ? [] : [[t('entry.code'), `${life.line.refusal.kind} ${life.line.refusal.code}`]]),
		...(life.line.correctedBy === null ? [] : [[t('life.newer'), life.line.correctedBy]]),
		...(life.line.corrects === null ? [] : [[t('life.older'), life.line.corrects]]),
	];
	return (
		<div className={styles['life']}>
			<ol aria-label={t('life.title')} className={styles['steps']}>
				{life.steps.map((step) => (
					<Step key={`${step.kind} ${step.atMs}`} step={step} nowMs={nowMs} />
				))}
				{isWaiting ? <li className={styles['step']}>{t('life.waiting')}</li> : null}
			</ol>
			<dl aria-label={t('life.facts')} className={styles['facts']}>
				{facts.map(([label, value]) => (
					<div key={label} className={styles['fact']}>
						<dt>{label}</dt>
						<dd dir="ltr">{value}</dd>
					</div>
				))}
			</dl>
		</div>
	);
}

function Step({ step, nowMs }: { readonly step: EntryStep; readonly nowMs: number }) {
	const text = useText();
	return (
		<li className={cx(styles['step'], styles[step.kind])}>
			<span className={styles['at']}>{step.atMs === null ? '' : text.moment(step.atMs, nowMs)}</span>
			<span>
				{stepWords(step, text)}
				{step.kind === 'accepted' && step.isOtherMember ? <span className={styles['more']}> {text.t('life.other_member')}</span> : null}
			</span>
		</li>
	);
}

/** One step in words. What headquarters said is its own text. */
function stepWords(step: EntryStep, text: Text): string {
	const { t, number } = text;
	switch (step.kind) {
		case 'recorded':
		case 'corrected':
			return byWhom(step, text);
		case 'closed':
			return t('life.closed', { cashier: text.name(step.cashier), because: step.because });
		case 'sent':
			return step.isAnswerOpen ? t('life.sent_open') : t('life.sent', { attempts: step.attempts });
		case 'accepted':
			return step.points === null ? t('life.accepted_plain') : t('life.accepted', { points: step.points, shown: number(step.points) });
		case 'refused':
		case 'set_aside':
			return t(`life.${step.kind}`, { said: text.name(step.said === '' ? String(step.code) : step.said) });
		default:
			return t(`life.${step.kind}`);
	}
}

function byWhom({ kind, cashier }: Extract<EntryStep, { kind: 'recorded' | 'corrected' }>, { t, name }: Text): string {
	if (kind === 'recorded' && cashier === '') return t('life.recorded_nobody');
	return t(`life.${kind}`, { cashier: name(cashier) });
}
