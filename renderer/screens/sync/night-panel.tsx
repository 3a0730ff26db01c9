import { useSessionStore } from '../../stores/session/session-store.ts';
import { useSyncStore } from '../../stores/sync/sync-store.ts';
import { useText } from '../../text/use-text.ts';
import { Panel } from '../../ui/panel/panel.tsx';
import { nightWords } from './sync-facts.ts';
import styles from './night-panel.module.css';

/** When this terminal's own moment of the night is, what is done then, and what the last night found. Nothing where there are no nights. */
export function NightPanel() {
	const text = useText();
	const { t, time } = text;
	const night = useSyncStore((state) => state.details?.night ?? null);
	const nowMs = useSessionStore((state) => state.nowMs);
	if (night === null) return null;
	return (
		<Panel title={t('sync.night')}>
			<p className={styles['next']}>{night.isDue ? t('sync.night_due') : t('sync.night_at', { time: time(night.nextAtMs) })}</p>
			<p className={styles['what']}>{t('sync.night_what')}</p>
			<ul className={styles['last']}>
				{nightWords(night, nowMs, text).map((words) => (
					<li key={words}>{words}</li>
				))}
			</ul>
		</Panel>
	);
}
