import type { MemberLine } from '#shared/bridge/member-card.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import { useText } from '../../text/use-text.ts';
import { cx } from '../../ui/class-names.ts';
import { MemberName } from '../member-name.tsx';
import styles from './member-list.module.css';

type Props = {
	readonly id: string;
	readonly label: string;
	readonly members: readonly MemberLine[];
	readonly highlighted: number;
	readonly onOpen: (memberId: MemberId) => void;
	readonly tierName: (tierId: string) => string;
};

/** The id of the highlighted line, for the field that keeps the focus while the arrows move it. */
export function lineId(listId: string, index: number): string {
	return `${listId}-${index}`;
}

/** People to choose from. The focus stays in the search box, which owns this list (the combobox pattern), so that typing goes on. */
export function MemberList({ id, label, members, highlighted, onOpen, tierName }: Props) {
	return (
		// The text field that owns this list keeps the focus and its keys; a native list could not be owned by it.
		// oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
		<div id={id} role="listbox" aria-label={label} className={styles['list']} data-scrolls="">
			{members.map((member, index) => (
				// Arrows and Enter are handled by the field; see above.
				// oxlint-disable-next-line jsx-a11y/click-events-have-key-events
				<div
					key={member.memberId}
					id={lineId(id, index)}
					ref={index === highlighted ? scrollIntoView : null}
					// oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- see above
					role="option"
					tabIndex={-1}
					aria-selected={index === highlighted}
					className={cx(styles['line'], index === highlighted && styles['highlighted'])}
					onClick={() => onOpen(member.memberId)}
				>
					<MemberLineWords member={member} tierName={tierName(member.tierId)} />
				</div>
			))}
		</div>
	);
}

function scrollIntoView(line: HTMLDivElement | null): void {
	line?.scrollIntoView({ block: 'nearest' });
}

/** One person: enough to choose by. */
export function MemberLineWords({ member, tierName }: { readonly member: MemberLine; readonly tierName: string }) {
	const { t, number } = useText();
	const marks = [
		member.cardEnd === null ? null : t('mark.card_end', { end: member.cardEnd }),
		member.mobileEnd === null ? null : t('mark.mobile_end', { end: member.mobileEnd }),
		member.emailMasked,
		member.memberSinceMs === null ? null : t('mark.since', { year: String(new Date(member.memberSinceMs).getFullYear()) }),
		member.isLocal ? t('mark.local') : null,
	].filter((mark) => mark !== null);
	return (
		<>
			<span className={styles['who']}>
				<span className={styles['name']} data-ellipsis="">
					<MemberName name={member.name} />
				</span>
				<span className={styles['marks']}>{marks.join(' · ')}</span>
			</span>
			<span className={styles['worth']}>
				<span className={styles['points']}>{number(member.points)}</span>
				<span className={styles['tier']}>{tierName}</span>
			</span>
		</>
	);
}
