import { assert } from '../lib/assert.ts';
import type { EarnRule, Programme, Tier } from './programme.ts';

/** One line of a sale, as far as the earn rule looks at it. */
export type SaleLine = { readonly totalMinor: number; readonly category?: string | undefined };

/** A sale in the programme's currency, in minor units. */
export type Sale = { readonly amountMinor: number; readonly lines?: readonly SaleLine[] | undefined };

/** The tier that `tierPoints` reaches. */
export function tierFor(tierPoints: number, programme: Pick<Programme, 'tiers'>): Tier {
	let reached = programme.tiers[0];
	assert(reached !== undefined && reached.threshold === 0, 'the first tier starts at 0');
	for (const tier of programme.tiers) if (tierPoints >= tier.threshold) reached = tier;
	return reached;
}

/** The next tier above the one that `tierPoints` reaches, and the tier points that are still missing, or `null` at the top. */
export function nextTier(
	tierPoints: number,
	programme: Pick<Programme, 'tiers'>,
): { readonly tier: Tier; readonly missing: number } | null {
	// Tier points may be below 0 after a refund: such a member is in the first tier already.
	const tier = programme.tiers.find((candidate) => candidate.threshold > Math.max(0, tierPoints));
	return tier === undefined ? null : { tier, missing: tier.threshold - tierPoints };
}

/** What of a sale earns, in minor units: its amount without the lines of excluded categories, never negative. */
export function eligibleMinorOf(sale: Sale, rule: Pick<EarnRule, 'excludedCategories'>): number {
	assert(Number.isSafeInteger(sale.amountMinor) && sale.amountMinor >= 0, 'an amount is a whole number of minor units');
	const excludedMinor = (sale.lines ?? [])
		.filter((line) => line.category !== undefined && rule.excludedCategories.includes(line.category))
		.reduce((sum, line) => sum + line.totalMinor, 0);
	return Math.max(0, sale.amountMinor - excludedMinor);
}

/**
 * Points that a sale earns. The same pure function decides at headquarters and estimates at the terminal,
 * so that an estimate is wrong only when the member's tier has changed meanwhile. Whole points, never negative.
 */
export function pointsForSale(sale: Sale, tier: Tier, rule: EarnRule): number {
	// BigInt: 10^10 minor units × 1,000 points × 10,000 % is beyond 2^53.
	const numerator = BigInt(eligibleMinorOf(sale, rule)) * BigInt(rule.points) * BigInt(tier.multiplierPercent);
	return Number(divide(numerator, BigInt(rule.perMinor) * 100n, rule.rounding));
}

/**
 * Points to take back for a refund of `refundMinor` of a sale. Proportional and cumulative: parts add up to exactly
 * the points earned once the whole sale is refunded, whatever the rounding of each part.
 */
export function pointsForRefund(sale: {
	readonly amountMinor: number;
	readonly pointsEarned: number;
	readonly refundedMinor: number;
	readonly pointsTakenBack: number;
	readonly refundMinor: number;
}): number {
	const refundedMinor = sale.refundedMinor + sale.refundMinor;
	assert(sale.refundMinor >= 0 && refundedMinor <= sale.amountMinor, 'a refund is not above what is left of the sale');
	if (refundedMinor === sale.amountMinor) return sale.pointsEarned - sale.pointsTakenBack;
	const due = Number((BigInt(sale.pointsEarned) * BigInt(refundedMinor)) / BigInt(sale.amountMinor));
	return Math.max(0, due - sale.pointsTakenBack);
}

function divide(numerator: bigint, denominator: bigint, rounding: EarnRule['rounding']): bigint {
	switch (rounding) {
		case 'down':
			return numerator / denominator;
		case 'up':
			return (numerator + denominator - 1n) / denominator;
		case 'nearest':
			return (numerator * 2n + denominator) / (denominator * 2n);
	}
}
