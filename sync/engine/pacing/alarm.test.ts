import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { createAlarm } from './alarm.ts';

function sleeper(untilMs: number | null): { time: ReturnType<typeof createFakeTime>; ring: () => void; wokeAtMs: () => number | null } {
	const time = createFakeTime({ settle: () => setImmediate() });
	const alarm = createAlarm(time.clock, time.timers);
	let wokeAtMs: number | null = null;
	void alarm.sleepUntil(untilMs).then(() => {
		wokeAtMs = time.clock.monotonicMs();
	});
	return { time, ring: alarm.ring, wokeAtMs: () => wokeAtMs };
}

test('wakes at its time', async () => {
	const { time, wokeAtMs } = sleeper(500);
	await time.advance(499);
	expect(wokeAtMs()).toBeNull();
	await time.advance(1);
	expect(wokeAtMs()).toBe(500);
	expect(time.nextTimerInMs()).toBeNull();
});

test('wakes when it rings, and leaves no timer behind', async () => {
	const { time, ring, wokeAtMs } = sleeper(null);
	await time.advance(100);
	ring();
	await time.advance(0);
	expect(wokeAtMs()).toBe(100);
	expect(time.nextTimerInMs()).toBeNull();
});

test('a time that has passed wakes at once', async () => {
	const { time, wokeAtMs } = sleeper(-5);
	await time.advance(0);
	expect(wokeAtMs()).toBe(0);
});

test('a ring before the sleep ends that sleep at once, and only that one', async () => {
	const time = createFakeTime({ settle: () => setImmediate() });
	const alarm = createAlarm(time.clock, time.timers);
	alarm.ring();
	const woke: string[] = [];
	void alarm.sleepUntil(null).then(async () => {
		woke.push('first');
		await alarm.sleepUntil(time.clock.monotonicMs() + 10);
		woke.push('second');
	});
	await time.advance(9);
	expect(woke).toEqual(['first']);
	await time.advance(1);
	expect(woke).toEqual(['first', 'second']);
});
