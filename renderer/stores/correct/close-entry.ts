import { create } from 'zustand';
import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import type { ClosingReason } from '#shared/domain/closing.ts';
import { services } from '../../bridge/services.ts';
import { showOverlay } from '../place/place-store.ts';
import { attempt, NO_ATTEMPT } from './attempt.ts';
import type { Attempt } from './attempt.ts';

/** A refused entry that a manager is about to close. No reason is chosen beforehand: it is a decision, not an Enter too many. */
export type CloseState = Attempt & {
	readonly line: OutboxLine | null;
	readonly because: ClosingReason | null;
	/** Enter was pressed without a reason. */
	readonly isReasonAsked: boolean;
};

const INITIAL: CloseState = { ...NO_ATTEMPT, line: null, because: null, isReasonAsked: false };

export const useCloseStore = create<CloseState>(() => INITIAL);

/** Opens the question why. */
export function openClose(line: OutboxLine): void {
	useCloseStore.setState({ ...INITIAL, line });
	showOverlay({ kind: 'close' });
}

/** Chooses the reason. */
export function chooseReason(because: ClosingReason): void {
	useCloseStore.setState({ because, isReasonAsked: false, problem: null, requestId: null });
}

/** Enter: closes the entry, or asks for the reason. */
export async function confirmClose(): Promise<void> {
	const { line, because } = useCloseStore.getState();
	if (line === null) return;
	if (because === null) return useCloseStore.setState({ isReasonAsked: true });
	const { eventId } = line;
	await attempt(useCloseStore, (requestId) => services().call('outbox.close', { requestId, eventId, because }), {
		said: 'closed',
		reset: resetClose,
	});
}

/** Forgets what was chosen. */
export function resetClose(): void {
	useCloseStore.setState(INITIAL);
}
