import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { ReplicaState } from '../replica/replica.ts';

/**
 * `unpaired` no identity yet · `connecting` no answer yet since the start or since a person asked · `online` headquarters answers ·
 * `offline` it cannot be reached, fails or is busy; tried again by itself · `refused` it does not serve this terminal: a person must act.
 */
export type LineState = 'unpaired' | 'connecting' | 'online' | 'offline' | 'refused';

export type WorkKind = 'first_load' | 'push' | 'pull' | 'indexing' | 'hq_preparing';

/** Long work under way. `total` is 0 where nobody knows it. `ratePerS` and `etaMs` are `null` until they mean something. */
export type SyncWork = {
	readonly kind: WorkKind;
	readonly done: number;
	readonly total: number;
	readonly unit: 'rows' | 'events' | 'bytes';
	readonly ratePerS: number | null;
	readonly etaMs: number | null;
};

/** What is going on between this terminal and headquarters. All times are unix milliseconds by this terminal's clock. */
export type SyncStatus = {
	readonly line: LineState;
	readonly offlineSinceMs: number | null;
	/** When headquarters is tried again; `null` while it answers, and after a revocation. */
	readonly nextTryAtMs: number | null;
	/** The last push that headquarters answered, the last pull that ended at the head of the feed. */
	readonly lastPushAtMs: number | null;
	readonly lastPullAtMs: number | null;
	/** When changes are fetched next, as far as it is known; `isPullHeld`: headquarters answers the moment that there is one (long poll). */
	readonly nextPullAtMs: number | null;
	readonly isPullHeld: boolean;
	/** Entries that still have to reach headquarters, parked ones included. */
	readonly waiting: number;
	/** Entries that a person must look at: rejected or parked. */
	readonly needsPerson: number;
	readonly members: Pick<ReplicaState, 'phase' | 'rows' | 'asOfMs'>;
	readonly work: SyncWork | null;
	/** headquarters' clock − ours. */
	readonly clockSkewMs: number;
	/** The worst of what is wrong now, `null` when nothing is. */
	readonly error: LoyaltyError | null;
	/** The member data was put aside at the start and is loaded again. */
	readonly notice: 'replica_damaged' | 'replica_newer_version' | 'replica_older_version' | null;
};
