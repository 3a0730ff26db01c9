import type { CallOutput } from '#shared/bridge/contract.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Entry, EntryStatus } from '#sync/outbox/entry.ts';
import type { TerminalContext } from '../context.ts';
import { languageOf, personOf } from '../member/known-member.ts';
import { initials } from '../member/names.ts';
import { memberOf } from '../sale/recorded.ts';

type Shift = CallOutput<'session.shift'>;

const JUST_SERVED_MAX = 8;
/** All but taken back. */
const STANDING = ['pending', 'sending', 'applied', 'rejected', 'deferred', 'unknown', 'parked'] as const satisfies readonly EntryStatus[];

/**
 * This shift on this terminal: since the outlet's midnight, for nothing is recorded before the first sign-in of the day. Initials only,
 * since members see the screen.
 */
export async function readShift(context: TerminalContext): Promise<Result<Shift, LoyaltyError>> {
	const sinceMs = context.calendar.startOfDayMs(context.clock.nowMs());
	const { salesWithCard, enrolled, pointsGiven } = await context.outbox.shiftSummary(sinceMs);
	const newest = await context.outbox.list({ statuses: STANDING, limit: JUST_SERVED_MAX });
	const served = newest.filter(({ occurredAtMs }) => occurredAtMs >= sinceMs);
	return ok({ salesWithCard, enrolled, pointsGiven, justServed: await Promise.all(served.map((entry) => describeServed(context, entry))) });
}

async function describeServed(context: TerminalContext, entry: Entry): Promise<Shift['justServed'][number]> {
	const known = await memberOf(context, entry);
	return {
		eventId: entry.eventId,
		initials: known === null ? '' : initials(personOf(known), await languageOf(context, known)),
		atMs: entry.occurredAtMs,
		action: entry.action,
		receiptNumber: entry.receipt?.receiptNumber ?? null,
		points: entry.outcome?.points ?? entry.pointsEstimated,
	};
}
