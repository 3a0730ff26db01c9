import type { Programme } from '#shared/domain/programme.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { CardStatus } from '#shared/wire/member-row.ts';
import { wireError } from '../../wire-error.ts';
import type { WireCodeName } from '../../wire-error.ts';
import type { MemberState } from './member-state.ts';
import type { Correction, SaleState, Timeline } from './sale-state.ts';

/** `program` gives all points and takes them back; `suspense` is for points whose owner is undecided. */
export type Account = 'program' | 'forfeited' | 'suspense' | `member:${string}`;

/** `amount` points, above zero, go from `debit` to `credit`. */
export type LedgerEntry = { readonly debit: Account; readonly credit: Account; readonly amount: number };

/** Whom a scanned code means. */
export type CardEntry = {
	readonly card: string;
	readonly memberId: string;
	readonly kind: 'card' | 'pass' | 'old_card';
	readonly status: CardStatus;
};

/** What an action changes besides saying yes. Members are whole new states; `released` cards identify nobody any more. */
export type Effects = {
	readonly members: readonly MemberState[];
	readonly entries: readonly LedgerEntry[];
	readonly cards: readonly CardEntry[];
	/** Cards of a member who opted out: taken out of the index and remembered as hashes. */
	readonly released: readonly string[];
	readonly sale: SaleState | null;
	/** What the event takes back of `sale`, for the member's timeline. */
	readonly refundMinor: number | null;
	/** Sales of the same member that it moves; each is booked as an event of headquarters. */
	readonly corrections: readonly Correction[];
};

/**
 * The outcome of one event against one state. `points` is what flowed out of `program` to the member (or back, negative).
 * `repeated`: an earlier event did the same. `missing`: something it needs has not arrived yet.
 */
export type Decision =
	| { readonly kind: 'applied'; readonly memberId: string; readonly points: number; readonly effects: Effects }
	| { readonly kind: 'refused'; readonly error: WireError }
	| { readonly kind: 'repeated'; readonly eventId: string }
	| { readonly kind: 'missing'; readonly error: WireError };

/** Everything that a decision may look at. Pure data: the same view always gives the same decision. */
export type View<E extends WireEvent = WireEvent> = {
	readonly event: E;
	readonly eventId: string;
	readonly contentHash: string;
	readonly effectiveAtMs: number;
	/** When it arrived. */
	readonly nowMs: number;
	/** The sender named no event id: it speaks plain Antavo and is answered with Antavo's codes. */
	readonly isPlain: boolean;
	readonly programme: Programme;
	/** The member meant, after aliases. */
	readonly target: MemberState | null;
	/** The id that a member would get that is created now: the one that the sender named, else (`isNewIdMinted`) ours. */
	readonly newId: string;
	readonly isNewIdMinted: boolean;
	/** The card by which the sender named the member; null when by id. */
	readonly named: NamedCard | null;
	/** The canonical `loyalty_barcode` in the data of `opt_in` and `profile`. */
	readonly offered: OfferedCard | null;
	/** The cards by which `target` is known. */
	readonly ownCards: readonly CardEntry[];
	/** The sale that `transaction_id` names, and its owner after aliases. */
	readonly sale: SaleState | null;
	readonly saleOwnerId: string | null;
	/** The target's sales and refunds of the last `LATE_AFTER_MS`; null when the event is later than all of them. */
	readonly timeline: Timeline | null;
};

/** `entry` is null for a card that nobody has. `forgottenAtMs`: when its last holder opted out, if nobody has it since. */
export type NamedCard = { readonly card: string; readonly entry: CardEntry | null; readonly forgottenAtMs: number | null };
export type OfferedCard = { readonly card: string; readonly owner: MemberState | null; readonly forgottenAtMs: number | null };

const NOTHING: Effects = { members: [], entries: [], cards: [], released: [], sale: null, refundMinor: null, corrections: [] };

/** Yes, with these effects on `memberId`. */
export function applied(memberId: string, points: number, effects: Partial<Effects>): Decision {
	return { kind: 'applied', memberId, points, effects: { ...NOTHING, ...effects } };
}

/** No, for good. */
export function refused(code: WireCodeName, message: string): Decision {
	return { kind: 'refused', error: wireError(code, message) };
}

/** Not yet. */
export function missing(message: string): Decision {
	return { kind: 'missing', error: wireError('dependencyMissing', message) };
}

/** The entries of a flow of `points` from `from` to `to`; negative flows back. */
export function flow(from: Account, to: Account, points: number): LedgerEntry[] {
	if (points === 0) return [];
	return [points > 0 ? { debit: from, credit: to, amount: points } : { debit: to, credit: from, amount: -points }];
}

/** A member's own account. */
export function accountOf(memberId: string): Account {
	return `member:${memberId}`;
}
