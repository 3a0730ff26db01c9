import type { Status } from '#shared/bridge/session-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { SyncStatus } from '#sync/engine/sync-status.ts';
import { WAITING_STATUSES } from '#sync/outbox/entry.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { Replica, ReplicaState } from '#sync/replica/replica.ts';

const NOTICES: Readonly<Record<NonNullable<ReplicaState['rebuiltBecause']>, Status['notice']>> = {
	damaged: 'replica_damaged',
	newer_version: 'replica_newer_version',
	older_version: 'replica_older_version',
};

/** The engine's status as the screen has it: the same facts, whole milliseconds. */
export function toStatus(status: SyncStatus): Status {
	return { ...status, clockSkewMs: Math.round(status.clockSkewMs) };
}

/**
 * The status of a terminal that has no line: not paired, being paired, or training. What is recorded waits; nothing is sent, so it says
 * `unpaired` and never `offline`, which would promise that it mends itself. `refused`: it was paired, and its key is gone.
 */
export async function statusWithoutLine(
	{ outbox, replica }: { readonly outbox: Outbox; readonly replica: Replica },
	line: 'unpaired' | 'connecting' | 'refused',
	error: LoyaltyError | null,
): Promise<Status> {
	const counts = await outbox.counts();
	const { phase, rows, asOfMs, rebuiltBecause } = replica.state();
	return {
		line,
		offlineSinceMs: null,
		nextTryAtMs: null,
		lastPushAtMs: null,
		lastPullAtMs: null,
		nextPullAtMs: null,
		isPullHeld: false,
		waiting: WAITING_STATUSES.reduce((sum, status) => sum + counts[status], 0),
		needsPerson: counts.rejected + counts.parked,
		members: { phase, rows, asOfMs },
		work: null,
		clockSkewMs: 0,
		error,
		notice: rebuiltBecause === null ? null : NOTICES[rebuiltBecause],
	};
}
