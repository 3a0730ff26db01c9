import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import styles from './lost-banner.module.css';

/** The window has no services for a moment: calm, since nothing is lost and it goes on by itself. */
export function LostBanner() {
	const { t } = useText();
	const connection = useSessionStore((state) => state.connection);
	if (connection === 'taken_over') {
		return (
			<div role="alert" className={styles['banner']}>
				<strong>{t('taken_over.title')}</strong> {t('taken_over.body')}
			</div>
		);
	}
	if (connection !== 'lost') return null;
	return (
		<div role="alert" className={styles['banner']}>
			<strong>{t('lost.title')}</strong> {t('lost.body')}
		</div>
	);
}
