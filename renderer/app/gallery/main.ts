import '../../bridge/no-jit.ts';
import { startApp } from '../start-app.tsx';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { createScriptedBridge } from '../../bridge/scripted/scripted-bridge.ts';
import { offerInspection } from './inspect/offer-inspection.ts';
import { states } from './states.ts';

/** Shows the state that the query names (`?state=member`), or a list of all. It tells `document.body` when it is still. */
async function show(): Promise<void> {
	const name = new URLSearchParams(window.location.search).get('state');
	const state = name === null ? undefined : states[name];
	if (state === undefined) return listStates();
	offerInspection();
	const bridge = createScriptedBridge(state.script, state.connection ?? 'open');
	startApp(bridge);
	await sessionOpened(state.connection === 'lost');
	await state.run?.();
	if (name === 'ready-lost') bridge.become('lost');
	document.body.dataset['still'] = 'true';
}

function sessionOpened(isLost: boolean): Promise<void> {
	if (isLost) return Promise.resolve();
	return new Promise((resolve) => {
		const stop = useSessionStore.subscribe(({ session, status, shift }) => {
			if (session === null || status === null || shift === null) return;
			stop();
			resolve();
		});
	});
}

function listStates(): void {
	for (const name of Object.keys(states)) {
		const link = document.createElement('a');
		link.href = `?state=${name}`;
		link.textContent = name;
		document.body.append(link, document.createElement('br'));
	}
}

void show();
