import { create } from 'zustand';
import type { Session } from '#shared/bridge/session-calls.ts';
import { services } from '../../bridge/services.ts';

/** 0 is silent, 100 as loud as the machine. The terminal keeps it: a window's own place changes with its host. */
export const useSoundStore = create<{ readonly volumePercent: number }>(() => ({ volumePercent: 50 }));

/** What moves under the finger: heard at once, not kept yet. */
export function setVolume(percent: number): void {
	useSoundStore.setState({ volumePercent: Math.round(Math.min(100, Math.max(0, percent))) });
}

/** Keeps the loudness as it is now on this terminal. A refusal is no news to a cashier: the sounds are as loud as they were set. */
export async function saveVolume(): Promise<void> {
	await services().call('session.setVolume', { percent: useSoundStore.getState().volumePercent });
}

/** Takes over what the terminal has kept. */
export function applyVolume({ volumePercent }: Pick<Session, 'volumePercent'>): void {
	useSoundStore.setState({ volumePercent });
}
