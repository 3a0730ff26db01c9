import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from './assert.ts';
import { nextDelayMs } from './backoff.ts';
import type { Random } from './clock.ts';

const policy = { firstMs: 1000, maxMs: 60_000 };

function randomOf(fraction: number): Random {
	return { fraction: () => fraction, bytes: (count) => new Uint8Array(count) };
}

/** Just below 1: the ceiling less one. */
const ALMOST_ONE = 1 - Number.EPSILON;

test('doubles the ceiling per attempt up to the maximum', () => {
	const ceilings = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => nextDelayMs(policy, attempt, randomOf(ALMOST_ONE)) + 1);
	expect(ceilings).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('may wait not at all: the jitter is full', () => {
	expect(nextDelayMs(policy, 10, randomOf(0))).toBe(0);
	expect(nextDelayMs(policy, 2, randomOf(0.5))).toBe(2000);
});

test('is a whole number from 0 up to and without the ceiling, for any attempt', () => {
	fc.assert(
		fc.property(fc.nat(10_000), fc.double({ min: 0, max: ALMOST_ONE, noNaN: true }), (attempt, fraction) => {
			const delayMs = nextDelayMs(policy, attempt, randomOf(fraction));
			expect(Number.isInteger(delayMs)).toBe(true);
			expect(delayMs).toBeGreaterThanOrEqual(0);
			expect(delayMs).toBeLessThan(policy.maxMs);
		}),
	);
});

test('asserts that attempts count from 0', () => {
	expect(() => nextDelayMs(policy, -1, randomOf(0))).toThrow(AssertionError);
	expect(() => nextDelayMs(policy, 0.5, randomOf(0))).toThrow(AssertionError);
});
