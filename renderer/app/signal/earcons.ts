import type { SignalKind } from '../../stores/signal/signal-store.ts';

/** One note: pitch in hertz, start and length in milliseconds. */
export type Note = { readonly pitchHz: number; readonly startMs: number; readonly lengthMs: number; readonly wave: 'sine' | 'triangle' };

/**
 * The three sounds. They differ in direction and in rhythm, not only in pitch, so that they are told apart beside a noisy till:
 * found rises, attention repeats, refused falls.
 */
export const earcons: Readonly<Record<SignalKind, readonly Note[]>> = {
	found: [
		{ pitchHz: 659.25, startMs: 0, lengthMs: 90, wave: 'sine' },
		{ pitchHz: 987.77, startMs: 70, lengthMs: 140, wave: 'sine' },
	],
	attention: [
		{ pitchHz: 587.33, startMs: 0, lengthMs: 110, wave: 'triangle' },
		{ pitchHz: 587.33, startMs: 150, lengthMs: 110, wave: 'triangle' },
	],
	refused: [
		{ pitchHz: 329.63, startMs: 0, lengthMs: 160, wave: 'triangle' },
		{ pitchHz: 220, startMs: 140, lengthMs: 260, wave: 'triangle' },
	],
};

/** Loudness of a note at full volume: a sound beside a customer, not an alarm. */
const PEAK_GAIN = 0.22;

/** Plays an earcon on `audio` at `volume` (0 to 1). */
export function playEarcon(audio: AudioContext, kind: SignalKind, volume: number): void {
	for (const note of earcons[kind]) {
		const oscillator = audio.createOscillator();
		const gain = audio.createGain();
		const startS = audio.currentTime + note.startMs / 1000;
		const endS = startS + note.lengthMs / 1000;
		oscillator.type = note.wave;
		oscillator.frequency.value = note.pitchHz;
		// A short rise and a long fall: no click at either end.
		gain.gain.setValueAtTime(0.0001, startS);
		gain.gain.exponentialRampToValueAtTime(Math.max(0.0001, PEAK_GAIN * volume), startS + 0.008);
		gain.gain.exponentialRampToValueAtTime(0.0001, endS);
		oscillator.connect(gain).connect(audio.destination);
		oscillator.start(startS);
		oscillator.stop(endS + 0.02);
	}
}
