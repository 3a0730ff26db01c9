import type { Subject } from '../../stores/place/place-store.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { tierOf } from '../../stores/earn/points-preview.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import type { MemberCard } from '#shared/bridge/member-card.ts';
import type { LoyaltyBarcode } from '#shared/domain/ids.ts';
import { groupBarcode, MemberName } from '../member-name.tsx';
import styles from './tier-card.module.css';

/** Names longer than these, in characters, are set smaller. */
const LONG_NAME = 16;
const LONGEST_NAME = 36;

/** The member's card as it lies in a purse: tier, name, number. The name is the heading of the screen. */
export function TierCard({ subject, programme }: { readonly subject: Subject; readonly programme: Programme | null }) {
	return subject.kind === 'member' ? (
		<KnownCard card={subject.card} programme={programme} />
	) : (
		<UnknownCard barcode={subject.barcode} programme={programme} />
	);
}

function KnownCard({ card, programme }: { readonly card: MemberCard; readonly programme: Programme | null }) {
	const { t } = useText();
	const tier = programme === null ? null : tierOf({ kind: 'member', card }, programme);
	return (
		<div className={cx(styles['card'], styles[tier?.colour ?? 'plain'])}>
			<div className={styles['top']}>
				<span className={styles['tier']} dir="auto" data-ellipsis="">
					{tier?.name}
				</span>
				{card.status === 'active' ? (
					<span dir="auto">{programme?.name}</span>
				) : (
					<span className={styles['state']}>{t(`status.${card.status}`)}</span>
				)}
			</div>
			<div className={styles['bottom']}>
				<h1 className={cx(styles['name'], sizeOf(card.name ?? t('member.unnamed')))} data-ellipsis="">
					<MemberName name={card.name} />
				</h1>
				<p className={styles['number']} dir="ltr">
					{card.barcode === null ? t('card.none') : groupBarcode(card.barcode)}
				</p>
			</div>
		</div>
	);
}

function UnknownCard({ barcode, programme }: { readonly barcode: LoyaltyBarcode; readonly programme: Programme | null }) {
	const { t } = useText();
	return (
		<div className={cx(styles['card'], styles['unknown'])}>
			<div className={styles['top']}>
				<span className={styles['tier']} data-ellipsis="">
					{t('card.unknown')}
				</span>
				<span dir="auto">{programme?.name}</span>
			</div>
			<div className={styles['bottom']}>
				<h1 className={cx(styles['name'], sizeOf(barcode))} data-ellipsis="">
					<bdi dir="ltr">{groupBarcode(barcode)}</bdi>
				</h1>
			</div>
		</div>
	);
}

function sizeOf(name: string): string | undefined {
	if (name.length > LONGEST_NAME) return styles['longest'];
	return name.length > LONG_NAME ? styles['long'] : undefined;
}
