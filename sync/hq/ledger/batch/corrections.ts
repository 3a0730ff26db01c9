import { createHash } from 'node:crypto';
import { must } from '#shared/lib/assert.ts';
import { accountOf, flow } from '../decide/decision.ts';
import type { Correction } from '../decide/sale-state.ts';
import type { World } from './world.ts';

type Cause = { readonly cause: string; readonly correction: Correction };

/**
 * Books what a late arrival changes of another sale as an event of headquarters' own: old entries are never rewritten, and the sum of all
 * events and of all entries stays the balance. Its id follows from the two events, so that it cannot be booked twice.
 */
export function bookCorrection(world: World, memberId: string, { cause, correction }: Cause): void {
	const { sale, points } = correction;
	if (points === 0) return;
	world.fresh.push({
		eventId: correctionId(cause, sale.eventId),
		contentHash: '',
		isScrubbed: false,
		status: 'applied',
		error: null,
		action: 'correction',
		points,
		appliedTo: memberId,
		appliedVer: must(world.members.get(memberId), 'the member of a correction').ver,
		seq: null,
		originMember: sale.ownerId,
		namedAs: null,
		payload: { transaction_id: sale.transactionId, corrected_event: sale.eventId, caused_by: cause },
		occurredAtMs: null,
		effectiveAtMs: sale.effectiveAtMs,
		isLate: false,
		entries: flow('program', accountOf(memberId), points),
		isOurs: true,
		refund: null,
	});
}

/** A UUID of version 8 (made from a digest, RFC 9562). */
function correctionId(cause: string, saleEventId: string): string {
	const hex = createHash('sha256').update(`correction:${cause}:${saleEventId}`).digest('hex');
	const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
