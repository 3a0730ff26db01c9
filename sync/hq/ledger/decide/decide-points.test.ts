import { describe, expect, test } from 'vitest';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { decide } from './decide.ts';
import type { Decision, View } from './decision.ts';
import { EFFECTIVE_AT_MS, eventOf, memberOf, saleOf, viewOf } from './fake-view.ts';
import type { MemberState } from './member-state.ts';

function accept(decision: Decision): Extract<Decision, { kind: 'applied' }> {
	if (decision.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(decision)}`);
	return decision;
}

function codeOf(decision: Decision): number | null {
	return decision.kind === 'refused' ? decision.error.code : null;
}

function memberAfter(decision: Decision): MemberState | undefined {
	return accept(decision).effects.members[0];
}

describe('checkout', () => {
	const buy = (data: object, target: MemberState = memberOf('M'), changes: Partial<View> = {}) =>
		decide(viewOf(eventOf('checkout', data), { target, ...changes }));

	test('gives a point for every full euro and books it from the programme', () => {
		const decision = accept(buy({ total: 41.9 }, memberOf('M', { points: 100 })));
		expect(decision.points).toBe(41);
		expect(decision.effects.entries).toEqual([{ debit: 'program', credit: 'member:M', amount: 41 }]);
		expect(decision.effects.members[0]).toMatchObject({
			points: 141,
			earned: 141,
			tierPoints: 141,
			purchaseTotalMinor: 4190,
			purchaseCount: 1,
			purchaseLastAtMs: EFFECTIVE_AT_MS,
		});
		expect(decision.effects.sale).toMatchObject({ transactionId: 'S-1', ownerId: 'M', amountMinor: 4190, points: 41, refundedMinor: 0 });
	});

	test.each([
		[0, 100, 'basic'],
		[500, 110, 'silver'],
		[2000, 125, 'gold'],
		[6000, 150, 'platinum'],
	])('with %i tier points a sale of 100 gives %i', (tierPoints, points, tier) => {
		const target = memberOf('M', { points: 0, tierPoints });
		expect(accept(buy({ total: 100 }, target)).points).toBe(points);
		expect(memberAfter(buy({ total: 0 }, target))?.tier).toBe(tier);
	});

	test('raises the tier with the sale that reaches it, by the multiplier of before', () => {
		const after = memberAfter(buy({ total: 10 }, memberOf('M', { points: 495 })));
		expect(after).toMatchObject({ points: 505, tier: 'silver' });
	});

	test('leaves out lines that earn nothing', () => {
		const items = [
			{ product_id: 'A', product_category: 'gift-card', quantity: 1, price: 20, subtotal: 20 },
			{ product_id: 'B', quantity: 1, price: 21.9, subtotal: 21.9 },
		];
		expect(accept(buy({ total: 41.9, items })).points).toBe(21);
	});

	test('takes a line with more digits than the currency has', () => {
		const items = [{ product_id: 'A', product_category: 'tobacco', quantity: 0.333, price: 3, subtotal: 0.999 }];
		expect(accept(buy({ total: 41.9, items })).points).toBe(40);
	});

	test('of nothing gives nothing, and counts as a visit', () => {
		const decision = accept(buy({ total: 0 }));
		expect(decision.points).toBe(0);
		expect(decision.effects.entries).toEqual([]);
		expect(decision.effects.members[0]?.profile.last_visit_at).toBe(EFFECTIVE_AT_MS);
	});

	test('that arrives late does not turn the last visit back', () => {
		const target = memberOf('M', { purchaseLastAtMs: EFFECTIVE_AT_MS + 5, profile: { last_visit_at: EFFECTIVE_AT_MS + 5 } });
		expect(memberAfter(buy({}, target))).toMatchObject({
			purchaseLastAtMs: EFFECTIVE_AT_MS + 5,
			profile: { last_visit_at: EFFECTIVE_AT_MS + 5 },
		});
	});

	test.each([
		['another currency', { currency: 'HUF' }],
		['a third digit', { total: 41.905 }],
		['more than the largest amount', { total: 100_000_000 }],
	])('with %s is refused', (_what, data) => {
		expect(codeOf(buy(data))).toBe(WIRE_CODES.propertyInvalid);
	});

	test('repeated under another event id points at the first', () => {
		expect(buy({}, memberOf('M'), { sale: saleOf() })).toEqual({ kind: 'repeated', eventId: saleOf().eventId });
	});

	test('with a used transaction id and other content is refused, and always for a plain client', () => {
		expect(codeOf(buy({}, memberOf('M'), { sale: saleOf({ contentHash: 'other' }) }))).toBe(WIRE_CODES.transactionIdUsed);
		expect(codeOf(buy({}, memberOf('M'), { sale: saleOf(), isPlain: true }))).toBe(WIRE_CODES.transactionIdUsed);
	});
});

describe('refund', () => {
	const giveBack = (action: 'refund' | 'partial_refund', data: object, changes: Partial<View> = {}) =>
		decide(
			viewOf(eventOf(action, data), {
				target: memberOf('M', { points: 41, purchaseTotalMinor: 4190 }),
				sale: saleOf(),
				saleOwnerId: 'M',
				...changes,
			}),
		);

	test('takes back what the sale gave', () => {
		const decision = accept(giveBack('refund', {}));
		expect(decision.points).toBe(-41);
		expect(decision.effects.entries).toEqual([{ debit: 'member:M', credit: 'program', amount: 41 }]);
		expect(decision.effects.members[0]).toMatchObject({ points: 0, earned: 0, tierPoints: 0, purchaseTotalMinor: 0 });
		expect(decision.effects.sale).toMatchObject({ refundedMinor: 4190, pointsTakenBack: 41 });
	});

	test('in parts takes back in proportion', () => {
		expect(accept(giveBack('partial_refund', { amount: 20.95 })).points).toBe(-20);
	});

	test('of the rest takes back exactly what is left', () => {
		const sale = saleOf({ refundedMinor: 2095, pointsTakenBack: 20 });
		expect(accept(giveBack('refund', {}, { sale })).points).toBe(-21);
	});

	test('may leave the balance below zero, and the tier at its lowest', () => {
		const target = memberOf('M', { points: 10, tierPoints: 10 });
		expect(memberAfter(giveBack('refund', {}, { target }))).toMatchObject({ points: -31, tierPoints: -31, tier: 'basic' });
	});

	test.each<[string, 'refund' | 'partial_refund', object, Partial<View>, number]>([
		['above the sale', 'partial_refund', { amount: 41.91 }, {}, WIRE_CODES.refundAboveTransaction],
		['above what is left', 'partial_refund', { amount: 1 }, { sale: saleOf({ refundedMinor: 4100 }) }, WIRE_CODES.refundAboveTransaction],
		['of a sale that was given back whole', 'refund', {}, { sale: saleOf({ refundedMinor: 4190 }) }, WIRE_CODES.refundAboveTransaction],
		['of a sale of nothing', 'refund', {}, { sale: saleOf({ amountMinor: 0, points: 0 }) }, WIRE_CODES.refundNotPositive],
		['of another member’s sale', 'refund', {}, { saleOwnerId: 'N' }, WIRE_CODES.notTransactionOwner],
		['of a sale that nobody knows, by a plain client', 'refund', {}, { sale: null, isPlain: true }, WIRE_CODES.refundNotAccepted],
		['of less than a cent', 'partial_refund', { amount: 0.001 }, {}, WIRE_CODES.propertyInvalid],
	])('%s is refused', (_what, action, data, changes, code) => {
		expect(codeOf(giveBack(action, data, changes))).toBe(code);
	});

	test('of a sale that has not arrived waits for it, and is refused once it is forced', () => {
		expect(giveBack('refund', {}, { sale: null }).kind).toBe('missing');
		const forced = viewOf(eventOf('refund', {}, { force_stub: true }), { target: memberOf('M') });
		expect(codeOf(decide(forced))).toBe(WIRE_CODES.refundNotAccepted);
	});
});

describe('points by hand', () => {
	test('change the balance and not the tier', () => {
		const add = accept(decide(viewOf(eventOf('point_add', { points: 900 }), { target: memberOf('M') })));
		expect(add.effects.members[0]).toMatchObject({ points: 900, tierPoints: 0, tier: 'basic' });
		expect(add.effects.entries).toEqual([{ debit: 'program', credit: 'member:M', amount: 900 }]);
	});

	test('may take more than there is', () => {
		const sub = accept(decide(viewOf(eventOf('point_sub', { points: 7 }), { target: memberOf('M', { points: 5 }) })));
		expect(sub.points).toBe(-7);
		expect(sub.effects.members[0]?.points).toBe(-2);
		expect(sub.effects.entries).toEqual([{ debit: 'member:M', credit: 'program', amount: 7 }]);
	});
});
