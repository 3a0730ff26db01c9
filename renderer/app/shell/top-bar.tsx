import { StatusChip } from '../../components/chip/status-chip.tsx';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { Badge } from '../../ui/badge/badge.tsx';
import { cx } from '../../ui/class-names.ts';
import { LockIcon } from '../../ui/icons/icons.tsx';
import styles from './top-bar.module.css';

/** Where this is, how it is, and who works: the first of the three fixed places. */
export function TopBar() {
	const { t } = useText();
	const session = useSessionStore((state) => state.session);
	const name = session?.programme?.name ?? t('app.name');
	return (
		<header className={styles['bar']}>
			<span aria-hidden="true" className={styles['mark']}>
				{Array.from(name)[0]}
			</span>
			<div className={styles['where']}>
				<p className={styles['name']} dir="auto" data-ellipsis="">
					{name}
				</p>
				{session === null ? null : (
					<p className={styles['outlet']} data-ellipsis="">
						<bdi dir="auto">{session.outletName}</bdi> · <bdi dir="auto">{session.terminalName}</bdi>
					</p>
				)}
			</div>
			<div className={styles['state']}>
				{session?.isTraining === true ? <Badge tone="attention">{t('training.badge')}</Badge> : null}
				<StatusChip />
				<Person />
			</div>
		</header>
	);
}

/** Always there and always as wide, so that the chip beside it never moves: who works, or that nobody has signed in. */
function Person() {
	const { t } = useText();
	const session = useSessionStore((state) => state.session);
	const isLocked = session?.isLocked === true;
	const cashier = isLocked ? null : (session?.cashier ?? null);
	return (
		<p className={styles['person']} data-person="">
			<span aria-hidden="true" className={cx(styles['avatar'], cashier === null && styles['nobody'])}>
				{cashier?.initials ?? <LockIcon size="1rem" />}
			</span>
			<span className={styles['who']} data-ellipsis="">
				{cashier === null ? (
					t(isLocked ? 'person.locked' : 'person.nobody')
				) : (
					<>
						<bdi dir="auto">{cashier.displayName}</bdi>
						<span className={styles['role']}> · {t(`role.${cashier.role}`)}</span>
					</>
				)}
			</span>
		</p>
	);
}
