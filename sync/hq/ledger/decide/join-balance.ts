import type { Programme } from '#shared/domain/programme.ts';
import { withEarned } from './member-state.ts';
import type { MemberState } from './member-state.ts';

/** By which programme, and when by our clock. */
export type Moment = { readonly programme: Pick<Programme, 'tiers'>; readonly nowMs: number };

/**
 * `owner` with everything that `other` has earned, spent and bought. When `other` brings tier points, two histories become one sum:
 * what is said of the time before is no longer told again (`timeline.ts`).
 */
export function joinBalance(owner: MemberState, other: MemberState, { programme, nowMs }: Moment): MemberState {
	const earned = withEarned(owner, { points: other.earned, tierPoints: other.tierPoints }, programme);
	const brings = other.tierPoints !== 0 || other.tierLastAtMs !== null;
	return {
		...earned,
		points: owner.points + other.points,
		spent: owner.spent + other.spent,
		reserved: owner.reserved + other.reserved,
		expired: owner.expired + other.expired,
		purchaseTotalMinor: owner.purchaseTotalMinor + other.purchaseTotalMinor,
		purchaseCount: owner.purchaseCount + other.purchaseCount,
		purchaseLastAtMs: latest(owner.purchaseLastAtMs, other.purchaseLastAtMs),
		tierLastAtMs: brings ? nowMs : owner.tierLastAtMs,
		tierBaseAtMs: brings ? nowMs : owner.tierBaseAtMs,
	};
}

function latest(left: number | null, right: number | null): number | null {
	return left === null || right === null ? (left ?? right) : Math.max(left, right);
}
