import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { cashierId } from '../context.ts';
import type { TerminalContext } from '../context.ts';

/**
 * Closes a refused entry that needs no correction: it stays as evidence and needs nobody any more. Only a manager decides that. The same
 * decision twice is once, also after a restart. See `outbox.close` for the errors.
 */
export async function closeEntry(
	context: TerminalContext,
	{ requestId, eventId, because }: CallInput<'outbox.close'>,
): Promise<Result<CallOutput<'outbox.close'>, LoyaltyError>> {
	return context.gate.run(`outbox.close ${requestId}`, async () => {
		if (context.cashier()?.role !== 'manager') return fail(terminalError('SESSION-104'));
		const closed = await context.outbox.closeRefused({ eventId, by: cashierId(context), because });
		return closed.ok ? ok({ eventId }) : closed;
	});
}
