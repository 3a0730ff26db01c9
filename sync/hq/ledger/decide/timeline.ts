/**
 * The order in which a member's sales and refunds happened, for what depends on it: the tier by which a sale earns. Events arrive in
 * another order than they happened; the points of all of them must not depend on which. So a sale earns by the tier points of what
 * happened before it, and whoever arrives late moves the sales after it: they are told again, and the differences are booked.
 */
import { createHash } from 'node:crypto';
import { pointsForRefund, pointsForSale, tierFor } from '#shared/domain/earn.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { must } from '#shared/lib/assert.ts';
import type { Correction, SaleState, TierEvent, Timeline } from './sale-state.ts';

/** Further back nothing is told again: what happened earlier counts as having happened then. 30 days. */
export const LATE_AFTER_MS = 30 * 86_400_000;

/** How a timeline goes on from an event that is put into it. `ownPoints`: what its sale earns, if it is one. */
export type Retold = { readonly tierPoints: number; readonly ownPoints: number; readonly corrections: readonly Correction[] };

const RULE_IDS = new WeakMap<object, string>();

/** Names what decides about the points of a sale, so that one booked by an earlier rule is left as it is. */
export function ruleIdOf(programme: Pick<Programme, 'earn' | 'tiers'>): string {
	const known = RULE_IDS.get(programme);
	if (known !== undefined) return known;
	const { earn, tiers } = programme;
	const steps = tiers.map(({ threshold, multiplierPercent }) => [threshold, multiplierPercent]);
	const text = JSON.stringify([earn.points, earn.perMinor, earn.rounding, steps]);
	const ruleId = createHash('sha256').update(text).digest('hex').slice(0, 12);
	RULE_IDS.set(programme, ruleId);
	return ruleId;
}

/** Points of a sale that are taken back when `refundedMinor` of it was given back in all. */
export function takenBackOf(sale: Pick<SaleState, 'amountMinor'>, points: number, refundedMinor: number): number {
	if (refundedMinor === 0) return 0;
	return pointsForRefund({
		amountMinor: sale.amountMinor,
		pointsEarned: points,
		refundedMinor: 0,
		pointsTakenBack: 0,
		refundMinor: refundedMinor,
	});
}

type Retelling = {
	readonly timeline: Timeline;
	/** The member's tier points as booked, without `added`. */
	readonly tierPoints: number;
	readonly programme: Programme;
};

/**
 * Puts `added` into the timeline. Its own sale, if it is one, is in `timeline.sales` already (with any points); a refund's sale is there as
 * it was before the refund. `corrections` is what `added` changes of other sales.
 */
export function retell({ timeline, tierPoints, programme }: Retelling, added: TierEvent): Retold {
	const booked = tell(timeline, timeline.events, { from: 0, earns: (sale) => sale.points });
	const ruleId = ruleIdOf(programme);
	const told = tell(timeline, [...timeline.events, added], {
		from: tierPoints - booked.tierPoints,
		earns: (sale, before) => {
			const isOwn = added.refundMinor === null && sale.transactionId === added.transactionId;
			if (sale.eligibleMinor === null || (sale.ruleId !== ruleId && !isOwn)) return sale.points;
			return pointsForSale({ amountMinor: sale.eligibleMinor }, tierFor(before, programme), programme.earn);
		},
	});
	const corrections: Correction[] = [];
	for (const [transactionId, points] of told.points) {
		const sale = must(timeline.sales.get(transactionId), 'a sale of the timeline');
		// What happened before it is as it was: a refund never moves its own sale.
		if (points === sale.points || transactionId === added.transactionId) continue;
		const pointsTakenBack = takenBackOf(sale, points, sale.refundedMinor);
		corrections.push({
			sale: { ...sale, points, pointsTakenBack },
			points: points - pointsTakenBack - (sale.points - sale.pointsTakenBack),
		});
	}
	return { tierPoints: told.tierPoints, ownPoints: told.points.get(added.transactionId) ?? 0, corrections };
}

type Telling = { readonly from: number; readonly earns: (sale: SaleState, tierPointsBefore: number) => number };
type Told = { readonly tierPoints: number; readonly points: ReadonlyMap<string, number> };

/** Goes through the events in their order. `points`: what each sale among them earns. */
function tell(timeline: Timeline, events: readonly TierEvent[], { from, earns }: Telling): Told {
	const points = new Map<string, number>();
	const refunded = refundedBefore(timeline);
	let tierPoints = from;
	for (const event of inOrder(timeline, events)) {
		const sale = must(timeline.sales.get(event.transactionId), 'the sale of an event');
		const before = refunded.get(sale.transactionId) ?? 0;
		if (event.refundMinor === null) {
			const earned = earns(sale, tierPoints);
			points.set(sale.transactionId, earned);
			tierPoints += earned - takenBackOf(sale, earned, before);
			continue;
		}
		const earned = points.get(sale.transactionId) ?? sale.points;
		tierPoints -= takenBackOf(sale, earned, before + event.refundMinor) - takenBackOf(sale, earned, before);
		refunded.set(sale.transactionId, before + event.refundMinor);
	}
	return { tierPoints, points };
}

/** What of each sale was refunded before the timeline begins. */
function refundedBefore({ events, sales }: Timeline): Map<string, number> {
	const refunded = new Map([...sales.values()].map((sale) => [sale.transactionId, sale.refundedMinor]));
	for (const { transactionId, refundMinor } of events) refunded.set(transactionId, (refunded.get(transactionId) ?? 0) - (refundMinor ?? 0));
	return refunded;
}

/** By effective time. A clock may say that a refund happened before its sale: it counts right after it. */
function inOrder({ sales }: Timeline, events: readonly TierEvent[]): TierEvent[] {
	const placed = events.map((event) => {
		const saleAtMs = event.refundMinor === null ? event.atMs : (sales.get(event.transactionId)?.effectiveAtMs ?? 0);
		return { event, atMs: Math.max(event.atMs, saleAtMs) };
	});
	return placed
		.toSorted(
			(left, right) =>
				left.atMs - right.atMs || rank(left.event) - rank(right.event) || (left.event.eventId < right.event.eventId ? -1 : 1),
		)
		.map(({ event }) => event);
}

function rank({ refundMinor }: TierEvent): number {
	return refundMinor === null ? 0 : 1;
}
