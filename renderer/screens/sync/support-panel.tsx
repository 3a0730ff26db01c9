import type { LineDetails } from '#shared/bridge/session-calls.ts';
import { copyForSupport, currentSupportText, toggleSupport, useSyncStore } from '../../stores/sync/sync-store.ts';
import type { Text } from '../../text/text.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import styles from './support-panel.module.css';

/** What support asks for, hidden until it is asked for, and a button that copies it. */
export function SupportPanel() {
	const text = useText();
	const { t } = text;
	const { details, isOpen, copied } = useSyncStore();
	return (
		<Panel title={t('life.facts')} isScrolling>
			<div className={styles['actions']}>
				<Button size="l" isFull isDisabled={details === null} onPress={() => void copyForSupport()}>
					{t('sync.copy')}
				</Button>
				<Button isFull isDisabled={details === null} onPress={toggleSupport}>
					{t(isOpen ? 'sync.hide_details' : 'sync.show_details')}
				</Button>
			</div>
			<p aria-live="polite" className={styles['said']}>
				{copied === 'not_yet' ? null : t(copied === 'copied' ? 'sync.copied' : 'sync.copy_by_hand')}
			</p>
			{isOpen && details !== null ? (
				<>
					<dl className={styles['details']}>
						{detailFacts(details, text).map(([label, value]) => (
							<div key={label} className={styles['detail']}>
								<dt>{label}</dt>
								<dd dir="ltr">{value}</dd>
							</div>
						))}
					</dl>
					{copied === 'by_hand' ? (
						<textarea readOnly aria-label={t('sync.support_text')} className={styles['text']} rows={8} value={currentSupportText() ?? ''} />
					) : null}
				</>
			) : null}
		</Panel>
	);
}

function detailFacts(details: LineDetails, { t, number }: Text): readonly (readonly [string, string])[] {
	const { refusals } = details;
	return [
		[t('sync.version'), details.appVersion],
		[t('sync.terminal'), details.terminal ?? '–'],
		[t('sync.epoch'), number(details.hqEpoch)],
		[t('sync.incarnation'), details.incarnation],
		[t('sync.seq'), number(details.lastSeq)],
		[
			t('sync.refusals'),
			refusals.length === 0
				? t('sync.none')
				: refusals.map(({ code, count }) => (count === 1 ? String(code) : `${code} × ${count}`)).join(', '),
		],
	];
}
