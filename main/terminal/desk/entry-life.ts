import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import type { EntryStep } from '#shared/bridge/outbox-calls.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { must } from '#shared/lib/assert.ts';
import { correctedOf } from '#sync/outbox/correction.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import type { TerminalContext } from '../context.ts';
import { findById } from '../member/known-member.ts';
import { barcodeOf } from '../sale/recorded.ts';
import { cashierName, describeEntries } from './outbox-line.ts';

type Life = CallOutput<'outbox.entry'>;

/** One entry with everything that happened to it, oldest first. OUTBOX-101 when there is none. */
export async function readEntryLife(context: TerminalContext, { eventId }: CallInput<'outbox.entry'>): Promise<Result<Life, LoyaltyError>> {
	const entry = await context.outbox.get(eventId);
	if (entry === null) return fail(terminalError('OUTBOX-101'));
	const [line] = await describeEntries(context, [{ ...entry, position: 0 }]);
	const [correction] = entry.status === 'rejected' ? await context.outbox.corrections([eventId]) : [];
	return ok({
		line: must(line, 'the line of the entry'),
		steps: stepsOf(context, entry, correction?.entry ?? null),
		seq: entry.seq,
		transactionId: entry.receipt?.transactionId ?? null,
		barcode: await barcodeFor(context, entry),
	});
}

/** The card in the event, or the one that the member has now. */
async function barcodeFor(context: TerminalContext, entry: Entry): Promise<Life['barcode']> {
	const inEvent = barcodeOf(entry);
	if (inEvent !== null || entry.memberId === null) return inEvent;
	const known = await findById(context, entry.memberId);
	if (known === null) return null;
	return known.from === 'replica' ? known.member.card : known.enrolment.barcode;
}

function stepsOf(context: TerminalContext, entry: Entry, correction: Entry | null): EntryStep[] {
	const older = correctedOf(entry.event);
	return [
		{ kind: 'recorded', atMs: entry.occurredAtMs, cashier: cashierName(context, entry.cashier) },
		...(older === null ? [] : [{ kind: 'corrects' as const, atMs: entry.occurredAtMs, eventId: older }]),
		...sentSteps(entry),
		...answerSteps(entry),
		...waitingSteps(entry),
		...closingSteps(context, entry),
		...(correction === null
			? []
			: [
					{
						kind: 'corrected' as const,
						atMs: correction.occurredAtMs,
						eventId: correction.eventId,
						cashier: cashierName(context, correction.cashier),
					},
				]),
	];
}

function sentSteps({ sentAtMs, attempts, status }: Entry): EntryStep[] {
	if (sentAtMs === null) return [];
	return [{ kind: 'sent', atMs: sentAtMs, attempts, isAnswerOpen: status === 'sending' || status === 'unknown' }];
}

function answerSteps({ status, outcome, memberId }: Entry): EntryStep[] {
	if (status === 'voided') return [{ kind: 'taken_back', atMs: null }];
	if (status === 'deferred') return [{ kind: 'deferred', atMs: null }];
	if (outcome === null) return [];
	const { settledAtMs: atMs, error, points, appliedTo } = outcome;
	if (status === 'applied')
		return [{ kind: 'accepted', atMs, points, isOtherMember: memberId !== null && appliedTo !== null && appliedTo !== memberId }];
	if (error === null || (status !== 'rejected' && status !== 'closed' && status !== 'parked')) return [];
	return [{ kind: status === 'parked' ? 'set_aside' : 'refused', atMs, code: error.code, said: error.message.slice(0, 500) }];
}

function closingSteps(context: TerminalContext, { closing }: Entry): EntryStep[] {
	if (closing === null) return [];
	return [{ kind: 'closed', atMs: closing.atMs, cashier: cashierName(context, closing.by), because: closing.because }];
}

function waitingSteps({ status, nextAttemptAtMs }: Entry): EntryStep[] {
	const isWaiting = status === 'pending' || status === 'deferred' || status === 'parked';
	return isWaiting && nextAttemptAtMs !== null ? [{ kind: 'next_try', atMs: nextAttemptAtMs }] : [];
}
