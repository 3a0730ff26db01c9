import { nextTier, pointsForSale, tierFor } from '#shared/domain/earn.ts';
import type { Programme, Tier } from '#shared/domain/programme.ts';
import type { Subject } from '../place/place-store.ts';

/** The tier whose rule applies to this sale: the member's own as headquarters named it, else by tier points, else the first. */
export function tierOf(subject: Subject, programme: Programme): Tier {
	if (subject.kind === 'unknown') return tierFor(0, programme);
	const { tierId, tierPoints } = subject.card;
	return programme.tiers.find((tier) => tier.id === tierId) ?? tierFor(tierPoints, programme);
}

/** The points that this amount will earn, as far as this terminal knows. */
export function previewPoints(subject: Subject, programme: Programme, amountMinor: number): number {
	return pointsForSale({ amountMinor }, tierOf(subject, programme), programme.earn);
}

/** How far the member is to the next tier: what is missing and the part of the way done, 0 to 1; `null` at the top. */
export function tierProgress(
	tierPoints: number,
	programme: Programme,
): { readonly next: Tier; readonly missing: number; readonly part: number } | null {
	const next = nextTier(tierPoints, programme);
	if (next === null) return null;
	const from = tierFor(tierPoints, programme).threshold;
	return { next: next.tier, missing: next.missing, part: Math.max(0, (tierPoints - from) / (next.tier.threshold - from)) };
}
