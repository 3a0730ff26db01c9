import type { EventAction } from '#shared/wire/event.ts';
import { assert } from '#shared/lib/assert.ts';
import { TRANSITIONS } from './transitions.ts';
import type { EntryStatus } from './entry.ts';

/** What the plan of a batch looks at of a waiting entry. */
export type Candidate = {
	/** The outbox's row order: within an incarnation that of `seq`. */
	readonly position: number;
	readonly status: EntryStatus;
	readonly action: EventAction;
	readonly memberId: string | null;
	readonly barcode: string | null;
	readonly transactionId: string | null;
	/** Of the event as JSON. */
	readonly bytes: number;
	readonly nextAttemptAtMs: number | null;
};

export type BatchLimit = { readonly events: number; readonly bytes: number; readonly nowMs: number };

/** Bytes that an event gains on its way: the comma, `age_ms`, `skew_ms`, `boot_id` and `force_stub`. */
const ENVELOPE_BYTES = 192;

const PROFILE_ACTIONS: ReadonlySet<EventAction> = new Set(['opt_in', 'profile']);
const SALE_ACTIONS: ReadonlySet<EventAction> = new Set(['checkout', 'refund', 'partial_refund']);

/**
 * Chooses the next batch out of the waiting entries, offered in order of position: the longest prefix within the limits, without entries
 * whose time has not come or that may already be at headquarters, and without later entries of the same member that must not overtake
 * one of those. Earning and enrolling overtake freely: points are sums, and ids are final.
 */
export type BatchPlan = {
	/** `false` when the batch is full and no later entry can join it. */
	readonly offer: (candidate: Candidate) => boolean;
	readonly positions: () => readonly number[];
};

export function planBatch(limit: BatchLimit): BatchPlan {
	assert(limit.events >= 1 && limit.bytes >= 1, 'a batch has room');
	const positions: number[] = [];
	const skipped = createSkipped();
	let bytes = 0;
	return {
		offer: (candidate) => {
			if (!isDue(candidate, limit.nowMs) || skipped.holdBack(candidate)) {
				skipped.add(candidate);
				return true;
			}
			const cost = candidate.bytes + ENVELOPE_BYTES;
			// An event that is too large for the limit goes alone rather than never.
			if (positions.length === limit.events || (positions.length > 0 && bytes + cost > limit.bytes)) return false;
			positions.push(candidate.position);
			bytes += cost;
			return true;
		},
		positions: () => positions,
	};
}

/** A parked entry without a time waits for a person; a new or released one without a time is due at once. */
function isDue({ status, nextAttemptAtMs }: Candidate, nowMs: number): boolean {
	if (TRANSITIONS[status].take !== 'sending') return false;
	if (nextAttemptAtMs === null) return status !== 'parked';
	return nextAttemptAtMs <= nowMs;
}

type Owner = Pick<Candidate, 'memberId' | 'barcode'>;

/** Whose entries were passed over, and which of their later entries therefore wait as well. */
function createSkipped(): { readonly add: (candidate: Candidate) => void; readonly holdBack: (candidate: Candidate) => boolean } {
	const any = createOwners();
	const profiles = createOwners();
	const optOuts = createOwners();
	const sales = new Set<string>();
	return {
		add: (candidate) => {
			any.add(candidate);
			if (PROFILE_ACTIONS.has(candidate.action)) profiles.add(candidate);
			if (candidate.action === 'opt_out') optOuts.add(candidate);
			if (candidate.transactionId !== null && SALE_ACTIONS.has(candidate.action)) sales.add(candidate.transactionId);
		},
		holdBack: (candidate) => {
			if (optOuts.has(candidate)) return true;
			if (candidate.action === 'opt_out') return any.has(candidate);
			if (candidate.action === 'profile') return profiles.has(candidate);
			return candidate.transactionId !== null && SALE_ACTIONS.has(candidate.action) && sales.has(candidate.transactionId);
		},
	};
}

/** Members by id or by barcode: a sale may know one of the two only. */
function createOwners(): { readonly add: (owner: Owner) => void; readonly has: (owner: Owner) => boolean } {
	const ids = new Set<string>();
	const barcodes = new Set<string>();
	return {
		add: ({ memberId, barcode }) => {
			if (memberId !== null) ids.add(memberId);
			if (barcode !== null) barcodes.add(barcode);
		},
		has: ({ memberId, barcode }) => (memberId !== null && ids.has(memberId)) || (barcode !== null && barcodes.has(barcode)),
	};
}
