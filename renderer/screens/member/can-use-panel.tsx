import type { MemberCard } from '#shared/bridge/member-card.ts';
import type { Subject } from '../../stores/place/place-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import type { Text } from '../../text/text.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import { Panel } from '../../ui/panel/panel.tsx';
import { Spoken } from '../../ui/text/spoken.tsx';
import styles from './can-use-panel.module.css';

/** More stamps than this are told as a number. */
const STAMPS_DRAWN_MAX = 12;

/** Rewards, promotions and stamp cards that the member can use now, and what is good to know beside the till. */
export function CanUsePanel({ subject, nowMs }: { readonly subject: Subject; readonly nowMs: number }) {
	const text = useText();
	const { t } = text;
	const isOnline = useSessionStore((state) => state.status?.line === 'online');
	if (subject.kind === 'unknown') {
		return (
			<Panel title={t('use.title')}>
				<p className={styles['empty']}>{t('use.unknown')}</p>
			</Panel>
		);
	}
	const { rewards, stampCards } = subject.card;
	return (
		<Panel title={t('use.title')} isScrolling>
			{rewards.length + stampCards.length === 0 ? <p className={styles['empty']}>{t('use.nothing')}</p> : null}
			<ul className={styles['list']}>
				{rewards.map((reward) => (
					<li key={reward.id} className={cx(styles['item'], reward.needsLine && !isOnline && styles['off'])}>
						<span className={styles['name']}>
							<bdi>{reward.name}</bdi>
						</span>
						<span className={styles['detail']}>{rewardWords(reward, isOnline, text)}</span>
					</li>
				))}
				{stampCards.map((stampCard) => (
					<li key={stampCard.id} className={styles['item']}>
						<span className={styles['name']}>
							<bdi>{stampCard.name}</bdi>
						</span>
						<Stamps count={stampCard.count} total={stampCard.total} />
					</li>
				))}
			</ul>
			<ul className={styles['facts']}>
				{factsOf(subject.card, nowMs, text).map((fact) => (
					<li key={fact}>{fact}</li>
				))}
			</ul>
		</Panel>
	);
}

function Stamps({ count, total }: { readonly count: number; readonly total: number }) {
	const { t } = useText();
	const words = t('use.stamps', { count, total });
	if (total > STAMPS_DRAWN_MAX) return <span className={styles['detail']}>{words}</span>;
	return (
		<span className={styles['stamps']}>
			<Spoken>{words}</Spoken>
			{Array.from({ length: total }, (_, index) => `stamp ${index}`).map((key, index) => (
				<span key={key} aria-hidden="true" className={cx(styles['stamp'], index < count && styles['stamped'])} />
			))}
		</span>
	);
}

function rewardWords(reward: MemberCard['rewards'][number], isOnline: boolean, { t, number }: Text): string {
	if (reward.needsLine && !isOnline) return t('use.needs_line');
	const cost = reward.cost === null ? null : t('use.cost', { points: number(reward.cost) });
	return [cost, reward.note].filter((part) => part !== null && part !== '').join(' · ');
}

/** Last visit, since when, consents: what was never asked is not told as a no. */
function factsOf(card: MemberCard, nowMs: number, { t, day }: Text): readonly string[] {
	const consents = (['email', 'sms'] as const)
		.filter((purpose) => card.consents[purpose] !== undefined)
		.map((purpose) => t(`consent.${purpose}`, { granted: card.consents[purpose] === true ? 'yes' : 'no' }));
	return [
		card.lastVisitAtMs === null ? t('use.first_visit') : t('use.last_visit', { day: day(card.lastVisitAtMs, nowMs) }),
		card.memberSinceMs === null ? '' : t('use.since', { day: day(card.memberSinceMs, nowMs) }),
		consents.join(', '),
	].filter((fact) => fact !== '');
}
