import type { CallOutput } from '#shared/bridge/contract.ts';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { CorrectionDraft, EntryStep, OutboxLine, ProofSheet } from '#shared/bridge/outbox-calls.ts';
import { at, eventId, outboxLine, unknownBarcode } from './fixtures.ts';

/** A morning without the line: one entry that headquarters refused, and what waits behind it. */
export const outboxAnswer: CallOutput<'outbox.list'> = {
	lines: [
		outboxLine(1, {
			action: 'opt_in',
			displayStatus: 'needs_person',
			who: 'M. Szabó',
			atMs: at(9, 31),
			receiptNumber: null,
			amountMinor: null,
			currency: null,
			points: 0,
			attempts: 2,
			canResend: true,
			canCorrect: true,
			canClose: true,
			refusal: { kind: 'identity_conflict', code: 3007 },
		}),
		outboxLine(2, {
			displayStatus: 'waits_for_headquarters',
			who: unknownBarcode,
			memberId: null,
			atMs: at(8, 52),
			amountMinor: 1840,
			points: 18,
			receiptNumber: '000719',
		}),
		outboxLine(3, { displayStatus: 'on_its_way', attempts: 1, corrects: eventId(10) }),
		outboxLine(4, { who: 'B. Tóth', amountMinor: 12_800, points: 128, canVoid: true }),
		outboxLine(5, { action: 'partial_refund', who: 'L. Kovács', amountMinor: 3600, points: -36 }),
		outboxLine(6, { who: 'فاطمة الزهراء' }),
		outboxLine(7, {
			action: 'point_add',
			receiptNumber: null,
			amountMinor: null,
			currency: null,
			points: 200,
			who: 'A. Balogh',
			cashier: 'Judit Sz.',
		}),
		outboxLine(8, { displayStatus: 'taken_back' }),
		outboxLine(9, { displayStatus: 'accepted', attempts: 1 }),
	],
	hasMore: true,
	proof: { recorded: 214, accepted: 176, refused: 1, waiting: 37, voided: 0, refusedOpen: 1, sinceMs: at(6, 2) },
};

/** A sale that headquarters refused this morning, and what a manager made of it. */
export const refusedSale = outboxLine(10, {
	displayStatus: 'needs_person',
	who: 'B. Tóth',
	atMs: at(9, 12),
	attempts: 1,
	canResend: true,
	canCorrect: true,
	canClose: true,
	refusal: { kind: 'transaction_used', code: 3011 },
});
export const correctedSale = {
	...refusedSale,
	displayStatus: 'corrected',
	canResend: false,
	canCorrect: false,
	canClose: false,
	correctedBy: eventId(3),
} as const;
export const closedSale: OutboxLine = {
	...refusedSale,
	displayStatus: 'closed',
	canResend: false,
	canCorrect: false,
	canClose: false,
	closing: { by: 'Judit Sz.', atMs: at(9, 38), because: 'done_otherwise' },
};
/** A refund that headquarters finds too large, and one that no form can put right. */
export const refusedRefund = outboxLine(11, {
	action: 'refund',
	displayStatus: 'needs_person',
	who: 'L. Kovács',
	attempts: 1,
	points: -41,
	canResend: true,
	canCorrect: true,
	canClose: true,
	refusal: { kind: 'refund_limit', code: 3028 },
});
export const foreignRefund: OutboxLine = {
	...refusedRefund,
	eventId: eventId(12),
	receiptNumber: '000712',
	canCorrect: false,
	refusal: { kind: 'not_owner', code: 3021 },
};

/** What the forms of corrections begin with. */
export const enrolmentDraft: CorrectionDraft = {
	kind: 'enrolment',
	memberId: MemberIdSchema.parse('m-9'),
	form: { barcode: '2900000004823', firstName: 'Márta', lastName: 'Szabó', mobile: '+36301234567', email: '' },
};
export const refundDraft: CorrectionDraft = {
	kind: 'refund',
	receiptNumber: '000720',
	amountMinor: 4190,
	leftMinor: 4190,
	currency: 'EUR',
};

/** The life of `line`, as far as its state says; a refused one was sent twice. */
export function lifeOf(line: OutboxLine): CallOutput<'outbox.entry'> {
	const steps: EntryStep[] = [{ kind: 'recorded', atMs: line.atMs, cashier: line.cashier }];
	if (line.corrects !== null) steps.push({ kind: 'corrects', atMs: line.atMs, eventId: line.corrects });
	if (line.attempts > 0)
		steps.push({ kind: 'sent', atMs: line.atMs + 40_000, attempts: line.attempts, isAnswerOpen: line.displayStatus === 'on_its_way' });
	if (line.refusal !== null)
		steps.push({ kind: 'refused', atMs: line.atMs + 41_000, code: line.refusal.code, said: 'Transaction ID already used' });
	if (line.closing !== null)
		steps.push({ kind: 'closed', atMs: line.closing.atMs, cashier: line.closing.by, because: line.closing.because });
	if (line.correctedBy !== null) steps.push({ kind: 'corrected', atMs: at(9, 38), eventId: line.correctedBy, cashier: 'Judit Sz.' });
	if (line.displayStatus === 'accepted')
		steps.push({ kind: 'accepted', atMs: line.atMs + 41_000, points: line.points, isOtherMember: true });
	return { line, steps, seq: 214, transactionId: 'KOSS-2-20261122-000214-4F7Q2A', barcode: unknownBarcode };
}

const EVA = { recorded: 131, accepted: 110, refused: 1, waiting: 20, voided: 0 };
const BENCE = { recorded: 83, accepted: 66, refused: 0, waiting: 17, voided: 0 };

/** The day by cashier; its sums are those of `outboxAnswer.proof`. */
export const proofSheet: ProofSheet = {
	outletName: 'Kossuth tér',
	terminalName: 'Terminal 2',
	sinceMs: at(0, 0),
	madeAtMs: at(9, 41),
	entries: { recorded: 214, accepted: 176, refused: 1, waiting: 37, voided: 0 },
	points: { recorded: 9412, accepted: 7650, refused: 41, waiting: 1721, voided: 0 },
	byCashier: [
		{ cashier: 'Bence T.', entries: BENCE, points: { recorded: 3012, accepted: 2250, refused: 0, waiting: 762, voided: 0 } },
		{ cashier: 'Éva K.', entries: EVA, points: { recorded: 6400, accepted: 5400, refused: 41, waiting: 959, voided: 0 } },
	],
	closed: [],
};

/** The same with what was closed. */
export const proofWithClosed: ProofSheet = {
	...proofSheet,
	closed: [
		{
			eventId: eventId(10),
			action: 'checkout',
			receiptNumber: '000721',
			points: 41,
			by: 'Judit Sz.',
			atMs: at(9, 38),
			because: 'done_otherwise',
		},
		{ eventId: eventId(1), action: 'opt_in', receiptNumber: null, points: 0, by: 'Judit Sz.', atMs: at(9, 40), because: 'mistake' },
	],
};
