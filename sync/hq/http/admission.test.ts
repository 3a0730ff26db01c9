import { expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { createAdmission } from './admission.ts';

const LIMITS = { push: { perSecond: 10, burst: 20 }, tail: { perSecond: 10, burst: 5 }, snapshot: { perSecond: 1, burst: 1 } };

function open() {
	const time = createFakeTime({ settle: () => Promise.resolve() });
	return { time, admission: createAdmission(time, LIMITS) };
}
const many = (count: number, take: () => number): number[] => Array.from({ length: count }, take);

test('a burst is let in, what is above it is told when to come back', () => {
	const { admission } = open();
	const waits = many(25, () => admission.take('push'));
	expect(waits.filter((wait) => wait === 0)).toHaveLength(20);
	expect(Math.min(...waits.slice(20))).toBeGreaterThanOrEqual(1_000);
});

test('the rush of one lane costs another nothing', () => {
	const { admission } = open();
	many(1_000, () => admission.take('snapshot'));
	expect(admission.take('push')).toBe(0);
	expect(admission.take('tail')).toBe(0);
});

test('comes back by the second', async () => {
	const { time, admission } = open();
	many(5, () => admission.take('tail'));
	expect(admission.take('tail')).toBeGreaterThan(0);
	await time.advance(400);
	expect(many(3, () => admission.take('tail'))).toEqual([0, 0, 0]);
});

test('who was sent away takes nothing from those who come then', async () => {
	const { time, admission } = open();
	many(500, () => admission.take('push'));
	await time.advance(1_000);
	expect(many(12, () => admission.take('push')).filter((wait) => wait === 0)).toHaveLength(10);
});

test('who is sent away is spread, and never for longer than a minute', () => {
	const { admission } = open();
	const waits = many(2_000, () => admission.take('tail')).slice(5);
	expect(new Set(waits.slice(0, 100)).size).toBeGreaterThan(50);
	expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
});
