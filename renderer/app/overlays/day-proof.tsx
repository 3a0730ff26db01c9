import { createPortal } from 'react-dom';
import { ErrorNote } from '../../components/note/note.tsx';
import { ProofTable } from '../../components/proof-sheet/proof-table.tsx';
import { saveProof, useProofStore } from '../../stores/proof/proof-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import styles from './day-proof.module.css';

/** The day's proof by cashier: to read, to print, to keep. The sheet for the printer lies beside the page, where only the printer sees it. */
export function DayProof({ onClose }: { readonly onClose: () => void }) {
	const { t } = useText();
	const { sheet, error, savedAs, isSaving } = useProofStore();
	return (
		<>
			<Dialog
				title={t('proof.sheet_title')}
				closeLabel={t('keymap.close')}
				onClose={onClose}
				footer={
					<>
						<div className={styles['actions']}>
							<Button variant="dark" size="l" takesFocus isDisabled={sheet === null} onPress={() => window.print()}>
								{t('proof.print')}
							</Button>
							<Button size="l" isBusy={isSaving} onPress={() => void saveProof('csv')}>
								{t('proof.csv')}
							</Button>
							<Button size="l" isBusy={isSaving} onPress={() => void saveProof('json')}>
								{t('proof.json')}
							</Button>
						</div>
						<p aria-live="polite" className={styles['saved']}>
							{savedAs === null ? null : t('proof.saved', { path: savedAs })}
						</p>
					</>
				}
			>
				{error === null ? null : <ErrorNote error={error} />}
				{sheet === null ? <p>{error === null ? t('proof.loading') : null}</p> : <ProofTable sheet={sheet} />}
			</Dialog>
			{sheet === null
				? null
				: createPortal(
						<article data-print="" aria-hidden="true">
							<h1>{t('proof.sheet_title')}</h1>
							<ProofTable sheet={sheet} />
							<p className={styles['signature']}>{t('proof.signature')}</p>
						</article>,
						document.body,
					)}
		</>
	);
}
