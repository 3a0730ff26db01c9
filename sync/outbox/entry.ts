import type { ClosingReason } from '#shared/domain/closing.ts';
import type { EventId, Incarnation, MemberId, ReceiptNumber, TransactionId } from '#shared/domain/ids.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';
import type { EventAction, WireEvent } from '#shared/wire/event.ts';

/**
 * The life of an outbox entry.
 * `pending` on disk, not sent · `sending` on disk before the first byte leaves; after a crash it may or may not have arrived ·
 * `applied` headquarters has it for good · `rejected` headquarters refused it for good, a person must look ·
 * `deferred` headquarters lacks something it depends on; sent again later · `unknown` sent to a store without event ids, answer lost:
 * read back first · `parked` alone makes headquarters fail; kept, visible, tried hourly · `voided` taken back by the cashier before it was sent ·
 * `closed` refused, and a manager has decided that nothing is to be done about it.
 */
export const ENTRY_STATUSES = ['pending', 'sending', 'applied', 'rejected', 'deferred', 'unknown', 'parked', 'voided', 'closed'] as const;
export type EntryStatus = (typeof ENTRY_STATUSES)[number];

/** Statuses in which an entry still has to reach headquarters. */
export const WAITING_STATUSES = ['pending', 'sending', 'deferred', 'unknown', 'parked'] as const satisfies readonly EntryStatus[];

/** What headquarters said of an entry, stored with it. `points` is what really changed. */
export type Outcome = {
	readonly appliedTo: MemberId | null;
	readonly appliedVer: number | null;
	readonly points: number | null;
	readonly error: WireError | null;
	readonly settledAtMs: number;
};

/** The decision that closed a refused entry: whose, when, why. */
export type Closing = { readonly by: string; readonly atMs: number; readonly because: ClosingReason };

/** What the till's receipt says of the sale behind an entry; amounts in minor units. */
export type Receipt = {
	readonly receiptNumber: ReceiptNumber;
	readonly amountMinor: number;
	readonly currency: string;
	/** For a refund, the sale's own. */
	readonly transactionId: TransactionId;
};

/** One loyalty event on this terminal, from the moment that the cashier confirmed it. Never deleted before its retention. */
export type Entry = {
	readonly eventId: EventId;
	readonly incarnation: Incarnation;
	readonly seq: number;
	readonly status: EntryStatus;
	readonly action: EventAction;
	/** The member as this terminal knew it; `null` when only a barcode was known. */
	readonly memberId: MemberId | null;
	/** As sent: member id or barcode with `external_id`. */
	readonly event: WireEvent;
	/** What the terminal expects the balance to change by; the display counts it until the replica holds the effect. */
	readonly pointsEstimated: number;
	readonly receipt: Receipt | null;
	readonly cashier: string;
	/** Evidence of time (sync.md 1.9): wall clock, monotonic clock of that boot, last known skew to headquarters. Milliseconds. */
	readonly occurredAtMs: number;
	readonly monotonicMs: number;
	readonly bootId: string;
	readonly skewMs: number;
	/** Attempts that headquarters answered. Never capped, not counted while the line is down. */
	readonly attempts: number;
	readonly nextAttemptAtMs: number | null;
	readonly sentAtMs: number | null;
	readonly outcome: Outcome | null;
	/** `null` unless it is `closed`. */
	readonly closing: Closing | null;
};
