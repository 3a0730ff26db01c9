import { StatusChip } from '../../components/chip/status-chip.tsx';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { Badge } from '../../ui/badge/badge.tsx';
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
				<p className={styles['name']} dir="auto">
					{name}
				</p>
				{session === null ? null : (
					<p className={styles['outlet']}>
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

function Person() {
	const { t } = useText();
	const session = useSessionStore((state) => state.session);
	if (session === null || session.isLocked || session.cashier === null) return null;
	const { displayName, initials, role } = session.cashier;
	return (
		<p className={styles['person']}>
			<span aria-hidden="true" className={styles['avatar']}>
				{initials}
			</span>
			<span className={styles['who']}>
				<bdi dir="auto">{displayName}</bdi>
				<span className={styles['role']}> · {t(`role.${role}`)}</span>
			</span>
		</p>
	);
}
