import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';
import { loadOutbox } from '../outbox/outbox-actions.ts';
import { showOverlay } from '../place/place-store.ts';
import { raise } from '../signal/signal-store.ts';
import type { PlainSaid } from '../signal/signal-store.ts';

/** What a form over the list knows of its attempt to record: under way, what went wrong, the request id of one without an answer. */
export type Attempt = { readonly isSending: boolean; readonly problem: LoyaltyError | null; readonly requestId: string | null };
export const NO_ATTEMPT: Attempt = { isSending: false, problem: null, requestId: null };

type AttemptStore = { readonly getState: () => Attempt; readonly setState: (part: Partial<Attempt>) => void };

/**
 * Records what a form says, once: an attempt without an answer keeps its request id, a clear no ends it. When it is recorded the form is
 * forgotten and closed, and the list is read again.
 */
export async function attempt(
	store: AttemptStore,
	send: (requestId: string) => Promise<Result<unknown, LoyaltyError>>,
	after: { readonly said: PlainSaid; readonly reset: () => void },
): Promise<void> {
	if (store.getState().isSending) return;
	const requestId = store.getState().requestId ?? crypto.randomUUID();
	store.setState({ isSending: true, problem: null, requestId });
	const answer = await send(requestId);
	if (!answer.ok) {
		const mayHaveArrived = answer.error.verdict === 'unknown' || answer.error.verdict === 'retry_later';
		store.setState({ isSending: false, problem: answer.error, requestId: mayHaveArrived ? requestId : null });
		raise('refused', { kind: 'error', error: answer.error });
		return;
	}
	after.reset();
	showOverlay({ kind: 'none' });
	raise('found', { kind: 'plain', id: after.said }, true);
	await loadOutbox();
}
