import { Label, Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { raise } from '../../stores/signal/signal-store.ts';
import { saveVolume, setVolume, useSoundStore } from '../../stores/sound/sound-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { useText } from '../../text/use-text.ts';
import { KeyCap } from '../../ui/button/key-cap.tsx';
import { Dialog } from '../../ui/dialog/dialog.tsx';
import { commandKeys } from '../input/handle-key.ts';
import type { Command } from '../input/handle-key.ts';
import styles from './key-map.module.css';

const ROWS = ['find', 'enrol', 'earn', 'refund', 'redeem', 'waiting', 'lock', 'undo', 'back'] as const satisfies readonly Command[];

/** Every key and what it does, and how loud the sounds are. */
export function KeyMap({ onClose }: { readonly onClose: () => void }) {
	const { t } = useText();
	const version = useSessionStore((state) => state.session?.appVersion ?? '');
	return (
		<Dialog title={t('keymap.title')} closeLabel={t('keymap.close')} onClose={onClose}>
			<dl className={styles['rows']}>
				<Row cap={t('keymap.scan_cap')} words={t('keymap.scan')} />
				<Row cap={t('key.enter')} words={t('keymap.enter')} />
				{ROWS.map((command) => (
					<Row key={command} cap={command === 'back' ? 'Esc' : commandKeys[command].replace('+', ' ')} words={t(`keymap.${command}`)} />
				))}
				<Row cap="↑ ↓" words={t('keymap.arrows')} />
			</dl>
			<Volume />
			<p className={styles['version']}>{t('keymap.version', { version })}</p>
		</Dialog>
	);
}

function Row({ cap, words }: { readonly cap: string; readonly words: string }) {
	return (
		<div className={styles['row']}>
			<dt>
				<KeyCap>{cap}</KeyCap>
			</dt>
			<dd>{words}</dd>
		</div>
	);
}

/** Set by ear: letting go plays the sound of a found card. */
function Volume() {
	const { t } = useText();
	const percent = useSoundStore((state) => state.volumePercent);
	return (
		<Slider
			className={styles['volume'] ?? ''}
			minValue={0}
			maxValue={100}
			step={10}
			value={percent}
			onChange={(moved) => setVolume(Number(moved))}
			onChangeEnd={() => {
				raise('found', { kind: 'plain', id: 'volume' });
				void saveVolume();
			}}
		>
			<Label className={styles['volume-label'] ?? ''}>{t('keymap.volume')}</Label>
			<SliderTrack className={styles['track'] ?? ''}>
				<SliderThumb className={styles['thumb'] ?? ''} />
			</SliderTrack>
			<span className={styles['percent']}>{percent === 0 ? t('keymap.silent') : t('keymap.percent', { percent })}</span>
		</Slider>
	);
}
