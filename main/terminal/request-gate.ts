import { assert } from '#shared/lib/assert.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';

/** Answers that are kept for a repeated call; a window repeats within seconds. */
const ANSWERS_MAX = 500;

/**
 * The one way to calls that write. Owns their order: one runs at a time, so that what it checked (a receipt that earned today, a card that
 * is free, what is left of a sale) still holds when it records. Two calls with one request id are one call with one answer, also
 * while it runs. Answers are kept in memory only: across a restart the outbox's request row answers instead.
 */
export type RequestGate = {
	/** Runs `work` after all earlier work, unless `requestId` was or is being answered: then that answer. Rejects as `work` rejects. */
	readonly run: <T>(requestId: string, work: () => Promise<Result<T, LoyaltyError>>) => Promise<Result<T, LoyaltyError>>;
	/** Resolves when all work that was begun has ended. */
	readonly idle: () => Promise<void>;
};

/** A gate without work. `requestId` must name the call as well as the request: two kinds of calls never share an answer. */
export function createRequestGate(): RequestGate {
	const answers = new Map<string, Promise<unknown>>();
	let last: Promise<unknown> = Promise.resolve();

	async function answer<T>(requestId: string, work: () => Promise<Result<T, LoyaltyError>>): Promise<Result<T, LoyaltyError>> {
		try {
			const result = await work();
			// A refusal is no answer to keep: the cashier may mend what it was about and confirm again.
			if (!result.ok) answers.delete(requestId);
			return result;
		} catch (cause) {
			answers.delete(requestId);
			throw cause;
		}
	}

	return {
		run: async <T>(requestId: string, work: () => Promise<Result<T, LoyaltyError>>) => {
			const known = answers.get(requestId);
			// Stored below under the same id, which names the call and thereby the type of its answer.
			if (known !== undefined) return known as Promise<Result<T, LoyaltyError>>;
			const turn = last.then(() => answer(requestId, work));
			// The next one waits for the end, whatever it was; the caller of this one gets its rejection.
			last = turn.catch(() => null);
			answers.set(requestId, turn);
			const oldest = answers.keys().next();
			if (answers.size > ANSWERS_MAX && oldest.done !== true) answers.delete(oldest.value);
			assert(answers.size <= ANSWERS_MAX, 'answers are limited');
			return turn;
		},
		idle: async () => {
			await last;
		},
	};
}
