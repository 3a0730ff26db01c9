import type { z } from 'zod';
import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import type { OutboxLine, ProofSchema } from '#shared/bridge/outbox-calls.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Entry, EntryStatus } from '#sync/outbox/entry.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { TerminalContext } from '../context.ts';
import { languageOf, personOf } from '../member/known-member.ts';
import { shortName } from '../member/names.ts';
import { barcodeOf, memberOf } from '../sale/recorded.ts';
import { canVoid } from '../sale/void-entry.ts';
import { refusalOf } from './refusal.ts';

type ListQuery = CallInput<'outbox.list'>;
type Listed = Awaited<ReturnType<Outbox['list']>>[number];

const DISPLAY: Readonly<Record<EntryStatus, OutboxLine['displayStatus']>> = {
	pending: 'will_be_sent',
	sending: 'on_its_way',
	unknown: 'on_its_way',
	deferred: 'waits_for_headquarters',
	rejected: 'needs_person',
	parked: 'needs_person',
	applied: 'accepted',
	voided: 'taken_back',
};
const NEEDS_PERSON = ['rejected', 'parked'] as const satisfies readonly EntryStatus[];
const ON_THE_WAY = ['pending', 'sending', 'deferred', 'unknown'] as const satisfies readonly EntryStatus[];

/** What the Outbox screen lists, and the proof of the day. `waiting` lists what needs a person first, each part newest first. */
export async function listOutbox(context: TerminalContext, query: ListQuery): Promise<Result<CallOutput<'outbox.list'>, LoyaltyError>> {
	const entries = query.show === 'all' ? await page(context, query) : await waitingPage(context, query);
	const shown = entries.slice(0, query.limit);
	const lines = await Promise.all(shown.map((entry) => describeEntry(context, entry)));
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
		const resent = await context.outbox.resend(entry.eventId);
		return resent.ok ? ok({ eventId: entry.eventId }) : resent;
	});
}

/** One entry more than asked for, to tell whether there are more. */
async function page(context: TerminalContext, { before, limit }: ListQuery, statuses?: readonly EntryStatus[]): Promise<readonly Listed[]> {
	return context.outbox.list({
		limit: limit + 1,
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
	const [entry] = await context.outbox.list({ before: position + 1, limit: 1, statuses });
	return entry?.position === position;
}

/** recorded = accepted + refused + waiting + voided, since the outlet's midnight. */
async function dayProof(context: TerminalContext): Promise<z.infer<typeof ProofSchema>> {
	const sinceMs = context.calendar.startOfDayMs(context.clock.nowMs());
	return { ...(await context.outbox.proof(sinceMs)), sinceMs };
}

async function describeEntry(context: TerminalContext, entry: Listed): Promise<OutboxLine> {
	return {
		position: entry.position,
		eventId: entry.eventId,
		action: entry.action,
		displayStatus: DISPLAY[entry.status],
		memberId: entry.memberId,
		who: await whoIs(context, entry),
		atMs: entry.occurredAtMs,
		cashier: context.cashiers().find(({ id }) => id === entry.cashier)?.displayName ?? entry.cashier,
		receiptNumber: entry.receipt?.receiptNumber ?? null,
		amountMinor: entry.receipt?.amountMinor ?? null,
		currency: entry.receipt?.currency ?? null,
		points: entry.outcome?.points ?? entry.pointsEstimated,
		refusal: refusalOf(entry),
		attempts: entry.attempts,
		canVoid: await canVoid(context, entry),
		canResend: NEEDS_PERSON.some((status) => status === entry.status),
	};
}

/** First letter and last name, the card of an unknown member, or '' for who is gone. */
async function whoIs(context: TerminalContext, entry: Entry): Promise<string> {
	const known = await memberOf(context, entry);
	const name = known === null ? null : shortName(personOf(known), await languageOf(context, known));
	return name ?? barcodeOf(entry) ?? '';
}
