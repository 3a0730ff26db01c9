import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { Timers } from '#shared/lib/clock.ts';
import type { HqContext } from '../context.ts';
import { isRetryable } from '../storage/database.ts';
import type { Queryable } from '../storage/database.ts';
import { ConcurrentChange } from './batch/read-world.ts';

/** Attempts of a transaction against others. */
export const ATTEMPTS_MAX = 6;
const RETRY = { firstMs: 10, maxMs: 500 };

export type RetryContext = Pick<HqContext, 'database' | 'random' | 'timers' | 'logger'>;

/** Whether another transaction was in the way: the same again may succeed. */
export function isContention(error: unknown): boolean {
	return isRetryable(error) || error instanceof ConcurrentChange;
}

/** Waits before attempt `attempt` + 1. */
export function pauseBefore({ timers, random }: { readonly timers: Timers } & Pick<HqContext, 'random'>, attempt: number): Promise<void> {
	return new Promise((resolve) => {
		timers.after(nextDelayMs(RETRY, attempt, random), resolve);
	});
}

/** Runs `work` in a transaction, again while another one is in the way. `busy` when it still was at the last attempt. Other errors are thrown. */
export async function retryTransaction<T>(context: RetryContext, what: string, work: (tx: Queryable) => Promise<T>): Promise<T | 'busy'> {
	for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
		try {
			return await context.database.tx(work);
		} catch (error) {
			if (!isContention(error)) throw error;
			context.logger.debug({ error, attempt, what }, 'another transaction was in the way');
			await pauseBefore(context, attempt);
		}
	}
	return 'busy';
}
