import type { MemberId } from '#shared/domain/ids.ts';
import type { PendingPoints } from '#sync/outbox/outbox.ts';
import { shownPoints } from '#sync/outbox/pending-points.ts';
import { standingOf } from '#sync/replica/merged-rows.ts';
import type { Standing } from '#sync/replica/merged-rows.ts';
import type { TerminalContext } from '../context.ts';
import { idOf } from './known-member.ts';
import type { KnownMember } from './known-member.ts';

/** By so much the replica must be younger than an answer of headquarters to contain its effect for certain, whatever a clock says. */
const MARGIN_MS = 86_400_000;

/**
 * What own events will add to the member's balance, recorded under whatever stands for it, and whether half of a merge is missing: then the
 * balance lacks what the other half brings. The member was read from the replica before, and the outbox is read here, after it.
 */
export async function ownPoints(
	context: TerminalContext,
	known: KnownMember,
): Promise<{ readonly pendingPoints: number; readonly isBalanceUpdating: boolean }> {
	const standing = known.from === 'replica' ? known : standingOf(await context.replica.findMerged(known.enrolment.memberId));
	const barcodes = known.from === 'replica' ? known.member.barcodes.map(({ value }) => value) : [known.enrolment.barcode];
	const events = await context.outbox.pendingPoints({
		memberIds: [...new Set([idOf(known), ...standing.versions.keys()])],
		barcodes: barcodes.filter((barcode) => barcode !== null),
	});
	const others = await versionsOfOthers(context, events, standing);
	const versions = new Map([...others, ...standing.versions]);
	const { pending } = shownPoints(null, events, (memberId) => versions.get(memberId) ?? null);
	// Somebody else has them, whose row is not so far: a merge of which this terminal has heard by its outcome alone.
	const isElsewhere = events.some(
		({ appliedTo, appliedVer }) => appliedTo !== null && (others.get(appliedTo) ?? Infinity) < (appliedVer ?? 0),
	);
	return { pendingPoints: pending, isBalanceUpdating: standing.isBalanceUpdating || (known.from === 'replica' && isElsewhere) };
}

/**
 * The versions of members who got such events and, as far as is known here, are not this one. What is in their rows is shown there. Who is not
 * here has 0: the row is on its way; or infinity: it is gone, since headquarters keeps a tombstone for half a year. Nearly always there is
 * nobody to look for.
 */
async function versionsOfOthers(
	context: TerminalContext,
	events: readonly PendingPoints[],
	{ versions }: Standing,
): Promise<ReadonlyMap<MemberId, number>> {
	const others = new Map<MemberId, number>();
	for (const { eventId, appliedTo, appliedVer } of events) {
		if (appliedTo === null || versions.has(appliedTo) || others.has(appliedTo)) continue;
		const ver = (await context.replica.findById(appliedTo))?.ver ?? 0;
		others.set(appliedTo, ver < (appliedVer ?? 0) && (await isLongSettled(context, eventId)) ? Infinity : ver);
	}
	return others;
}

async function isLongSettled({ outbox, replica }: TerminalContext, eventId: PendingPoints['eventId']): Promise<boolean> {
	const settledAtMs = (await outbox.get(eventId))?.outcome?.settledAtMs ?? Infinity;
	return settledAtMs + outbox.state().skewMs + MARGIN_MS < replica.state().asOfMs;
}
