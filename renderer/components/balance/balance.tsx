import type { MemberCard } from '#shared/bridge/member-card.ts';
import type { Programme, Tier } from '#shared/domain/programme.ts';
import { tierOf, tierProgress } from '../../stores/earn/points-preview.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import { fitting } from '../../ui/fitting.ts';
import { Panel } from '../../ui/panel/panel.tsx';
import { Progress } from '../../ui/progress/progress.tsx';
import styles from './balance.module.css';

const BAR_COLOURS: Readonly<Record<Tier['colour'], string>> = {
	plain: 'var(--tier-bar-plain)',
	silver: 'var(--tier-bar-silver)',
	gold: 'var(--tier-bar-gold)',
	platinum: 'var(--tier-bar-platinum)',
};

type Props = { readonly card: MemberCard; readonly programme: Programme | null; readonly nowMs: number };

/** What the member can spend, and apart from it what is not confirmed and what expires. Every balance says how old it is. */
export function Balance({ card, programme, nowMs }: Props) {
	const { t, number, signed, date, moment } = useText();
	const shown = number(card.points);
	const age = card.asOfMs === 0 ? t('balance.new') : t('balance.as_of', { time: moment(card.asOfMs, nowMs) });
	return (
		<Panel
			title={t('balance.spendable')}
			className={styles['balance']}
			aside={
				<span className={cx(styles['age'], card.isBalanceUpdating && styles['updating'])}>
					{card.isBalanceUpdating ? t('balance.updating') : age}
				</span>
			}
		>
			<p className={styles['points']} style={{ fontSize: fitting(shown, { maxRem: 4.75 }) }}>
				{shown}
			</p>
			<dl className={styles['tiles']}>
				<div className={cx(styles['tile'], card.pendingPoints !== 0 && styles['pending'])}>
					<dt>{t('balance.pending')}</dt>
					<dd>{signed(card.pendingPoints)}</dd>
				</div>
				<div className={styles['tile']}>
					<dt>{card.expiring === null ? t('balance.no_expiry') : t('balance.expiring', { date: date(card.expiring.on, nowMs) })}</dt>
					<dd>{number(card.expiring?.points ?? 0)}</dd>
				</div>
			</dl>
			{programme === null ? null : <TierBar card={card} programme={programme} />}
		</Panel>
	);
}

function TierBar({ card, programme }: { readonly card: MemberCard; readonly programme: Programme }) {
	const { t, number } = useText();
	const tier = tierOf({ kind: 'member', card }, programme);
	const progress = tierProgress(card.tierPoints, programme);
	const valueText = progress === null ? t('tier.top') : t('tier.missing', { points: number(progress.missing), tier: progress.next.name });
	return <Progress label={tier.name} part={progress?.part ?? 1} valueText={valueText} colour={BAR_COLOURS[tier.colour]} />;
}
