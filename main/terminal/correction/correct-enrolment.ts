import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { ProfileData } from '#shared/wire/event.ts';
import { cashierId, newEventId, readiness, withCashier } from '../context.ts';
import type { TerminalContext } from '../context.ts';
import { isTaken, ownCard, readForm, toFields } from '../enrolment/enrol.ts';
import { findRefused, findTurn, standingAnswer } from './refused-entry.ts';

/**
 * Records a refused enrolment anew, with card, name and contact as they should have been. It is the same member, so that what was sold to them
 * meanwhile finds its owner, and the same consents with their evidence: nobody was asked again. See `outbox.correctEnrolment` for the errors.
 */
export async function correctEnrolment(
	context: TerminalContext,
	input: CallInput<'outbox.correctEnrolment'>,
): Promise<Result<CallOutput<'outbox.correctEnrolment'>, LoyaltyError>> {
	return context.gate.run(`outbox.correctEnrolment ${input.requestId}`, async () => {
		const refused = await findRefused(context, input.eventId, 'enrolment');
		if (!refused.ok) return refused;
		const ready = readiness(context);
		if (!ready.ok) return ready;
		const applicant = readForm(context, input.form, ready.value.programme);
		if (!applicant.ok) return applicant;
		const { entry } = refused.value;
		const fields = toFields(applicant.value);
		const { requestId, standing } = await findTurn(context, entry.eventId);
		if (standing !== null) return standingAnswer(standing, hasFields(standing.event.data, fields));
		if (await isTaken(context, applicant.value.barcode, entry.memberId)) return fail(terminalError('ENROL-101'));
		const { language, consents } = entry.event.data;
		const recorded = await context.outbox.record({
			requestId,
			eventId: newEventId(context),
			event: {
				customer: entry.event.customer,
				action: 'opt_in',
				data: withCashier(context, {
					...fields,
					...(language === undefined ? {} : { language }),
					...(consents === undefined ? {} : { consents }),
					corrects: entry.eventId,
				}),
			},
			memberId: entry.memberId,
			pointsEstimated: 0,
			receipt: null,
			cashier: cashierId(context),
			...ownCard(ready.value, applicant.value.barcode),
		});
		return recorded.ok ? ok({ eventId: recorded.value.eventId }) : recorded;
	});
}

const FIELDS = ['loyalty_barcode', 'first_name', 'last_name', 'email', 'mobile_phone'] as const satisfies readonly (keyof ProfileData)[];

function hasFields(data: object, fields: ProfileData): boolean {
	const stored = new Map<string, unknown>(Object.entries(data));
	return FIELDS.every((name) => stored.get(name) === fields[name]);
}
