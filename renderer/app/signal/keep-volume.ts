import { setVolume, useSoundStore } from '../../stores/sound/sound-store.ts';

const KEY = 'regulars.volume';

/** Keeps the loudness on this machine where the page has a place of its own; the kiosk host's changes with its port. */
export function keepVolume(): void {
	const kept = Number(window.localStorage.getItem(KEY) ?? Number.NaN);
	if (Number.isFinite(kept)) setVolume(kept);
	useSoundStore.subscribe(({ volume }) => window.localStorage.setItem(KEY, String(volume)));
}
