import { Button } from 'react-aria-components';
import { openSync } from '../../stores/sync/sync-store.ts';
import { useText } from '../../text/use-text.ts';
import type { Text } from '../../text/text.ts';
import { chipState } from '../../stores/session/chip-state.ts';
import type { ChipState } from '../../stores/session/chip-state.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { cx } from '../../ui/class-names.ts';
import styles from './status-chip.module.css';

/** One chip, always there: working state, age of the member data, number waiting. */
export function StatusChip() {
	const text = useText();
	const { status, session, connection, nowMs } = useSessionStore();
	if (status === null) {
		return (
			<output aria-label={text.t('chip.name')} className={cx(styles['chip'], styles['busy'])} data-chip="">
				<span aria-hidden="true" className={styles['dot']} />
				<span>{text.t(connection === 'lost' || connection === 'taken_over' ? 'chip.services_lost' : 'chip.starting')}</span>
			</output>
		);
	}
	const state = chipState(status, {
		nowMs,
		staleAfterMs: session?.programme?.staleAfterMs ?? null,
		isConnected: connection !== 'lost' && connection !== 'taken_over',
	});
	return (
		<div className={cx(styles['chip'], styles[state.tone])} data-chip="">
			<span aria-hidden="true" className={styles['dot']} />
			<output aria-label={text.t('chip.name')} className={styles['words']}>
				{chipWords(state, nowMs, text)}
			</output>
			{session === null || session.isLocked ? null : <OpenSync label={text.t('sync.open')} />}
		</div>
	);
}

/** The whole chip is the target. Apart from the words, which a screen reader reads out when they change. */
function OpenSync({ label }: { readonly label: string }) {
	return <Button aria-label={label} className={styles['open'] ?? ''} onPress={() => void openSync()} />;
}

/** The chip's sentence: what works, how old the members are, what waits, in that order. */
export function chipWords(state: ChipState, nowMs: number, { t, moment }: Text): string {
	const parts = [t(`chip.${state.work}`, { percent: state.percent ?? 0 })];
	if (state.asOfMs !== null) parts.push(t('chip.as_of', { time: moment(state.asOfMs, nowMs) }));
	if (state.needsPerson > 0) parts.push(t('chip.needs_person', { count: state.needsPerson }));
	if (state.waiting > 0) parts.push(t('chip.waiting', { count: state.waiting }));
	else if (state.needsPerson === 0 && state.work === 'working') parts.push(t('chip.all_sent'));
	return parts.join(' · ');
}
