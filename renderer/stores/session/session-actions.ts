import type { Session, Status } from '#shared/bridge/session-calls.ts';
import type { Connection } from '../../bridge/live-bridge.ts';
import { services } from '../../bridge/services.ts';
import { applyVolume } from '../sound/sound-store.ts';
import { useSessionStore } from './session-store.ts';

/** Reads everything that the services tell about this terminal; again after each lost connection, since events were missed. */
export async function loadSession(pageNowMs: number): Promise<void> {
	const [session, status] = await Promise.all([services().call('session.open', {}), services().call('status.get', {})]);
	if (session.ok) applySession(session.value, pageNowMs);
	else useSessionStore.setState({ error: session.error });
	if (status.ok) applyStatus(status.value);
	await loadShift();
}

/** Reads what this shift did. A failure leaves what was known: these numbers decide nothing. */
export async function loadShift(): Promise<void> {
	const shift = await services().call('session.shift', {});
	if (shift.ok) useSessionStore.setState({ shift: shift.value });
}

/** Takes over a session that the services told. `pageNowMs` is the page's clock at that moment. */
export function applySession(session: Session, pageNowMs: number): void {
	// While it is being moved, what the terminal keeps is older.
	if (session.volumePercent !== useSessionStore.getState().session?.volumePercent) applyVolume(session);
	useSessionStore.setState({ session, error: null, clockOffsetMs: session.nowMs - pageNowMs, nowMs: session.nowMs });
}

/** Takes over how the line is. */
export function applyStatus(status: Status): void {
	useSessionStore.setState({ status });
}

/** Takes over whether the services answer. */
export function applyConnection(connection: Connection): void {
	useSessionStore.setState({ connection });
}

/** Moves the shown time. `pageNowMs` is the page's clock. */
export function tick(pageNowMs: number): void {
	useSessionStore.setState((state) => ({ nowMs: pageNowMs + state.clockOffsetMs }));
}

/** Asks the services to try headquarters now; the answer also comes as an event. */
export async function syncNow(): Promise<void> {
	const status = await services().call('status.syncNow', {});
	if (status.ok) applyStatus(status.value);
}
