import { expect, test } from 'vitest';
import { median, percentilesOf, quantile, ratioOf } from './statistics.ts';

test('the median is the middle value, or the mean of the two in the middle, in whatever order they come', () => {
	expect(median([3, 1, 2])).toBe(2);
	expect(median([4, 1, 2, 3])).toBe(2.5);
	expect(median([10, 9])).toBe(9.5);
	expect(median([7])).toBe(7);
});

test('of no values there is no median', () => {
	expect(median([])).toBeNaN();
	expect(quantile([], 0.5)).toBeNaN();
});

test('percentiles are samples that were taken, sorted by size and not as text', () => {
	const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
	expect(percentilesOf(samples)).toEqual({ p50: 101, p95: 191, p99: 199, max: 200 });
});

test('the percentiles of one sample are that sample', () => {
	expect(percentilesOf([5])).toEqual({ p50: 5, p95: 5, p99: 5, max: 5 });
});

test('a ratio needs two measured values and something to divide by', () => {
	expect(ratioOf(3, 2)).toBe(1.5);
	expect(ratioOf(3, 0)).toBeNull();
	expect(ratioOf(Number.NaN, 2)).toBeNull();
	expect(ratioOf(3, -Infinity)).toBeNull();
});
