import type { ClosingReason } from '#shared/domain/closing.ts';
import { IncarnationSchema } from '#shared/domain/ids.ts';
import type { EventId, Incarnation, LoyaltyBarcode, MemberId, ReceiptNumber } from '#shared/domain/ids.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { EventResult } from '#shared/wire/push.ts';
import type { Entry, EntryStatus, Receipt } from './entry.ts';

/** Entries in one answer of `list`. */
export const LIST_MAX = 500;

/** An entry stays at least this long after its outcome (sync.md 1.4): what headquarters stored later and is not here has been lost, not retired. */
export const KEPT_AT_LEAST_MS = 90 * 86_400_000;

/** A loyalty event to record. The outbox gives it `event_id`, `seq` and `occurred_at`. */
export type Recording = {
	/** The bridge call's idempotency key: a second recording with it answers with the first one's entry and writes nothing. */
	readonly requestId: string;
	/** Minted by the caller when the cashier confirmed: the transaction id derives from it. */
	readonly eventId: EventId;
	readonly event: WireEvent;
	readonly memberId: MemberId | null;
	readonly pointsEstimated: number;
	readonly receipt: Receipt | null;
	readonly cashier: string;
	/** Of an enrolment whose card came out of this terminal's block: its number in the block. */
	readonly cardNumber?: number;
};

/** A member who was enrolled here and is not in the replica yet. */
export type LocalEnrolment = {
	readonly memberId: MemberId;
	readonly eventId: EventId;
	readonly barcode: LoyaltyBarcode | null;
	readonly firstName: string | null;
	readonly lastName: string | null;
	readonly mobile: string | null;
	readonly email: string | null;
	readonly consents: Readonly<Record<string, boolean>>;
	readonly enrolledAtMs: number;
};

/** By what a person can be known whose id is not: as the replica has it. */
export type PersonTrace = { readonly barcodes: readonly LoyaltyBarcode[]; readonly mobile: string | null; readonly email: string | null };

/** An own event whose effect may not be in the replica yet (display rule, sync.md 1.8). */
export type PendingPoints = {
	readonly eventId: EventId;
	readonly memberId: MemberId | null;
	readonly barcode: LoyaltyBarcode | null;
	readonly points: number;
	readonly status: EntryStatus;
	readonly appliedTo: MemberId | null;
	readonly appliedVer: number | null;
};

/** A sale of this terminal with what has been refunded of it here, for refunds by receipt. Amounts in minor units. */
export type RecordedSale = {
	readonly entry: Entry;
	readonly receipt: Receipt;
	readonly pointsEarned: number;
	readonly refundedMinor: number;
	readonly pointsTakenBack: number;
};

/** recorded = accepted + refused + waiting + voided, over everything recorded since a moment. What a manager has closed was refused. */
export type Proof = {
	readonly recorded: number;
	readonly accepted: number;
	readonly refused: number;
	readonly waiting: number;
	readonly voided: number;
};

/** `refusedOpen`: of the refused those that still need a person, being neither corrected nor closed. */
export type DayProof = Proof & { readonly refusedOpen: number };

/** The same for one cashier, and beside each count the points of its entries: what really changed, until then what was expected. */
export type CashierProof = { readonly cashier: string; readonly entries: Proof; readonly points: Proof };

/** A manager's decision about a refused entry. */
export type ClosingOrder = { readonly eventId: EventId; readonly by: string; readonly because: ClosingReason };

/** A refused entry and the entry that was recorded in its place. */
export type Correction = { readonly of: EventId; readonly entry: Entry };

/** Over everything recorded since a moment that was neither refused nor taken back; `pointsGiven` without what refunds took back. */
export type ShiftSummary = { readonly salesWithCard: number; readonly enrolled: number; readonly pointsGiven: number };

/** The incarnation of entries that came back from headquarters: they were sent by an earlier life of this outbox and are never numbered anew. */
export const ADOPTED_INCARNATION = IncarnationSchema.parse('ffffffffffffffff');

/** An event of this terminal that headquarters has applied. `happenedAtMs` by headquarters' clock. */
export type OwnPast = {
	readonly event: WireEvent;
	readonly result: EventResult & { readonly event_id: EventId };
	readonly receipt: Receipt | null;
	readonly cashier: string;
	readonly happenedAtMs: number;
	readonly storedAtMs: number;
};

/** Facts of the outbox that outlive a run. */
export type OutboxState = {
	readonly incarnation: Incarnation;
	readonly maxSeq: number;
	readonly hqEpoch: number;
	/** `result_no` up to which outcomes were pulled. */
	readonly outcomesAfter: number;
	/** headquarters' clock − ours, milliseconds, as last measured. */
	readonly skewMs: number;
};

/**
 * The durable list of this terminal's loyalty events. One per data folder. Owns `outbox.db`.
 * A resolved `record` means: on disk after an fsync, whatever happens next.
 * Calls without a `Result` reject with `DiskFailure` when the disk fails; they have then changed nothing.
 */
export type Outbox = {
	/** Event, receipt, request and entry in one statement of one FULL transaction. Fails with `DISK-…` codes, never half. */
	readonly record: (recording: Recording) => Promise<Result<Entry, LoyaltyError>>;
	/** The entry that an earlier call with this request id recorded. */
	readonly findByRequest: (requestId: string) => Promise<Entry | null>;
	/** Takes back an entry that was never sent; twice is once. Fails with SALE-107 when it is on its way or settled, OUTBOX-101 when there is none. */
	readonly voidEntry: (eventId: EventId) => Promise<Result<Entry, LoyaltyError>>;
	/**
	 * `rejected` or `parked` → `pending`, in a new incarnation together with everything that waits if it is of an earlier one. Fails with
	 * OUTBOX-101 in any other state.
	 */
	readonly resend: (eventId: EventId) => Promise<Result<Entry, LoyaltyError>>;

	/**
	 * `rejected` → `closed`, for good; its enrolment, if it is one, is forgotten here. The same decision twice is once. Fails with OUTBOX-101 in any
	 * other state, and while a correction stands.
	 */
	readonly closeRefused: (order: ClosingOrder) => Promise<Result<Entry, LoyaltyError>>;

	readonly get: (eventId: EventId) => Promise<Entry | null>;
	/** Newest first; `before` (a `position`: the outbox's own row order, also across incarnations) pages on. At most `LIST_MAX` at once. */
	readonly list: (query: {
		readonly statuses?: readonly EntryStatus[];
		/** Leaves out what a standing correction has settled (`correction.ts`). */
		readonly isCorrectedLeftOut?: boolean;
		readonly before?: number;
		readonly limit: number;
	}) => Promise<readonly (Entry & { readonly position: number })[]>;
	readonly counts: () => Promise<Readonly<Record<EntryStatus, number>>>;
	readonly proof: (sinceMs: number) => Promise<DayProof>;
	/** By cashier id, sorted; their sums are `proof`. */
	readonly proofByCashier: (sinceMs: number) => Promise<readonly CashierProof[]>;
	/** Of these entries those that were corrected, each with the correction that stands. At most `LIST_MAX` at once. */
	readonly corrections: (eventIds: readonly EventId[]) => Promise<readonly Correction[]>;
	/** Rejected entries whose correction stands: they need nobody any more. */
	readonly countCorrected: () => Promise<number>;
	readonly shiftSummary: (sinceMs: number) => Promise<ShiftSummary>;
	/** Sales with this receipt number that were neither refused nor taken back, newest first. */
	readonly findSales: (receiptNumber: ReceiptNumber) => Promise<readonly RecordedSale[]>;
	readonly pendingPoints: (of: {
		readonly memberIds: readonly MemberId[];
		readonly barcodes: readonly LoyaltyBarcode[];
	}) => Promise<readonly PendingPoints[]>;
	readonly findEnrolment: (by: { readonly memberId: MemberId } | { readonly barcode: LoyaltyBarcode }) => Promise<LocalEnrolment | null>;
	/** Enrolments whose mobile, e-mail or name begins like `text` (name: case and accents do not matter). */
	readonly searchEnrolments: (text: string, limit: number) => Promise<readonly LocalEnrolment[]>;
	/** The number of the last card handed out of the block, or `null`. */
	readonly lastCardNumber: () => Promise<number | null>;

	readonly state: () => OutboxState;
	/** Facts alone: what a higher epoch or a new incarnation means for the entries is `reoffer` and `renewIncarnation`. */
	readonly saveState: (change: Partial<Omit<OutboxState, 'maxSeq' | 'incarnation'>>) => Promise<void>;

	/** After a start: what was `sending` may have arrived; it is sent again, headquarters answers from its stored outcome. */
	readonly recoverSending: () => Promise<number>;
	/** Takes the next batch in order and marks it `sending` on disk before it is returned. Per-member order is kept (sync.md 1.4). */
	readonly takeBatch: (limit: { readonly events: number; readonly bytes: number; readonly nowMs: number }) => Promise<readonly Entry[]>;
	/**
	 * Stores outcomes, all in one transaction. Results of entries that are settled already change nothing, nor do those of event ids that are
	 * not here: those ids are answered, for they were retired, or recorded after the backup that this folder was restored or copied from.
	 */
	readonly settle: (results: readonly (EventResult & { readonly event_id: EventId })[], nowMs: number) => Promise<readonly EventId[]>;
	/**
	 * No answer (cut, time-out, 5xx): `sending` → `pending`, to be tried at `nextAttemptAtMs`; 0 is at once, whatever the wall clock says by
	 * then. Entries that were settled meanwhile (their outcome was pulled) stay as they are.
	 */
	readonly release: (eventIds: readonly EventId[], nextAttemptAtMs: number) => Promise<void>;
	/** Alone it makes headquarters fail: kept, visible, tried again at `nextAttemptAtMs`. */
	readonly park: (eventId: EventId, why: LoyaltyError, nextAttemptAtMs: number) => Promise<void>;
	/**
	 * Headquarters was restored and has forgotten outcomes that it gave: in one transaction they are forgotten here too (`applied` and
	 * `rejected` → `pending`, same event ids, same order), `outcomesAfter` becomes 0 and `hqEpoch` the given one. `voided` and `closed` stay, and so does what
	 * a standing correction has settled. Answers how many are offered again. With the epoch that it has already it changes nothing.
	 */
	readonly reoffer: (hqEpoch: number) => Promise<number>;
	/**
	 * Headquarters knows a higher `seq` of this incarnation than this outbox: the data folder was restored or copied. Takes a new random
	 * incarnation and, in the same transaction, gives it to everything without an outcome, numbered from 1 in the order of recording.
	 * Event ids stay. Answers how many were renumbered. Nothing is `sending` when it is called.
	 */
	readonly renewIncarnation: () => Promise<number>;
	/**
	 * After a restore of the data folder: adds as `applied` what headquarters has of this terminal and this outbox has not, so that receipts,
	 * refunds and pending sums are complete; what is here already stays as it is. `outcomesAfter` is stored with them, in one transaction.
	 * Answers how many were added. Entries come back behind the newest, whenever they happened.
	 */
	readonly adopt: (past: readonly OwnPast[], outcomesAfter: number) => Promise<number>;
	/** The moment of the earliest entry that waits for a time, or `null`. */
	readonly nextAttemptAtMs: () => Promise<number | null>;
	/** Members with a local enrolment that is not forgotten yet, oldest first. */
	readonly enrolledMembers: (limit: number) => Promise<readonly MemberId[]>;
	/** Enrolments that the replica holds by now are forgotten. */
	readonly forgetEnrolments: (memberIds: readonly MemberId[]) => Promise<void>;
	/**
	 * After an opt-out: names and contacts of these members, and of those that headquarters took for them, leave entries, enrolments and the log of
	 * the file; ids and points stay. `traces` finds what was refused, closed or taken back under ids that never were anybody's. `settle` does the
	 * same for whoever an event was refused for because they have left.
	 */
	readonly scrubMembers: (memberIds: readonly MemberId[], traces?: readonly PersonTrace[]) => Promise<void>;
	/**
	 * Deletes up to a thousand entries that were applied, voided, closed or corrected before `beforeMs` (`KEPT_AT_LEAST_MS` ago or earlier); a
	 * correction never before what it corrects. Returns how many.
	 */
	readonly retire: (beforeMs: number) => Promise<number>;

	/** Called after each change that a screen may show. Returns the way to stop. */
	readonly onChange: (listener: () => void) => () => void;
	readonly close: () => Promise<void>;
};

/** The part of an outbox that an engine drives. */
export type DrivenOutbox = Pick<
	Outbox,
	| 'state'
	| 'saveState'
	| 'recoverSending'
	| 'takeBatch'
	| 'settle'
	| 'release'
	| 'park'
	| 'reoffer'
	| 'renewIncarnation'
	| 'adopt'
	| 'nextAttemptAtMs'
	| 'counts'
	| 'enrolledMembers'
	| 'forgetEnrolments'
	| 'scrubMembers'
	| 'onChange'
>;
