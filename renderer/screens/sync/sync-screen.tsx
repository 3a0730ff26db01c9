import { clockWarning, lineBody, lineTitle } from '../../components/line-words.ts';
import { workWords } from '../../components/work-words.ts';
import type { Status } from '#shared/bridge/session-calls.ts';
import { syncNow } from '../../stores/session/session-actions.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useSyncStore } from '../../stores/sync/sync-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { WarningIcon } from '../../ui/icons/icons.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { Progress } from '../../ui/progress/progress.tsx';
import { Facts } from './facts.tsx';
import { NightPanel } from './night-panel.tsx';
import { SupportPanel } from './support-panel.tsx';
import { clockFacts, contactFacts, memberFacts, waitingFacts } from './sync-facts.ts';
import styles from './sync-screen.module.css';

/** Everything about the line to headquarters: how it is, what is under way, how old the members are, and what support asks for. */
export function SyncScreen() {
	const { t } = useText();
	const status = useSessionStore((state) => state.status);
	// The details take its place: nothing above them moves when they are opened.
	const isSupportOpen = useSyncStore((state) => state.isOpen);
	if (status === null) return null;
	return (
		<div className={styles['sync']}>
			<Panel title={t('sync.title')} isHeading isScrolling>
				<Line status={status} />
			</Panel>
			<div className={styles['side']}>
				<SupportPanel />
				{isSupportOpen ? null : <NightPanel />}
			</div>
		</div>
	);
}

function Line({ status }: { readonly status: Status }) {
	const text = useText();
	const { t } = text;
	const nowMs = useSessionStore((state) => state.nowMs);
	const warning = clockWarning(status, nowMs, text);
	return (
		<>
			<div className={styles['head']}>
				<div className={styles['words']}>
					<p className={styles['state']}>{lineTitle(status, nowMs, text)}</p>
					<p className={styles['body']}>{lineBody(status, nowMs, text)}</p>
				</div>
				<Button variant="dark" size="l" onPress={() => void syncNow()}>
					{t('line.try_now')}
				</Button>
			</div>
			{status.work === null && warning !== null ? null : <Work work={status.work} />}
			{warning === null ? null : (
				<p role="alert" className={styles['warning']}>
					<WarningIcon />
					{warning}
				</p>
			)}
			<div className={styles['facts']}>
				<Facts title={t('sync.contact')} facts={contactFacts(status, nowMs, text)} />
				<Facts title={t('sync.members')} facts={memberFacts(status, nowMs, text)} />
				<Facts title={t('outbox.title')} facts={waitingFacts(status, text)} />
				<Facts title={t('sync.clock')} facts={clockFacts(status, nowMs, text)} />
			</div>
		</>
	);
}

/** Always in one place, so that nothing below moves when work begins or ends. */
function Work({ work }: { readonly work: Status['work'] }) {
	const text = useText();
	return (
		<div className={styles['work']}>
			{work === null ? (
				<p className={styles['idle']}>{text.t('sync.no_work')}</p>
			) : (
				<Progress
					isLarge
					label={text.t(`work.${work.kind}`)}
					part={work.total > 0 ? Math.min(1, work.done / work.total) : null}
					valueText={workWords(work, text)}
				/>
			)}
		</div>
	);
}
