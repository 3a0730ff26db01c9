import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import type { TerminalContext } from '../context.ts';
import { memberCard } from '../member/member-card.ts';
import { isUnsent, memberOf } from './recorded.ts';

/** What can be taken back at the till. An enrolment cannot: sales may already count on it. */
const VOIDABLE = new Set<Entry['action']>(['checkout', 'refund', 'partial_refund']);

/**
 * Takes back a sale or a refund that never left the terminal. Taking back twice is taking back. SALE-107 when it is too late, or when
 * a refund of the sale counts on it; OUTBOX-101 when there is no such entry.
 */
export async function voidEntry(
	context: TerminalContext,
	input: CallInput<'sale.void'>,
): Promise<Result<CallOutput<'sale.void'>, LoyaltyError>> {
	return context.gate.run(`sale.void ${input.requestId}`, async () => {
		const entry = await context.outbox.get(input.eventId);
		if (entry === null) return fail(terminalError('OUTBOX-101'));
		if (entry.status !== 'voided') {
			if (!(await canVoid(context, entry))) return fail(terminalError('SALE-107'));
			const voided = await context.outbox.voidEntry(entry.eventId);
			// Between the look and the write it may have been taken for sending: the outbox decides, with the same code.
			if (!voided.ok) return voided;
		}
		const known = await memberOf(context, entry);
		return ok({ eventId: entry.eventId, member: known === null ? null : await memberCard(context, known) });
	});
}

/** Whether the cashier may take the entry back. */
export async function canVoid(context: TerminalContext, entry: Entry): Promise<boolean> {
	if (!VOIDABLE.has(entry.action) || !isUnsent(entry)) return false;
	if (entry.action !== 'checkout' || entry.receipt === null) return true;
	const sales = await context.outbox.findSales(entry.receipt.receiptNumber);
	return sales.every((sale) => sale.entry.eventId !== entry.eventId || sale.refundedMinor === 0);
}
