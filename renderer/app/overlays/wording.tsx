import { askedConsents } from '../../stores/enrol/enrol-actions.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import styles from './wording.module.css';

/** The whole wording of a consent, large enough to turn the screen and let the member read. */
export function Wording({ index, onClose }: { readonly index: number; readonly onClose: () => void }) {
	const { t } = useText();
	const session = useSessionStore((state) => state.session);
	const term = askedConsents(session)[index];
	if (term === undefined) return null;
	return (
		<Dialog title={term.title} closeLabel={t('keymap.close')} onClose={onClose}>
			<p className={styles['wording']} lang={term.language} dir="auto">
				{term.wording}
			</p>
			<p className={styles['version']}>{t('wording.version', { version: term.version, language: term.language })}</p>
		</Dialog>
	);
}
