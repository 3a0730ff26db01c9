import { eligibleMinorOf, pointsForRefund, pointsForSale, tierFor } from '#shared/domain/earn.ts';
import type { SaleLine } from '#shared/domain/earn.ts';
import { fromMajor, minorDigits } from '#shared/domain/money.ts';
import type { Currency } from '#shared/domain/money.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { isSameContent } from '../batch/content-hash.ts';
import { accountOf, applied, flow, missing, refused } from './decision.ts';
import type { Decision, View } from './decision.ts';
import { withEarned } from './member-state.ts';
import type { MemberState } from './member-state.ts';
import type { SaleState } from './sale-state.ts';
import { LATE_AFTER_MS, retell, ruleIdOf } from './timeline.ts';
import type { Retold } from './timeline.ts';

type EventOf<A extends WireEvent['action']> = Extract<WireEvent, { action: A }>;
type CheckoutItem = NonNullable<EventOf<'checkout'>['data']['items']>[number];

/**
 * A sale earns by the tier that the member had when it happened; the sales that happened after it and are booked already are corrected.
 * Its `transaction_id` is accepted once.
 */
export function decideCheckout(view: View<EventOf<'checkout'>>, member: MemberState): Decision {
	const { data } = view.event;
	if (view.sale !== null) {
		// Antavo knows no repeats: whoever sends no event id is told what Antavo would say.
		if (!view.isPlain && isSameContent(view.sale.contentHash, view.contentHash)) return { kind: 'repeated', eventId: view.sale.eventId };
		return refused('transactionIdUsed', 'Transaction ID already used');
	}
	if (data.currency !== view.programme.currency) return refused('propertyInvalid', `currency is not ${view.programme.currency}`);
	const amountMinor = fromMajor(data.total, data.currency);
	if (amountMinor === null) return refused('propertyInvalid', 'total is not an amount of the currency');
	const unearned = saleOf(view, member, amountMinor);
	const retold = retellWith(view, member, { sale: unearned, refundMinor: null });
	const points = retold?.ownPoints ?? pointsNow(view, member, unearned);
	const booked = book(view, member, { points, tierPoints: points, retold });
	const visited = withVisit(booked.member, view.effectiveAtMs);
	const after = { ...visited, purchaseTotalMinor: visited.purchaseTotalMinor + amountMinor, purchaseCount: visited.purchaseCount + 1 };
	return applied(member.id, points, {
		members: [after],
		entries: flow('program', accountOf(member.id), points),
		sale: { ...unearned, points },
		corrections: booked.corrections,
	});
}

/** Takes back what a sale earned, in proportion, never more than is left of it. The balance may become negative. */
export function decideRefund(view: View<EventOf<'refund'> | EventOf<'partial_refund'>>, member: MemberState): Decision {
	const { sale, event } = view;
	if (sale === null) {
		return view.isPlain || event.force_stub === true
			? refused('refundNotAccepted', 'No accepted transaction has this ID')
			: missing('the sale has not arrived yet');
	}
	if (view.saleOwnerId !== member.id) return refused('notTransactionOwner', 'Customer is not the owner of the transaction');
	const leftMinor = sale.amountMinor - sale.refundedMinor;
	const refundMinor = event.action === 'refund' ? leftMinor : fromMajor(event.data.amount, sale.currency);
	if (refundMinor === null) return refused('propertyInvalid', 'amount is not an amount of the currency');
	if (refundMinor > leftMinor || (leftMinor === 0 && sale.amountMinor > 0))
		return refused('refundAboveTransaction', 'Refund is above what is left of the transaction');
	if (refundMinor === 0) return refused('refundNotPositive', 'Refund must be above zero');
	const takenBack = pointsForRefund({ ...sale, pointsEarned: sale.points, refundMinor });
	const retold = retellWith(view, member, { sale, refundMinor });
	const { member: lowered, corrections } = book(view, member, { points: -takenBack, tierPoints: -takenBack, retold });
	const after = { ...lowered, purchaseTotalMinor: Math.max(0, lowered.purchaseTotalMinor - refundMinor) };
	return applied(member.id, 0 - takenBack, {
		members: [after],
		entries: flow('program', accountOf(member.id), -takenBack),
		sale: { ...sale, refundedMinor: sale.refundedMinor + refundMinor, pointsTakenBack: sale.pointsTakenBack + takenBack },
		refundMinor,
		corrections,
	});
}

/** Points by hand. They count for the balance, not for the tier. A correction may overdraw: it must not depend on what arrived before it. */
export function decidePoints(view: View<EventOf<'point_add'> | EventOf<'point_sub'>>, member: MemberState): Decision {
	const points = view.event.action === 'point_add' ? view.event.data.points : -view.event.data.points;
	const after = withEarned(member, { points, tierPoints: 0 }, view.programme);
	return applied(member.id, points, { members: [after], entries: flow('program', accountOf(member.id), points) });
}

/** The sale of a checkout, before it is known what it earns. */
function saleOf(view: View<EventOf<'checkout'>>, member: MemberState, amountMinor: number): SaleState {
	const { data } = view.event;
	const lines = (data.items ?? []).map((item) => lineOf(item, data.currency));
	return {
		transactionId: data.transaction_id,
		eventId: view.eventId,
		contentHash: view.contentHash,
		ownerId: member.id,
		currency: data.currency,
		amountMinor,
		points: 0,
		refundedMinor: 0,
		pointsTakenBack: 0,
		receiptNumber: data.receipt_number ?? null,
		effectiveAtMs: view.effectiveAtMs,
		eligibleMinor: eligibleMinorOf({ amountMinor, lines }, view.programme.earn),
		ruleId: ruleIdOf(view.programme),
	};
}

function pointsNow({ programme }: View, member: MemberState, { eligibleMinor }: SaleState): number {
	return pointsForSale({ amountMinor: eligibleMinor ?? 0 }, tierFor(member.tierPoints, programme), programme.earn);
}

/** When an event counts for the tier: not before what is no longer told again. */
export function tierAtMs(view: Pick<View, 'effectiveAtMs' | 'nowMs'>, member: Pick<MemberState, 'tierBaseAtMs'>): number {
	return Math.max(view.effectiveAtMs, view.nowMs - LATE_AFTER_MS, member.tierBaseAtMs ?? 0);
}

/** What an event that is out of order does to the others of its member; `null` when it is later than all of them. */
function retellWith(
	view: View,
	member: MemberState,
	{ sale, refundMinor }: { readonly sale: SaleState; readonly refundMinor: number | null },
): Retold | null {
	if (view.timeline === null) return null;
	const sales = new Map(view.timeline.sales).set(sale.transactionId, sale);
	const { events } = view.timeline;
	const added = { eventId: view.eventId, atMs: tierAtMs(view, member), transactionId: sale.transactionId, refundMinor };
	return retell({ timeline: { events, sales }, tierPoints: member.tierPoints, programme: view.programme }, added);
}

type Booking = { readonly points: number; readonly tierPoints: number; readonly retold: Retold | null };

/** The member after an event and the corrections that it causes. */
function book(
	view: View,
	member: MemberState,
	{ points, tierPoints, retold }: Booking,
): { readonly member: MemberState; readonly corrections: Retold['corrections'] } {
	const corrections = retold?.corrections ?? [];
	const delta = {
		points: points + corrections.reduce((sum, correction) => sum + correction.points, 0),
		tierPoints: retold === null ? tierPoints : retold.tierPoints - member.tierPoints,
	};
	const tierLastAtMs = Math.max(member.tierLastAtMs ?? 0, tierAtMs(view, member));
	return { member: { ...withEarned(member, delta, view.programme), tierLastAtMs }, corrections };
}

function lineOf(item: CheckoutItem, currency: Currency): SaleLine {
	// A line may have more digits than the currency (a price by weight): only its sum with others excludes something.
	const totalMinor = fromMajor(item.subtotal, currency) ?? Math.round(item.subtotal * 10 ** minorDigits(currency));
	return { totalMinor: Math.min(totalMinor, Number.MAX_SAFE_INTEGER / 1000), category: item.product_category };
}

function withVisit(member: MemberState, atMs: number): MemberState {
	return {
		...member,
		purchaseLastAtMs: Math.max(member.purchaseLastAtMs ?? 0, atMs),
		profile: { ...member.profile, last_visit_at: Math.max(member.profile.last_visit_at ?? 0, atMs) },
	};
}
