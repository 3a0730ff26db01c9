/** A sale that was accepted. `ownerId` is the member who earned, before aliases. */
export type SaleState = {
	readonly transactionId: string;
	readonly eventId: string;
	readonly contentHash: string;
	readonly ownerId: string;
	readonly currency: string;
	readonly amountMinor: number;
	readonly points: number;
	readonly refundedMinor: number;
	readonly pointsTakenBack: number;
	readonly receiptNumber: string | null;
	readonly effectiveAtMs: number;
	/** What of the amount earns, and by which rule (`ruleIdOf`) it was booked; null for sales of before this was kept. */
	readonly eligibleMinor: number | null;
	readonly ruleId: string | null;
};

/** A sale that earns otherwise than it was booked, because something that happened before it arrived after it. */
export type Correction = { readonly sale: SaleState; readonly points: number };

/** A sale or a refund of a sale, at its effective time. Of one moment the smaller event id comes first. */
export type TierEvent = {
	readonly eventId: string;
	readonly atMs: number;
	readonly transactionId: string;
	/** Null: the sale itself. */
	readonly refundMinor: number | null;
};

/** Events in any order, and the sales that they are about, as they are booked now. */
export type Timeline = { readonly events: readonly TierEvent[]; readonly sales: ReadonlyMap<string, SaleState> };
