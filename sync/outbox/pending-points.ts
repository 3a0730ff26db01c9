import type { MemberId } from '#shared/domain/ids.ts';
import { WAITING_STATUSES } from './entry.ts';
import type { PendingPoints } from './outbox.ts';

/** The part of a replica's member that the rule needs. */
export type ConfirmedBalance = { readonly points: number };

/** `confirmed` is headquarters' balance, `pending` what own events will add to it; shown together, never printed as one final number. */
export type ShownPoints = { readonly confirmed: number; readonly pending: number };

const WAITING: ReadonlySet<string> = new Set(WAITING_STATUSES);

/**
 * The display rule (sync.md 1.8): the replica's balance plus own events that are not in it. An event is in it when the replica's row of the
 * member that holds the effect has at least the version with the effect. Without an outcome it counts as not in it; refused or taken back
 * it never counts. Right at every moment, provided that outcomes are stored before the page that may contain their effect, and that the
 * replica is read before the outbox.
 *
 * `pending` are the own events of this member (`Outbox.pendingPoints`), `versionOf` gives the replica's version of a member or `null`.
 */
export function shownPoints(
	member: ConfirmedBalance | null,
	pending: readonly PendingPoints[],
	versionOf: (memberId: MemberId) => number | null,
): ShownPoints {
	const counted = pending.filter((event) => !isInReplica(event, versionOf)).map(({ points }) => points);
	return { confirmed: member?.points ?? 0, pending: counted.reduce((sum, points) => sum + points, 0) };
}

function isInReplica(event: PendingPoints, versionOf: (memberId: MemberId) => number | null): boolean {
	if (WAITING.has(event.status)) return false;
	if (event.status !== 'applied') return true;
	// Applied without a version: a vendor that tells none. Its next balance is the truth.
	if (event.appliedTo === null || event.appliedVer === null) return true;
	return (versionOf(event.appliedTo) ?? 0) >= event.appliedVer;
}
