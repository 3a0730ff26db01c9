import { expect, test } from 'vitest';
import { session } from '../../bridge/scripted/fixtures.ts';
import { ok } from '#shared/lib/result.ts';
import { openFakeTerminal } from '../fake-terminal.ts';
import { applySession } from '../session/session-actions.ts';
import { saveVolume, setVolume, useSoundStore } from './sound-store.ts';

const percent = () => useSoundStore.getState().volumePercent;

test('the sounds are as loud as the terminal has kept', async () => {
	await openFakeTerminal({ 'session.open': () => ok(session({ volumePercent: 70 })) });
	expect(percent()).toBe(70);
});

test('a loudness that was set is kept by the terminal', async () => {
	const bridge = await openFakeTerminal();
	setVolume(34.6);
	await saveVolume();
	expect(bridge.made.at(-1)).toEqual({ name: 'session.setVolume', input: { percent: 35 } });
});

test('other news of the session do not move the slider back', async () => {
	await openFakeTerminal({ 'session.open': () => ok(session({ volumePercent: 70 })) });
	setVolume(20);
	applySession(session({ volumePercent: 70, nowMs: 5 }), 5);
	expect(percent()).toBe(20);
	applySession(session({ volumePercent: 25 }), 5);
	expect(percent()).toBe(25);
});
