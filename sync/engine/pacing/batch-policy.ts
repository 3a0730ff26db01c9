/**
 * How large the next push is, and what becomes of entries that make headquarters fail (sync.md 1.4). Pure: times are monotonic
 * milliseconds. Kept in memory only: after a restart an entry that makes headquarters fail is found again from the beginning.
 */
import type { EventId } from '#shared/domain/ids.ts';
import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { BackoffPolicy } from '#shared/lib/backoff.ts';
import type { Random } from '#shared/lib/clock.ts';
import { PUSH_EVENTS_MAX } from '#shared/wire/limits.ts';

/** An entry that failed alone: how often headquarters failed over it, since when, and when it is tried alone again. */
export type Suspect = { readonly crashes: number; readonly firstAtMs: number; readonly dueAtMs: number };

export type BatchPolicy = {
	/** Events of the next batch at most. Halved on trouble, doubled on success. */
	readonly limit: number;
	readonly faultsInRow: number;
	readonly suspects: ReadonlyMap<EventId, Suspect>;
};

/** What to do with a batch that failed: park its one entry, or give it back, and when the entries and the lane may go on. */
export type Consequence = {
	readonly policy: BatchPolicy;
	readonly action: 'release' | 'park';
	/** 0: at once. */
	readonly entryDelayMs: number;
	readonly laneDelayMs: number;
};

export const INITIAL_BATCH_POLICY: BatchPolicy = { limit: PUSH_EVENTS_MAX, faultsInRow: 0, suspects: new Map() };

/** Faults in a row, with headquarters answering `/health`, after which the batch itself is suspected. */
const FAULTS_BEFORE_HALVING = 3;
/** A single entry is parked when headquarters failed over it this often and for this long. */
const CRASHES_BEFORE_PARKING = 8;
const CRASHING_BEFORE_PARKING_MS = 1_800_000;
/** A parked entry is tried again this often, for ever. */
export const PARKED_RETRY_MS = 3_600_000;
/** How a suspect steps aside so that the others are sent meanwhile. */
const SUSPECT_FIRST_MS = 30_000;
const SUSPECT_MAX_MS = 300_000;
/** More suspects than this are not remembered: then headquarters is at fault, not the entries. */
const SUSPECTS_MAX = 200;

/** Waits between pushes that fail by headquarters' own fault. */
const FAULT_BACKOFF: BackoffPolicy = { firstMs: 1_000, maxMs: 60_000 };

/** Events to take now: one alone while a suspect is due, since it is then the oldest that is. */
export function nextLimit(policy: BatchPolicy, nowMs: number): number {
	for (const suspect of policy.suspects.values()) if (suspect.dueAtMs <= nowMs) return 1;
	return policy.limit;
}

/** Suspects that were due and were not taken are gone (settled by a pulled outcome, voided) or not the oldest: they are forgotten. */
export function afterTaking(policy: BatchPolicy, taken: readonly EventId[], nowMs: number): BatchPolicy {
	const suspects = new Map([...policy.suspects].filter(([eventId, suspect]) => suspect.dueAtMs > nowMs || taken.includes(eventId)));
	return suspects.size === policy.suspects.size ? policy : { ...policy, suspects };
}

export function afterSuccess(policy: BatchPolicy, sent: readonly EventId[]): BatchPolicy {
	const suspects = new Map([...policy.suspects].filter(([eventId]) => !sent.includes(eventId)));
	return { limit: Math.min(PUSH_EVENTS_MAX, policy.limit * 2), faultsInRow: 0, suspects };
}

/** Headquarters refused the request as a whole (400, 413): the half is tried at once, a single entry is parked. */
export function afterRefusal(policy: BatchPolicy, batch: readonly EventId[], nowMs: number): Consequence {
	const [only] = batch;
	if (batch.length > 1 || only === undefined)
		return { policy: { ...policy, limit: half(batch.length) }, action: 'release', entryDelayMs: 0, laneDelayMs: 0 };
	const suspect = policy.suspects.get(only) ?? { crashes: 0, firstAtMs: nowMs, dueAtMs: 0 };
	return park(policy, only, { ...suspect, dueAtMs: nowMs + PARKED_RETRY_MS });
}

/** Headquarters failed over the batch, or the line broke, although it answers `/health`. */
export function afterFault(
	policy: BatchPolicy,
	batch: readonly EventId[],
	at: { readonly nowMs: number; readonly random: Random },
): Consequence {
	const faultsInRow = policy.faultsInRow + 1;
	const [only] = batch;
	if (batch.length === 1 && only !== undefined) return afterFaultAlone({ ...policy, faultsInRow }, only, at);
	if (faultsInRow < FAULTS_BEFORE_HALVING) {
		return {
			policy: { ...policy, faultsInRow },
			action: 'release',
			entryDelayMs: 0,
			laneDelayMs: nextDelayMs(FAULT_BACKOFF, faultsInRow - 1, at.random),
		};
	}
	// Halving is the search for the culprit: it goes on at the pace of a first retry, or the others would wait minutes for it.
	return {
		policy: { ...policy, faultsInRow, limit: half(batch.length) },
		action: 'release',
		entryDelayMs: 0,
		laneDelayMs: nextDelayMs(FAULT_BACKOFF, 0, at.random),
	};
}

function afterFaultAlone(policy: BatchPolicy, eventId: EventId, at: { readonly nowMs: number; readonly random: Random }): Consequence {
	const before = policy.suspects.get(eventId) ?? { crashes: 0, firstAtMs: at.nowMs, dueAtMs: 0 };
	const crashes = before.crashes + 1;
	if (crashes >= CRASHES_BEFORE_PARKING && at.nowMs - before.firstAtMs >= CRASHING_BEFORE_PARKING_MS) {
		return park(policy, eventId, { ...before, crashes, dueAtMs: at.nowMs + PARKED_RETRY_MS });
	}
	const laneDelayMs = nextDelayMs(FAULT_BACKOFF, policy.faultsInRow - 1, at.random);
	// One sale at a time is the usual batch: the first faults are headquarters' until they repeat.
	const stepsAside = crashes - FAULTS_BEFORE_HALVING;
	const entryDelayMs = stepsAside < 0 ? 0 : Math.min(SUSPECT_MAX_MS, SUSPECT_FIRST_MS * 2 ** stepsAside);
	const suspects = remember(policy.suspects, eventId, { ...before, crashes, dueAtMs: at.nowMs + entryDelayMs });
	return { policy: { ...policy, suspects }, action: 'release', entryDelayMs, laneDelayMs };
}

function park(policy: BatchPolicy, eventId: EventId, suspect: Suspect): Consequence {
	return {
		policy: { ...policy, suspects: remember(policy.suspects, eventId, suspect) },
		action: 'park',
		entryDelayMs: PARKED_RETRY_MS,
		laneDelayMs: 0,
	};
}

function remember(suspects: ReadonlyMap<EventId, Suspect>, eventId: EventId, suspect: Suspect): ReadonlyMap<EventId, Suspect> {
	if (suspects.size >= SUSPECTS_MAX && !suspects.has(eventId)) return suspects;
	return new Map([...suspects, [eventId, suspect]]);
}

function half(count: number): number {
	return Math.max(1, Math.floor(count / 2));
}
