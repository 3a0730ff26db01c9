import { create } from 'zustand';

/** 0 is silent, 1 as loud as the machine. */
export const useSoundStore = create<{ readonly volume: number }>(() => ({ volume: 0.5 }));

/** Sets the loudness of the three sounds, 0 to 1. */
export function setVolume(volume: number): void {
	useSoundStore.setState({ volume: Math.min(1, Math.max(0, volume)) });
}
