import { expect, test } from 'vitest';
import { deferralWaitMs, FORCE_STUB_AFTER_MS, isStubForced } from './deferral.ts';

test('a deferred entry waits a minute, doubling to an hour and no longer', () => {
	const minutes = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((deferrals) => deferralWaitMs(deferrals) / 60_000);
	expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('a stub is forced a day after the first deferral and not before', () => {
	expect(isStubForced(null, 10 * FORCE_STUB_AFTER_MS)).toBe(false);
	expect(isStubForced(1000, 1000 + FORCE_STUB_AFTER_MS - 1)).toBe(false);
	expect(isStubForced(1000, 1000 + FORCE_STUB_AFTER_MS)).toBe(true);
});
