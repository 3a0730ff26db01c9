import { placeOf, usePlaceStore } from '../../stores/place/place-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { hideStrip, useSignalStore } from '../../stores/signal/signal-store.ts';
import { useText } from '../../text/use-text.ts';
import { Button } from '../../ui/button/button.tsx';
import { cx } from '../../ui/class-names.ts';
import { CheckIcon, RefusedIcon, WarningIcon } from '../../ui/icons/icons.tsx';
import { Spoken } from '../../ui/text/spoken.tsx';
import { saidWords } from './said-words.ts';
import styles from './signals.module.css';

/** What the three sounds say, for the eye and for the screen reader: a flash around the work, a strip above it, and words. */
export function Signals() {
	const text = useText();
	const signal = useSignalStore((state) => state.signal);
	const currency = useSessionStore((state) => state.session?.programme?.currency ?? null);
	// These places have what is pressed at the top and a list that goes on at the bottom.
	const isBelow = usePlaceStore((state) => ['outbox', 'sync'].includes(placeOf(state).at));
	const words = signal === null ? null : saidWords(signal.said, text, currency);
	return (
		<>
			<div role="log" aria-live="assertive" aria-label={text.t('said.name')}>
				{words === null ? null : (
					<Spoken key={signal?.seq}>
						{words.title} {words.body}
					</Spoken>
				)}
			</div>
			{signal === null ? null : <div key={signal.seq} aria-hidden="true" className={cx(styles['flash'], styles[signal.kind])} />}
			{signal?.isStrip === true && words !== null ? (
				<div key={`strip ${signal.seq}`} data-over="" className={cx(styles['strip'], styles[signal.kind], isBelow && styles['below'])}>
					<span className={styles['icon']}>{ICONS[signal.kind]}</span>
					<p className={styles['words']}>
						<span className={styles['title']}>{words.body === null ? words.title : `${words.title}.`}</span>
						{words.body === null ? null : <span> {words.body}</span>}
						{words.code === null ? null : <span className={styles['code']}> {text.t('support.code', { code: words.code })}</span>}
					</p>
					<Button onPress={hideStrip}>{text.t('said.close')}</Button>
				</div>
			) : null}
		</>
	);
}

const ICONS = { found: <CheckIcon />, attention: <WarningIcon />, refused: <RefusedIcon /> } as const;
