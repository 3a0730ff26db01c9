import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import { correctedOf } from '#sync/outbox/correction.ts';
import type { Entry, EntryStatus } from '#sync/outbox/entry.ts';
import type { TerminalContext } from '../context.ts';
import { readCorrectable } from '../correction/refused-entry.ts';
import { languageOf, personOf } from '../member/known-member.ts';
import { shortName } from '../member/names.ts';
import { barcodeOf, memberOf } from '../sale/recorded.ts';
import { canVoid } from '../sale/void-entry.ts';
import { refusalOf } from './refusal.ts';

const DISPLAY: Readonly<Record<EntryStatus, OutboxLine['displayStatus']>> = {
	pending: 'will_be_sent',
	sending: 'on_its_way',
	unknown: 'on_its_way',
	deferred: 'waits_for_headquarters',
	rejected: 'needs_person',
	parked: 'needs_person',
	applied: 'accepted',
	voided: 'taken_back',
	closed: 'closed',
};

/** Stored states in which a person must look. */
export const NEEDS_PERSON = ['rejected', 'parked'] as const satisfies readonly EntryStatus[];

/** Entries as the Outbox screen tells them, in the order given. */
export async function describeEntries(
	context: TerminalContext,
	entries: readonly (Entry & { readonly position: number })[],
): Promise<OutboxLine[]> {
	const refused = entries.filter(({ status }) => status === 'rejected').map(({ eventId }) => eventId);
	const corrections = refused.length === 0 ? [] : await context.outbox.corrections(refused);
	const newer = new Map(corrections.map(({ of, entry }) => [of, entry]));
	return Promise.all(entries.map((entry) => describeEntry(context, entry, newer.get(entry.eventId) ?? null)));
}

async function describeEntry(
	context: TerminalContext,
	entry: Entry & { readonly position: number },
	correction: Entry | null,
): Promise<OutboxLine> {
	return {
		position: entry.position,
		eventId: entry.eventId,
		action: entry.action,
		displayStatus: correction === null ? DISPLAY[entry.status] : 'corrected',
		memberId: entry.memberId,
		who: await whoIs(context, entry),
		atMs: entry.occurredAtMs,
		cashier: cashierName(context, entry.cashier),
		...receiptOf(entry),
		points: entry.outcome?.points ?? entry.pointsEstimated,
		refusal: refusalOf(entry),
		attempts: entry.attempts,
		canVoid: await canVoid(context, entry),
		canResend: correction === null && NEEDS_PERSON.some((status) => status === entry.status),
		canCorrect: correction === null && (await readCorrectable(context, entry)) !== null,
		canClose: correction === null && entry.status === 'rejected',
		closing: closingOf(context, entry),
		correctedBy: correction?.eventId ?? null,
		corrects: correctedOf(entry.event),
	};
}

function receiptOf({ receipt }: Entry): Pick<OutboxLine, 'receiptNumber' | 'amountMinor' | 'currency'> {
	if (receipt === null) return { receiptNumber: null, amountMinor: null, currency: null };
	const { receiptNumber, amountMinor, currency } = receipt;
	return { receiptNumber, amountMinor, currency };
}

function closingOf(context: TerminalContext, { closing }: Entry): OutboxLine['closing'] {
	return closing === null ? null : { by: cashierName(context, closing.by), atMs: closing.atMs, because: closing.because };
}

/** What a cashier is called; the id of one who has left. */
export function cashierName({ cashiers }: TerminalContext, id: string): string {
	return cashiers().find((cashier) => cashier.id === id)?.displayName ?? id;
}

/** First letter and last name, the card of an unknown member, or '' for who is gone. */
async function whoIs(context: TerminalContext, entry: Entry): Promise<string> {
	const known = await memberOf(context, entry);
	const name = known === null ? null : shortName(personOf(known), await languageOf(context, known));
	return name ?? barcodeOf(entry) ?? '';
}
