import type { z } from 'zod';
import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import type { ProofSchema } from '#shared/bridge/outbox-calls.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { EntryStatus } from '#sync/outbox/entry.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { TerminalContext } from '../context.ts';
import { describeEntries, NEEDS_PERSON } from './outbox-line.ts';

type ListQuery = CallInput<'outbox.list'>;
type Listed = Awaited<ReturnType<Outbox['list']>>[number];

/** What the other filters show; `all` has no filter. */
const STATUSES = { needs_person: NEEDS_PERSON, accepted: ['applied'], all: undefined } as const satisfies Record<
	Exclude<ListQuery['show'], 'waiting'>,
	readonly EntryStatus[] | undefined
>;
const ON_THE_WAY = ['pending', 'sending', 'deferred', 'unknown'] as const satisfies readonly EntryStatus[];

/** What the Outbox screen lists, and the sums of the day. `waiting` lists what needs a person first, each part newest first. */
export async function listOutbox(context: TerminalContext, query: ListQuery): Promise<Result<CallOutput<'outbox.list'>, LoyaltyError>> {
	const entries = query.show === 'waiting' ? await waitingPage(context, query) : await page(context, query, STATUSES[query.show]);
	const lines = await describeEntries(context, entries.slice(0, query.limit));
	return ok({ lines, hasMore: entries.length > query.limit, proof: await dayProof(context) });
}

/** Offers a refused or parked entry to headquarters again. OUTBOX-101 when there is none to offer. */
export async function resend(
	context: TerminalContext,
	input: CallInput<'outbox.resend'>,
): Promise<Result<CallOutput<'outbox.resend'>, LoyaltyError>> {
	return context.gate.run(`outbox.resend ${input.requestId}`, async () => {
		const entry = await context.outbox.get(input.eventId);
		if (entry === null) return fail(terminalError('OUTBOX-101'));
		// On its way already: an earlier call with a lost answer did it, or the terminal by itself. Either way it is as the person wants it.
		if (ON_THE_WAY.some((status) => status === entry.status)) return ok({ eventId: entry.eventId });
		// It would count twice: once as it was and once as it was corrected.
		if ((await context.outbox.corrections([entry.eventId])).length > 0) return fail(terminalError('OUTBOX-101'));
		const resent = await context.outbox.resend(entry.eventId);
		return resent.ok ? ok({ eventId: entry.eventId }) : resent;
	});
}

/** One entry more than asked for, to tell whether there are more. */
async function page(
	context: TerminalContext,
	{ show, before, limit }: ListQuery,
	statuses?: readonly EntryStatus[],
): Promise<readonly Listed[]> {
	return context.outbox.list({
		limit: limit + 1,
		// What a manager has corrected needs nobody; it stays in the list of all.
		isCorrectedLeftOut: show !== 'all',
		...(before === undefined ? {} : { before }),
		...(statuses === undefined ? {} : { statuses }),
	});
}

async function waitingPage(context: TerminalContext, query: ListQuery): Promise<readonly Listed[]> {
	// The last line of the page before tells in which of the two parts it ended.
	if (query.before !== undefined && !(await isPlaceOf(context, query.before, NEEDS_PERSON))) return page(context, query, ON_THE_WAY);
	const needsPerson = await page(context, query, NEEDS_PERSON);
	const room = query.limit - needsPerson.length;
	if (room < 0) return needsPerson;
	return [...needsPerson, ...(await page(context, { show: 'waiting', limit: room }, ON_THE_WAY))];
}

async function isPlaceOf(context: TerminalContext, position: number, statuses: readonly EntryStatus[]): Promise<boolean> {
	const [entry] = await context.outbox.list({ before: position + 1, limit: 1, statuses, isCorrectedLeftOut: true });
	return entry?.position === position;
}

/** recorded = accepted + refused + waiting + voided, since the outlet's midnight. */
async function dayProof(context: TerminalContext): Promise<z.infer<typeof ProofSchema>> {
	const sinceMs = context.calendar.startOfDayMs(context.clock.nowMs());
	return { ...(await context.outbox.proof(sinceMs)), sinceMs };
}
