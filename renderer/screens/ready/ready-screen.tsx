import { useText } from '../../text/use-text.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useFindStore } from '../../stores/find/find-store.ts';
import { Panel } from '../../ui/panel/panel.tsx';
import { ErrorNote, Note } from '../../components/note/note.tsx';
import { FindBar } from './find-bar.tsx';
import { FindingView } from './finding-view.tsx';
import { Invitation } from './invitation.tsx';
import { LoadingView } from './loading-view.tsx';
import { ShiftPanels } from './shift-panels.tsx';
import styles from './ready-screen.module.css';

/** Waiting for a card. What a scan or a search led to stands here when it opened no card. */
export function ReadyScreen() {
	const finding = useFindStore((state) => state.finding);
	const work = useSessionStore((state) => state.status?.work ?? null);
	const phase = useSessionStore((state) => state.status?.members.phase ?? null);
	const isLoading = phase !== null && phase !== 'ready' && work !== null;
	return (
		<div className={styles['ready']}>
			<Panel className={styles['main']}>
				<Warnings />
				<div className={styles['answer']} data-scrolls="">
					<Middle finding={finding} isLoading={isLoading} />
				</div>
				<FindBar />
			</Panel>
			<ShiftPanels />
		</div>
	);
}

function Middle({
	finding,
	isLoading,
}: {
	readonly finding: ReturnType<typeof useFindStore.getState>['finding'];
	readonly isLoading: boolean;
}) {
	if (finding.kind !== 'idle' && finding.kind !== 'looking') return <FindingView finding={finding} />;
	return isLoading ? <LoadingView /> : <Invitation />;
}

/** What a person should know before the next member comes: rare, and never in the way of work. */
function Warnings() {
	const { t } = useText();
	const status = useSessionStore((state) => state.status);
	const sessionError = useSessionStore((state) => state.error);
	if (sessionError !== null) {
		return (
			<div className={styles['warnings']}>
				<ErrorNote error={sessionError} />
			</div>
		);
	}
	if (status === null) return null;
	const { error, notice, noticeValues, line } = status;
	const isToldLater = error === null || error.verdict === 'retry_later';
	if (isToldLater && notice === null && line !== 'unpaired') return null;
	return (
		<div className={styles['warnings']}>
			{line === 'unpaired' ? (
				<Note tone="attention" title={t('ready.unpaired_title')}>
					{t('ready.unpaired_body')}
				</Note>
			) : null}
			{isToldLater ? null : <ErrorNote error={error} />}
			{notice === null ? null : (
				<Note tone="attention" title={t(`notice.${notice}_title`)}>
					{t(`notice.${notice}_body`, noticeValues)}
				</Note>
			)}
		</div>
	);
}
