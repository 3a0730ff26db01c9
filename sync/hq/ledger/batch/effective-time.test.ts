import { expect, test } from 'vitest';
import { effectiveAtMs, skewOf } from './effective-time.ts';

const RECEIVED = 1_700_000_000_000;
const NOTHING = { occurredAtMs: null, ageMs: null, effectiveTimestampS: null };

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
