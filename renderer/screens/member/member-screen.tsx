import { ErrorNote } from '../../components/note/note.tsx';
import { Balance } from '../../components/balance/balance.tsx';
import { TierCard } from '../../components/tier-card/tier-card.tsx';
import { openEnrol } from '../../stores/enrol/enrol-actions.ts';
import type { Subject } from '../../stores/place/place-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { CanUsePanel } from './can-use-panel.tsx';
import { EarnPanel } from './earn-panel.tsx';
import styles from './member-screen.module.css';

/** The member's card with the sale as its work area. */
export function MemberScreen({ subject }: { readonly subject: Subject }) {
	const programme = useSessionStore((state) => state.session?.programme ?? null);
	const nowMs = useSessionStore((state) => state.nowMs);
	return (
		<div className={styles['member']}>
			<div className={styles['card']}>
				<TierCard subject={subject} programme={programme} />
				{subject.kind === 'member' ? (
					<Balance card={subject.card} programme={programme} nowMs={nowMs} />
				) : (
					<UnknownCard subject={subject} nowMs={nowMs} />
				)}
			</div>
			<EarnPanel subject={subject} programme={programme} />
			<CanUsePanel subject={subject} nowMs={nowMs} />
		</div>
	);
}

function UnknownCard({ subject, nowMs }: { readonly subject: Extract<Subject, { kind: 'unknown' }>; readonly nowMs: number }) {
	const { t, moment } = useText();
	const isLoading = subject.isLoading || subject.asOfMs === 0;
	return (
		<Panel className={styles['unknown']}>
			<ErrorNote tone="attention" error={terminalError(isLoading ? 'MEMBER-105' : 'MEMBER-101')} />
			<p className={styles['age']}>{isLoading ? t('unknown.loading') : t('unknown.as_of', { time: moment(subject.asOfMs, nowMs) })}</p>
			<Button keyCap="F3" isFull onPress={() => openEnrol({ barcode: subject.barcode })}>
				{t('unknown.enrol')}
			</Button>
		</Panel>
	);
}
