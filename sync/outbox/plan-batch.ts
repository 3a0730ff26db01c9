import { assert } from '#shared/lib/assert.ts';
import { createHeldBack } from '#shared/wire/event-order.ts';
import type { OrderedEvent } from '#shared/wire/event-order.ts';
import { TRANSITIONS } from './transitions.ts';
import type { EntryStatus } from './entry.ts';

/** What the plan of a batch looks at of a waiting entry. */
export type Candidate = OrderedEvent & {
	/** The outbox's row order: within an incarnation that of `seq`. */
	readonly position: number;
	readonly status: EntryStatus;
	/** Of the event as JSON. */
	readonly bytes: number;
	readonly nextAttemptAtMs: number | null;
};

export type BatchLimit = { readonly events: number; readonly bytes: number; readonly nowMs: number };

/** Bytes that an event gains on its way: the comma, `age_ms`, `skew_ms`, `boot_id` and `force_stub`. */
const ENVELOPE_BYTES = 192;

/**
 * Chooses the next batch out of the waiting entries, offered in order of position: the longest prefix within the limits, without entries
 * whose time has not come or that may already be at headquarters, and without later entries that must not overtake one of those.
 */
export type BatchPlan = {
	/** `false` when the batch is full and no later entry can join it. */
	readonly offer: (candidate: Candidate) => boolean;
	readonly positions: () => readonly number[];
};

export function planBatch(limit: BatchLimit): BatchPlan {
	assert(limit.events >= 1 && limit.bytes >= 1, 'a batch has room');
	const positions: number[] = [];
	const heldBack = createHeldBack();
	let bytes = 0;
	return {
		offer: (candidate) => {
			if (!isDue(candidate, limit.nowMs) || heldBack.mustWait(candidate)) {
				heldBack.add(candidate);
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
