import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import type { EventId } from '#shared/domain/ids.ts';
import type { Result } from '#shared/lib/result.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { services } from '../../bridge/services.ts';
import { refreshSubject } from '../find/find-actions.ts';
import { enter } from '../place/place-store.ts';
import { loadShift } from '../session/session-actions.ts';
import { raise } from '../signal/signal-store.ts';
import type { PlainSaid } from '../signal/signal-store.ts';
import { useOutboxStore } from './outbox-store.ts';
import type { OutboxState } from './outbox-store.ts';

/** Lines read at once. */
const PAGE_LINES = 50;
/** More than this is not re-read when something changes: the newest suffice, older ones are paged to. */
const RELOAD_LINES_MAX = 200;

/** Opens the list and reads it. */
export async function openOutbox(): Promise<void> {
	enter({ at: 'outbox' });
	await loadOutbox();
}

/** Reads the list again from its newest line, as long as it was. */
export async function loadOutbox(): Promise<void> {
	const { show, lines } = useOutboxStore.getState();
	const limit = Math.min(RELOAD_LINES_MAX, Math.max(PAGE_LINES, lines.length));
	const seq = nextSeq();
	const answer = await services().call('outbox.list', { show, limit });
	if (useOutboxStore.getState().seq !== seq) return;
	if (answer.ok) useOutboxStore.setState({ ...answer.value, error: null });
	else useOutboxStore.setState({ error: answer.error });
	await loadLife();
}

/** Reads the lines before the oldest one shown. */
export async function loadOlder(): Promise<void> {
	const { show, lines } = useOutboxStore.getState();
	const oldest = lines.at(-1);
	if (oldest === undefined) return;
	const seq = nextSeq();
	const answer = await services().call('outbox.list', { show, before: oldest.position, limit: PAGE_LINES });
	if (useOutboxStore.getState().seq !== seq) return;
	if (answer.ok)
		useOutboxStore.setState({ lines: [...lines, ...answer.value.lines], hasMore: answer.value.hasMore, proof: answer.value.proof });
	else useOutboxStore.setState({ error: answer.error });
}

/** Shows only what waits, or everything. */
export async function showOutbox(show: OutboxState['show']): Promise<void> {
	useOutboxStore.setState({ show, lines: [], hasMore: false, openedId: null, life: null });
	await loadOutbox();
}

/** Opens or closes the details of an entry; opened, its life is read. */
export async function toggleDetails(eventId: EventId): Promise<void> {
	useOutboxStore.setState(({ openedId }) => ({ openedId: openedId === eventId ? null : eventId, life: null }));
	await loadLife();
}

/** Reads the life of the entry that is open, if one is. A late answer about another is dropped. */
async function loadLife(): Promise<void> {
	const { openedId } = useOutboxStore.getState();
	if (openedId === null) return;
	const answer = await services().call('outbox.entry', { eventId: openedId });
	if (answer.ok && useOutboxStore.getState().openedId === openedId) useOutboxStore.setState({ life: answer.value });
}

/** Sends an entry again that headquarters refused. */
export async function resend(line: OutboxLine): Promise<void> {
	await act(line, 'resent', () => services().call('outbox.resend', { requestId: crypto.randomUUID(), eventId: line.eventId }));
}

/** Takes an entry back that has not left yet. */
export async function takeBack(line: OutboxLine): Promise<void> {
	await act(line, 'undone', () => services().call('sale.void', { requestId: crypto.randomUUID(), eventId: line.eventId }));
}

async function act(line: OutboxLine, said: PlainSaid, run: () => Promise<Result<unknown, LoyaltyError>>): Promise<void> {
	if (useOutboxStore.getState().busyId !== null) return;
	useOutboxStore.setState({ busyId: line.eventId });
	const answer = await run();
	useOutboxStore.setState({ busyId: null });
	if (answer.ok) raise('found', { kind: 'plain', id: said }, true);
	else raise('refused', { kind: 'error', error: answer.error }, true);
	await Promise.all([loadOutbox(), loadShift(), refreshSubject()]);
}

function nextSeq(): number {
	const seq = useOutboxStore.getState().seq + 1;
	useOutboxStore.setState({ seq });
	return seq;
}
