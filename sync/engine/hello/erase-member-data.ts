import { AssertionError } from '#shared/lib/assert.ts';
import type { EngineContext } from '../engine-context.ts';

/** Revoked: whoever has this terminal has no business with the member data any more. The outbox is kept. */
export async function eraseMemberData({ replica, logger, board }: EngineContext): Promise<void> {
	try {
		await replica.erase();
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		// The next start is told again that it is revoked, and tries again.
		logger.error({ err: cause }, 'the member data of a revoked terminal could not be erased');
	}
	board.refresh();
}
