import { Button } from 'react-aria-components';
import { placeOf, subjectOf, usePlaceStore } from '../../stores/place/place-store.ts';
import type { Place } from '../../stores/place/place-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { Badge } from '../../ui/badge/badge.tsx';
import { KeyCap } from '../../ui/button/key-cap.tsx';
import { cx } from '../../ui/class-names.ts';
import { commandKeys, reasonOff, runCommand } from '../input/handle-key.ts';
import type { Command } from '../input/handle-key.ts';
import styles from './key-bar.module.css';

const KEYS = ['find', 'enrol', 'earn', 'refund', 'redeem', 'waiting', 'lock', 'keys'] as const satisfies readonly Command[];

/** The key that stands for where one is. */
const ACTIVE: Readonly<Record<Place['at'], Command | null>> = {
	ready: null,
	member: 'earn',
	enrol: 'enrol',
	refund: 'refund',
	outbox: 'waiting',
	sync: 'waiting',
};

/** The function keys as buttons: the last of the three fixed places. A key that does nothing now stays, and tells why when pressed. */
export function KeyBar() {
	const { t } = useText();
	const session = useSessionStore((state) => state.session);
	const hasSubject = usePlaceStore((state) => subjectOf(state) !== null);
	const at = usePlaceStore((state) => placeOf(state).at);
	const isLocked = session?.isLocked === true;
	const facts = {
		hasSubject,
		isLocked,
		hasProgramme: (session?.programme ?? null) !== null,
		hasRoster: (session?.cashiers.length ?? 0) > 0,
	};
	return (
		<nav aria-label={t('keys.title')} className={styles['bar']}>
			{KEYS.map((command) => {
				const reason = reasonOff(command, facts);
				return (
					<BarKey
						key={command}
						command={command}
						reason={reason === null ? null : t(`said.${reason}`)}
						isActive={!isLocked && ACTIVE[at] === command}
					/>
				);
			})}
		</nav>
	);
}

function BarKey({
	command,
	reason,
	isActive,
}: {
	readonly command: (typeof KEYS)[number];
	readonly reason: string | null;
	readonly isActive: boolean;
}) {
	const { t } = useText();
	const label = t(`key.${command}`);
	return (
		<Button
			aria-label={label}
			aria-disabled={reason !== null}
			className={cx(styles['key'], isActive && styles['active'], reason !== null && styles['off'], command === 'keys' && styles['small'])}
			onPress={() => void runCommand(command)}
		>
			<KeyCap>{commandKeys[command]}</KeyCap>
			<span className={styles['label']}>{command === 'keys' ? '?' : label}</span>
			{command === 'waiting' ? <WaitingBadge /> : null}
		</Button>
	);
}

function WaitingBadge() {
	const { number } = useText();
	const waiting = useSessionStore((state) => state.status?.waiting ?? 0);
	const needsPerson = useSessionStore((state) => state.status?.needsPerson ?? 0);
	if (waiting + needsPerson === 0) return null;
	return (
		<span className={styles['badge']}>
			<Badge tone={needsPerson > 0 ? 'refused' : 'attention'}>{number(waiting + needsPerson)}</Badge>
		</span>
	);
}
