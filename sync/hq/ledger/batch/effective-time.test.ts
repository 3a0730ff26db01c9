import { expect, test } from 'vitest';
import { effectiveAtMs, keepBootOrder, skewOf } from './effective-time.ts';

const RECEIVED = 1_700_000_000_000;
const NOTHING = { occurredAtMs: null, ageMs: null, recordedSkewMs: null, effectiveTimestampS: null };

test('a monotonic age is believed whatever the wall clock says', () => {
	expect(effectiveAtMs({ ...NOTHING, ageMs: 60_000, occurredAtMs: 0 }, { receivedAtMs: RECEIVED, skewMs: 99 })).toBe(RECEIVED - 60_000);
});

test('a wall clock is corrected by its skew', () => {
	const skewMs = skewOf(RECEIVED, RECEIVED - 7_200_000, null);
	expect(effectiveAtMs({ ...NOTHING, occurredAtMs: RECEIVED - 7_300_000 }, { receivedAtMs: RECEIVED, skewMs })).toBe(RECEIVED - 100_000);
});

test('without a time of sending the skew of the last request counts', () => {
	expect(skewOf(RECEIVED, null, 5000)).toBe(5000);
	expect(skewOf(RECEIVED, null, null)).toBeNull();
});

test('a backdated event of a plain client is believed', () => {
	expect(effectiveAtMs({ ...NOTHING, effectiveTimestampS: 1_600_000_000 }, { receivedAtMs: RECEIVED, skewMs: null })).toBe(
		1_600_000_000_000,
	);
});

test('an event of which nothing is known happened when it arrived', () => {
	expect(effectiveAtMs(NOTHING, { receivedAtMs: RECEIVED, skewMs: null })).toBe(RECEIVED);
});

test.each([
	['in the future by a wall clock', { ...NOTHING, occurredAtMs: RECEIVED + 86_400_000 }, RECEIVED],
	['in the future by a backdating', { ...NOTHING, effectiveTimestampS: 253_402_300_799 }, RECEIVED],
	['before all time by its age', { ...NOTHING, ageMs: Number.MAX_SAFE_INTEGER }, 0],
])('nothing is refused and nothing happens %s', (_what, facts, expected) => {
	expect(effectiveAtMs(facts, { receivedAtMs: RECEIVED, skewMs: 0 })).toBe(expected);
});

test('the skew that was known at the recording goes before that of the sending: the clock may have been set in between', () => {
	const facts = { ...NOTHING, occurredAtMs: RECEIVED - 7_300_000, recordedSkewMs: 7_200_000 };
	expect(effectiveAtMs(facts, { receivedAtMs: RECEIVED, skewMs: 0 })).toBe(RECEIVED - 100_000);
});

const place = (bootId: string | null, seq: number, atMs: number) => ({ bootId, seq, effectiveAtMs: atMs });

test('within a boot no event is earlier than the one before it, also than one of an earlier request', () => {
	const { items, mark } = keepBootOrder([place('b', 3, 90), place('b', 4, 120), place('b', 5, 110)], {
		bootId: 'b',
		seq: 2,
		effectiveAtMs: 100,
	});
	expect(items.map((item) => item.effectiveAtMs)).toEqual([100, 120, 120]);
	expect(mark).toEqual({ bootId: 'b', seq: 5, effectiveAtMs: 120 });
});

test('an event that was passed over and comes again keeps its time', () => {
	const mark = { bootId: 'b', seq: 9, effectiveAtMs: 500 };
	expect(keepBootOrder([place('b', 4, 100)], mark)).toEqual({ items: [place('b', 4, 100)], mark });
});

test('another boot begins anew, and what names none is left alone', () => {
	const { items, mark } = keepBootOrder([place('c', 5, 50), place(null, 6, 10), place('c', 7, 40)], {
		bootId: 'b',
		seq: 4,
		effectiveAtMs: 100,
	});
	expect(items.map((item) => item.effectiveAtMs)).toEqual([50, 10, 50]);
	expect(mark).toEqual({ bootId: 'c', seq: 7, effectiveAtMs: 50 });
});
