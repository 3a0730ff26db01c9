import { z } from 'zod';
import { ClosingReasonSchema } from '../domain/closing.ts';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema } from '../domain/ids.ts';
import { CurrencySchema } from '../domain/money.ts';
import { call } from './call.ts';
import { EnrolFormSchema } from './member-calls.ts';

/** What headquarters said, as a kind with its own sentence; `code` for support. */
export const RefusalSchema = z.object({
	kind: z.enum([
		'transaction_used',
		'opted_out',
		'not_active',
		'refund_limit',
		'not_owner',
		'malformed',
		'content_mismatch',
		'identity_conflict',
		'crashes_headquarters',
		'other',
	]),
	code: z.int(),
});

/** A manager's decision that nothing is to be done about a refused entry. */
export const ClosingViewSchema = z.object({ by: z.string(), atMs: z.int(), because: ClosingReasonSchema });

/** One entry as the Outbox screen tells it. `displayStatus` is for people: `needs_person` is refused or parked, `corrected` refused and recorded anew by a manager, `closed` refused and let be. */
export const OutboxLineSchema = z.object({
	/** Pages on: entries before this position are older. */
	position: z.int(),
	eventId: EventIdSchema,
	action: z.enum(['opt_in', 'profile', 'checkout', 'refund', 'partial_refund', 'point_add', 'point_sub', 'opt_out']),
	displayStatus: z.enum([
		'will_be_sent',
		'on_its_way',
		'waits_for_headquarters',
		'needs_person',
		'corrected',
		'closed',
		'accepted',
		'taken_back',
	]),
	memberId: MemberIdSchema.nullable(),
	/** First letter and last name, or the card number of an unknown member. */
	who: z.string(),
	atMs: z.int(),
	cashier: z.string(),
	receiptNumber: z.string().nullable(),
	amountMinor: z.int().nullable(),
	currency: CurrencySchema.nullable(),
	points: z.int(),
	refusal: RefusalSchema.nullable(),
	attempts: z.int(),
	canVoid: z.boolean(),
	canResend: z.boolean(),
	/** A refused sale, enrolment or refund that a manager may record anew. */
	canCorrect: z.boolean(),
	/** A refused entry that a manager may let be. */
	canClose: z.boolean(),
	closing: ClosingViewSchema.nullable(),
	/** The newer entry in whose favour this one stays refused. */
	correctedBy: EventIdSchema.nullable(),
	/** The older entry in whose place this one was recorded. */
	corrects: EventIdSchema.nullable(),
});
export type OutboxLine = z.infer<typeof OutboxLineSchema>;

/** recorded = accepted + refused + waiting + voided, of entries or of their points. */
const SumsSchema = z.object({ recorded: z.int(), accepted: z.int(), refused: z.int(), waiting: z.int(), voided: z.int() });
export type Sums = z.infer<typeof SumsSchema>;
/** `refusedOpen`: of the refused those that still need a person. */
export const ProofSchema = SumsSchema.extend({ sinceMs: z.int(), refusedOpen: z.int() });

/** A refused entry of the day that a manager has closed, without whose it was. */
export const ClosedEntrySchema = ClosingViewSchema.extend({
	eventId: EventIdSchema,
	action: z.string(),
	receiptNumber: z.string().nullable(),
	points: z.int(),
});
export type ClosedEntry = z.infer<typeof ClosedEntrySchema>;

/** The day's proof as a manager reads, prints and keeps it. Of people it names the cashiers alone. */
export const ProofSheetSchema = z.object({
	outletName: z.string(),
	terminalName: z.string(),
	sinceMs: z.int(),
	madeAtMs: z.int(),
	entries: SumsSchema,
	points: SumsSchema,
	byCashier: z.array(z.object({ cashier: z.string(), entries: SumsSchema, points: SumsSchema })).max(200),
	/** Of the refused: those that were closed, oldest first. */
	closed: z.array(ClosedEntrySchema).max(500),
});
export type ProofSheet = z.infer<typeof ProofSheetSchema>;

/** One thing that happened to an entry, oldest first. `atMs` is `null` where no time was kept. */
export const EntryStepSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('recorded'), atMs: z.int(), cashier: z.string() }),
	z.object({ kind: z.literal('corrects'), atMs: z.int(), eventId: EventIdSchema }),
	/** `attempts`: those that headquarters answered; `isAnswerOpen`: the last one has no answer yet. */
	z.object({ kind: z.literal('sent'), atMs: z.int(), attempts: z.int(), isAnswerOpen: z.boolean() }),
	z.object({ kind: z.literal('accepted'), atMs: z.int(), points: z.int().nullable(), isOtherMember: z.boolean() }),
	z.object({ kind: z.literal('refused'), atMs: z.int(), code: z.int(), said: z.string() }),
	z.object({ kind: z.literal('set_aside'), atMs: z.int(), code: z.int(), said: z.string() }),
	z.object({ kind: z.literal('deferred'), atMs: z.null() }),
	z.object({ kind: z.literal('next_try'), atMs: z.int() }),
	z.object({ kind: z.literal('taken_back'), atMs: z.null() }),
	z.object({ kind: z.literal('closed'), atMs: z.int(), cashier: z.string(), because: ClosingReasonSchema }),
	z.object({ kind: z.literal('corrected'), atMs: z.int(), eventId: EventIdSchema, cashier: z.string() }),
]);
export type EntryStep = z.infer<typeof EntryStepSchema>;

/** What a correction begins with: what was recorded, as the form of its kind takes it. Amounts in minor units. */
export const CorrectionDraftSchema = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('sale'), receiptNumber: z.string(), amountMinor: z.int(), currency: CurrencySchema }),
	/** `memberId`: whose enrolment it is, so that nobody is warned of a duplicate of themselves. */
	z.object({ kind: z.literal('enrolment'), memberId: MemberIdSchema, form: EnrolFormSchema }),
	/** `leftMinor`: what is left of the sale to refund, as far as this terminal knows. */
	z.object({ kind: z.literal('refund'), receiptNumber: z.string(), amountMinor: z.int(), leftMinor: z.int(), currency: CurrencySchema }),
]);
export type CorrectionDraft = z.infer<typeof CorrectionDraftSchema>;

export const outboxCalls = {
	/** `waiting`: what still has to reach headquarters, what needs a person first. The others newest first. */
	'outbox.list': call(
		z.object({ show: z.enum(['waiting', 'needs_person', 'accepted', 'all']), before: z.int().optional(), limit: z.int().min(1).max(200) }),
		z.object({ lines: z.array(OutboxLineSchema), hasMore: z.boolean(), proof: ProofSchema }),
	),
	/** The life of one entry. OUTBOX-101 when there is none. */
	'outbox.entry': call(
		z.object({ eventId: EventIdSchema }),
		z.object({
			line: OutboxLineSchema,
			steps: z.array(EntryStepSchema).max(12),
			seq: z.int(),
			transactionId: z.string().nullable(),
			/** The card of the sale as it stands in the event, or the member's; `null` when neither is known. */
			barcode: LoyaltyBarcodeSchema.nullable(),
		}),
	),
	/**
	 * Records a refused sale anew, with the card, the receipt number and the amount as they should have been; an empty card is the same member.
	 * The old entry stays refused and names the new one. SESSION-104 unless a manager is signed in, OUTBOX-101 when there is nothing to correct,
	 * else as `sale.earn`.
	 */
	'outbox.correct': call(
		z.object({
			requestId: z.uuid(),
			eventId: EventIdSchema,
			barcode: z.string().max(512),
			receiptNumber: z.string().max(64),
			amountMinor: z.int(),
			isRepeatConfirmed: z.boolean(),
		}),
		z.object({ eventId: EventIdSchema }),
	),
	/** What was recorded, for the form that corrects it. SESSION-104 unless a manager is signed in, OUTBOX-101 when there is nothing to correct. */
	'outbox.draft': call(z.object({ eventId: EventIdSchema }), CorrectionDraftSchema),
	/**
	 * Records a refused enrolment anew, of the same member and with the consents as they were given. SESSION-104 and OUTBOX-101 as `outbox.correct`,
	 * else as `member.enrol`.
	 */
	'outbox.correctEnrolment': call(
		z.object({ requestId: z.uuid(), eventId: EventIdSchema, form: EnrolFormSchema }),
		z.object({ eventId: EventIdSchema }),
	),
	/** Records a refused refund anew with another amount. SESSION-104 and OUTBOX-101 as `outbox.correct`, else as `sale.refund`. */
	'outbox.correctRefund': call(
		z.object({ requestId: z.uuid(), eventId: EventIdSchema, amountMinor: z.int() }),
		z.object({ eventId: EventIdSchema }),
	),
	/** Closes a refused entry for good: nothing is to be done about it. SESSION-104 unless a manager is signed in, OUTBOX-101 when it is not refused. */
	'outbox.close': call(
		z.object({ requestId: z.uuid(), eventId: EventIdSchema, because: ClosingReasonSchema }),
		z.object({ eventId: EventIdSchema }),
	),
	'outbox.proof': call(z.object({}), ProofSheetSchema),
	/** Writes the day's proof as a file into the terminal's folder, since windows may not save files. DISK-… when it cannot. */
	'outbox.export': call(z.object({ format: z.enum(['csv', 'json']) }), z.object({ path: z.string() })),
	'outbox.resend': call(z.object({ requestId: z.uuid(), eventId: EventIdSchema }), z.object({ eventId: EventIdSchema })),
} as const;
