import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { TerminalContext } from '../context.ts';
import { checkAmount, toRecording } from '../sale/refund.ts';
import { findRefused, findTurn, standingAnswer } from './refused-entry.ts';

/** Records a refused refund anew with another amount of the same sale. See `outbox.correctRefund` for the errors. */
export async function correctRefund(
	context: TerminalContext,
	input: CallInput<'outbox.correctRefund'>,
): Promise<Result<CallOutput<'outbox.correctRefund'>, LoyaltyError>> {
	return context.gate.run(`outbox.correctRefund ${input.requestId}`, async () => {
		const refused = await findRefused(context, input.eventId, 'refund');
		// What stands of a correction counts as refunded: without a rest there is none to record, but there is one to answer with.
		const turn = await findTurn(context, input.eventId);
		if (turn.standing !== null && context.cashier()?.role === 'manager')
			return standingAnswer(turn.standing, turn.standing.receipt?.amountMinor === input.amountMinor);
		if (!refused.ok) return refused;
		const { entry, sale } = refused.value;
		const refundMinor = checkAmount(input.amountMinor, sale);
		if (!refundMinor.ok) return refundMinor;
		const recording = await toRecording(context, sale, {
			requestId: turn.requestId,
			refundMinor: refundMinor.value,
			corrects: entry.eventId,
		});
		const recorded = await context.outbox.record(recording);
		return recorded.ok ? ok({ eventId: recorded.value.eventId }) : recorded;
	});
}
