import { hideStrip, useSignalStore } from '../../stores/signal/signal-store.ts';
import { useSoundStore } from '../../stores/sound/sound-store.ts';
import { playEarcon } from './earcons.ts';

/** A strip that nobody took away goes by itself. */
const STRIP_MS = 12_000;

/** Plays each signal once and takes its strip away after a while. */
export function playSignals(): void {
	let audio: AudioContext | null = null;
	let strip: number | undefined;
	useSignalStore.subscribe(({ signal }, before) => {
		if (signal === null || signal.seq === before.signal?.seq) return;
		window.clearTimeout(strip);
		if (signal.isStrip) strip = window.setTimeout(hideStrip, STRIP_MS);
		const { volumePercent } = useSoundStore.getState();
		if (volumePercent === 0) return;
		audio ??= new AudioContext();
		// Made before anybody touched the page (a scanner on a serial line), it waits to be woken.
		if (audio.state === 'suspended') void audio.resume();
		playEarcon(audio, signal.kind, volumePercent / 100);
	});
}
