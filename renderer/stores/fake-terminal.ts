import { connectServices } from '../bridge/services.ts';
import { createScriptedBridge } from '../bridge/scripted/scripted-bridge.ts';
import type { Script, ScriptedBridge } from '../bridge/scripted/scripted-bridge.ts';
import { NOW_MS } from '../bridge/scripted/fixtures.ts';
import { calm } from '../bridge/scripted/scripts.ts';
import { initialEarnState, useEarnStore } from './earn/earn-store.ts';
import { initialEnrolState, useEnrolStore } from './enrol/enrol-store.ts';
import { initialFindState, useFindStore } from './find/find-store.ts';
import { initialLockState, useLockStore } from './lock/lock-store.ts';
import { initialOutboxState, useOutboxStore } from './outbox/outbox-store.ts';
import { initialPlaceState, usePlaceStore } from './place/place-store.ts';
import { initialRefundState, useRefundStore } from './refund/refund-store.ts';
import { loadSession } from './session/session-actions.ts';
import { initialSessionState, useSessionStore } from './session/session-store.ts';
import { useSignalStore } from './signal/signal-store.ts';
import { initialSyncState, useSyncStore } from './sync/sync-store.ts';

/** A page that has just opened on services that answer by `script`; what the script does not say goes as on a calm day. */
export async function openFakeTerminal(script: Script = {}): Promise<ScriptedBridge> {
	useEarnStore.setState({ earn: initialEarnState });
	useEnrolStore.setState(initialEnrolState, true);
	useFindStore.setState(initialFindState, true);
	useLockStore.setState(initialLockState, true);
	useOutboxStore.setState(initialOutboxState, true);
	usePlaceStore.setState(initialPlaceState, true);
	useRefundStore.setState({ refund: initialRefundState });
	useSessionStore.setState(initialSessionState, true);
	useSignalStore.setState({ signal: null });
	useSyncStore.setState(initialSyncState, true);
	const bridge = createScriptedBridge({ ...calm, ...script });
	connectServices(bridge);
	await loadSession(NOW_MS);
	return bridge;
}

/** What the page said last. */
export function lastSaid(): unknown {
	return useSignalStore.getState().signal?.said;
}
