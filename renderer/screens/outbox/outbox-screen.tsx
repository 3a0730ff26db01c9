import { ErrorNote } from '../../components/note/note.tsx';
import { loadOlder, showOutbox } from '../../stores/outbox/outbox-actions.ts';
import { useOutboxStore } from '../../stores/outbox/outbox-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { CheckIcon } from '../../ui/icons/icons.tsx';
import { Panel } from '../../ui/panel/panel.tsx';
import { LinePanel } from './line-panel.tsx';
import { OutboxEntry } from './outbox-entry.tsx';
import { ProofPanel } from './proof-panel.tsx';
import styles from './outbox-screen.module.css';

/** What headquarters has not got yet, what it refused and why, and the day's proof. */
export function OutboxScreen() {
	const { t } = useText();
	const { lines, hasMore, error, proof } = useOutboxStore();
	return (
		<div className={styles['outbox']}>
			<Panel title={t('outbox.title')} isHeading aside={<Filter />} isScrolling>
				{error === null ? null : <ErrorNote error={error} />}
				{lines.length === 0 && proof !== null && error === null ? <Nothing /> : null}
				<ul className={styles['list']}>
					{lines.map((line) => (
						<OutboxEntry key={line.eventId} line={line} />
					))}
				</ul>
				{hasMore ? <Button onPress={() => void loadOlder()}>{t('outbox.older')}</Button> : null}
			</Panel>
			<div className={styles['side']} data-scrolls="">
				<LinePanel />
				<ProofPanel />
			</div>
		</div>
	);
}

function Filter() {
	const { t } = useText();
	const show = useOutboxStore((state) => state.show);
	return (
		<fieldset aria-label={t('outbox.filter')} className={styles['filter']}>
			{(['waiting', 'needs_person', 'accepted', 'all'] as const).map((choice) => (
				<button
					key={choice}
					type="button"
					aria-pressed={choice === show}
					className={styles['choice']}
					onClick={() => void showOutbox(choice)}
				>
					{t(`outbox.show_${choice}`)}
				</button>
			))}
		</fieldset>
	);
}

const EMPTY = {
	waiting: { title: 'outbox.empty', body: 'outbox.empty_body' },
	needs_person: { title: 'outbox.empty_needs_person', body: 'outbox.empty_needs_person_body' },
	accepted: { title: 'outbox.empty_accepted', body: 'outbox.empty_accepted_body' },
	all: { title: 'outbox.empty_all', body: 'outbox.empty_body' },
} as const;

function Nothing() {
	const { t } = useText();
	const show = useOutboxStore((state) => state.show);
	return (
		<div className={styles['nothing']}>
			<span className={styles['tick']}>
				<CheckIcon size="2rem" />
			</span>
			<p className={styles['done']}>{t(EMPTY[show].title)}</p>
			<p className={styles['words']}>{t(EMPTY[show].body)}</p>
		</div>
	);
}
