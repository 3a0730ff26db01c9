import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planBatch } from './plan-batch.ts';
import type { Candidate } from './plan-batch.ts';

const NOW = 1_000_000;
const LATER = NOW + 1;
const LIMIT = { events: 500, bytes: 1_000_000, nowMs: NOW };

function candidate(position: number, change: Partial<Candidate> = {}): Candidate {
	return {
		position,
		status: 'pending',
		action: 'checkout',
		memberId: 'm1',
		barcode: null,
		transactionId: `t${position}`,
		bytes: 300,
		nextAttemptAtMs: null,
		...change,
	};
}

function plan(candidates: readonly Candidate[], limit = LIMIT): readonly number[] {
	const batch = planBatch(limit);
	for (const offered of candidates) if (!batch.offer(offered)) break;
	return batch.positions();
}

const LATE_SALE = candidate(1, { nextAttemptAtMs: LATER, status: 'deferred' });

test('a batch is a prefix of what waits, up to the number of events', () => {
	expect(plan([candidate(1), candidate(2), candidate(3)], { ...LIMIT, events: 2 })).toEqual([1, 2]);
});

test('a batch stays below the number of bytes, and an event too large for it goes alone', () => {
	expect(plan([candidate(1), candidate(2), candidate(3)], { ...LIMIT, bytes: 1200 })).toEqual([1, 2]);
	expect(plan([candidate(1), candidate(2)], { ...LIMIT, bytes: 10 })).toEqual([1]);
	expect(plan([candidate(1), candidate(2, { bytes: 900 }), candidate(3)], { ...LIMIT, bytes: 1200 })).toEqual([1]);
});

test('an entry whose time has not come is passed over, and one whose time has come is not', () => {
	expect(plan([LATE_SALE, candidate(2, { nextAttemptAtMs: NOW })])).toEqual([2]);
});

test('what is on its way or of unknown fate is not sent a second time', () => {
	expect(plan([candidate(1, { status: 'sending' }), candidate(2, { status: 'unknown' }), candidate(3)])).toEqual([3]);
});

test('a parked entry without a time waits for a person, one with a time is tried again', () => {
	expect(plan([candidate(1, { status: 'parked' }), candidate(2, { status: 'parked', nextAttemptAtMs: NOW })])).toEqual([2]);
});

test('sales and enrolments overtake a sale of the same member that waits', () => {
	expect(plan([LATE_SALE, candidate(2), candidate(3, { action: 'opt_in' }), candidate(4, { action: 'profile' })])).toEqual([2, 3, 4]);
});

test('a refund does not overtake its sale, and not an earlier refund of it', () => {
	const refund = candidate(2, { action: 'refund', transactionId: 't1' });
	const part = candidate(3, { action: 'partial_refund', transactionId: 't1' });
	expect(plan([LATE_SALE, refund, part])).toEqual([]);
	expect(plan([{ ...refund, nextAttemptAtMs: LATER }, part, candidate(4, { action: 'refund' })])).toEqual([4]);
	expect(plan([candidate(1), refund, part])).toEqual([1, 2, 3]);
});

test('a change of the profile does not overtake an earlier one, nor the enrolment', () => {
	for (const action of ['profile', 'opt_in'] as const) {
		const first = candidate(1, { action, nextAttemptAtMs: LATER, transactionId: null });
		const second = candidate(2, { action: 'profile', transactionId: null });
		expect(plan([first, second])).toEqual([]);
		expect(plan([first, { ...second, memberId: 'm2' }])).toEqual([2]);
	}
});

test('an opt-out overtakes nothing of its member, and nothing of its member overtakes it', () => {
	const optOut = candidate(2, { action: 'opt_out', transactionId: null });
	expect(plan([LATE_SALE, optOut, candidate(3), candidate(4, { memberId: 'm2' })])).toEqual([4]);
	expect(plan([candidate(1), optOut, candidate(3)])).toEqual([1, 2, 3]);
});

test('a member that is known by the card alone is held back like the member', () => {
	const sale = candidate(1, { memberId: null, barcode: 'C1', nextAttemptAtMs: LATER });
	expect(plan([sale, candidate(2, { action: 'opt_out', barcode: 'C1' })])).toEqual([]);
	expect(plan([sale, candidate(2, { action: 'opt_out', barcode: 'C2' })])).toEqual([2]);
});

const anyCandidate = fc.record({
	status: fc.constantFrom('pending', 'deferred', 'parked', 'sending', 'unknown'),
	action: fc.constantFrom('opt_in', 'profile', 'checkout', 'refund', 'partial_refund', 'point_add', 'opt_out'),
	memberId: fc.constantFrom('m1', 'm2', null),
	barcode: fc.constantFrom('C1', 'C2', null),
	transactionId: fc.constantFrom('t1', 't2', null),
	bytes: fc.integer({ min: 1, max: 500 }),
	nextAttemptAtMs: fc.constantFrom(null, NOW - 1, LATER),
} as const);

/** The rule said in another way than the code says it. */
function mayOvertake(later: Candidate, earlier: Candidate): boolean {
	const isSameOwner =
		(later.memberId !== null && later.memberId === earlier.memberId) || (later.barcode !== null && later.barcode === earlier.barcode);
	const isSameSale = later.transactionId !== null && later.transactionId === earlier.transactionId;
	const sale = ['checkout', 'refund', 'partial_refund'];
	if (isSameSale && sale.includes(later.action) && sale.includes(earlier.action)) return false;
	if (!isSameOwner) return true;
	if (later.action === 'opt_out' || earlier.action === 'opt_out') return false;
	return !(later.action === 'profile' && ['profile', 'opt_in'].includes(earlier.action));
}

test('I4: whatever waits, nothing is taken that must not overtake something left behind', () => {
	fc.assert(
		fc.property(fc.array(anyCandidate, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (drawn, events) => {
			const all = drawn.map((change, index) => ({ ...change, position: index + 1 }));
			const taken = new Set(plan(all, { events, bytes: 1500, nowMs: NOW }));
			const last = Math.max(0, ...taken);
			for (const later of all.filter(({ position }) => taken.has(position))) {
				expect(later.nextAttemptAtMs === null || later.nextAttemptAtMs <= NOW).toBe(true);
				const left = all.filter((earlier) => earlier.position < later.position && !taken.has(earlier.position));
				for (const earlier of left) expect(mayOvertake(later, earlier)).toBe(true);
			}
			// And nothing is left behind without a reason.
			for (const passed of all.filter(({ position }) => position < last && !taken.has(position))) {
				const isWaiting = ['sending', 'unknown'].includes(passed.status) || passed.nextAttemptAtMs === LATER;
				const isParked = passed.status === 'parked' && passed.nextAttemptAtMs === null;
				const left = all.filter((earlier) => earlier.position < passed.position && !taken.has(earlier.position));
				expect(isWaiting || isParked || left.some((earlier) => !mayOvertake(passed, earlier))).toBe(true);
			}
		}),
		{ numRuns: 500 },
	);
});
