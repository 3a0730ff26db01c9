import { AssertionError } from '#shared/lib/assert.ts';
import type { Clock } from '#shared/lib/clock.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { Logger } from '../../ports.ts';

/**
 * Settled entries stay for 400 days: a year of refunds by receipt, and far longer than any backup from which headquarters may be restored
 * and ask for them again (never less than `KEPT_AT_LEAST_MS`, by which the engine tells what was lost from what was retired).
 */
const KEPT_MS = 400 * 86_400_000;

/** Deletes what is older, a thousand entries at a time, so that a sale never waits long behind it. Ends early once `isStopped`. */
export async function retireOldEntries(options: {
	readonly outbox: Outbox;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly isStopped: () => boolean;
}): Promise<void> {
	const { outbox, clock, logger } = options;
	// The earlier of both clocks: one that runs ahead would delete what is still young.
	const nowMs = clock.nowMs() + Math.min(0, outbox.state().skewMs);
	let total = 0;
	try {
		for (let retired = 1; retired > 0 && !options.isStopped(); total += retired) retired = await outbox.retire(nowMs - KEPT_MS);
		if (total > 0) logger.info({ total }, 'old settled entries were deleted');
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		// Only room is not won: the next start tries again.
		logger.warn({ err: cause }, 'old entries could not be deleted');
	}
}
