import { clockWarning, lineBody, lineTitle } from '../../components/line-words.ts';
import { workWords } from '../../components/work-words.ts';
import { syncNow } from '../../stores/session/session-actions.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { openSync } from '../../stores/sync/sync-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { Progress } from '../../ui/progress/progress.tsx';
import styles from './line-panel.module.css';

/** How the line to headquarters is, in one sentence and what follows from it. More is on the Sync screen. */
export function LinePanel() {
	const text = useText();
	const { t } = text;
	const status = useSessionStore((state) => state.status);
	const nowMs = useSessionStore((state) => state.nowMs);
	if (status === null) return null;
	const { work } = status;
	const warning = clockWarning(status, nowMs, text);
	return (
		<Panel
			title={t('line.title')}
			aside={
				<span className={styles['actions']}>
					<Button variant="quiet" onPress={() => void openSync()}>
						{t('sync.more')}
					</Button>
					<Button variant="quiet" onPress={() => void syncNow()}>
						{t('line.try_now')}
					</Button>
				</span>
			}
		>
			<p className={styles['state']}>{lineTitle(status, nowMs, text)}</p>
			<p className={styles['words']}>{lineBody(status, nowMs, text)}</p>
			{work === null ? null : (
				<div className={styles['work']}>
					<Progress
						label={t(`work.${work.kind}`)}
						part={work.total > 0 ? Math.min(1, work.done / work.total) : null}
						valueText={workWords(work, text)}
					/>
				</div>
			)}
			{warning === null ? null : <p className={styles['skew']}>{warning}</p>}
		</Panel>
	);
}
