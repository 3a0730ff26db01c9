import type { LiveBridge } from '../bridge/live-bridge.ts';
import { connectServices } from '../bridge/services.ts';
import { refreshSubject } from '../stores/find/find-actions.ts';
import { hideWork } from '../stores/lock/lock-actions.ts';
import { loadOutbox } from '../stores/outbox/outbox-actions.ts';
import { placeOf, usePlaceStore } from '../stores/place/place-store.ts';
import { loadProof } from '../stores/proof/proof-store.ts';
import { loadDetails } from '../stores/sync/sync-store.ts';
import { applyConnection, applySession, applyStatus, loadSession, loadShift, tick } from '../stores/session/session-actions.ts';
import { useSessionStore } from '../stores/session/session-store.ts';

/** Changes come in bursts (a bulk answer changes a thousand entries): what is on screen is read again once they pause. */
const REFRESH_AFTER_MS = 250;
/** Ages are told in minutes, waits in seconds. */
const TICK_MS = 5000;

/** Connects the page to its services and follows what they tell, for as long as the page lives. */
export function followServices(bridge: LiveBridge): void {
	const client = connectServices(bridge);
	let refresh: number | undefined;
	client.on('status.changed', applyStatus);
	client.on('session.changed', (session) => {
		const wasLocked = useSessionStore.getState().session?.isLocked === true;
		applySession(session, Date.now());
		if (session.isLocked && !wasLocked) hideWork();
	});
	client.on('data.changed', () => {
		window.clearTimeout(refresh);
		refresh = window.setTimeout(() => void refreshShown(), REFRESH_AFTER_MS);
	});
	bridge.watch((connection) => {
		applyConnection(connection);
		if (connection === 'open') void loadSession(Date.now()).then(refreshShown);
	});
	window.setInterval(() => tick(Date.now()), TICK_MS);
}

async function refreshShown(): Promise<void> {
	if (useSessionStore.getState().session?.isLocked !== false) return;
	const place = usePlaceStore.getState();
	const { at } = placeOf(place);
	await Promise.all([
		loadShift(),
		refreshSubject(),
		at === 'outbox' ? loadOutbox() : undefined,
		at === 'sync' ? loadDetails() : undefined,
		place.overlay.kind === 'proof' ? loadProof() : undefined,
	]);
}
