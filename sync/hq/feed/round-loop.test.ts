import { expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import { createRoundLoop } from './round-loop.ts';

const settle = async (): Promise<void> => {
	for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

test('a round follows when the last one said so', async () => {
	const { time, beganAt, loop } = open([100, 100, 1_000]);
	loop.start();
	await time.advance(1_300);
	expect(beganAt).toEqual([0, 100, 200, 1_200]);
});

test('waking brings the next round forward, but not closer than the gap', async () => {
	const { time, beganAt, loop } = open([1_000, 1_000, 1_000]);
	loop.start();
	await time.advance(5);
	loop.wake();
	loop.wake();
	await time.advance(100);
	loop.wake();
	await time.advance(100);
	expect(beganAt).toEqual([0, 20, 105]);
});

test('what wakes the loop while a round runs is served by another round', async () => {
	const { time, beganAt, loop } = open([1_000, 1_000], 30);
	loop.start();
	await time.advance(10);
	loop.wake();
	await time.advance(100);
	expect(beganAt).toEqual([0, 50]);
});

test('stopping waits for the round that runs, and none begins afterwards', async () => {
	const { time, beganAt, loop } = open([0, 0, 0], 30);
	loop.start();
	await time.advance(10);
	let isStopped = false;
	const stopped = loop.stop().then(() => (isStopped = true));
	await settle();
	expect(isStopped).toBe(false);
	await time.advance(1_000);
	await stopped;
	loop.wake();
	await time.advance(1_000);
	expect(beganAt).toEqual([0]);
});

function open(answers: readonly number[], tookMs = 0) {
	const time: FakeTime = createFakeTime({ settle });
	const beganAt: number[] = [];
	const run = async (): Promise<number> => {
		beganAt.push(time.clock.monotonicMs());
		const { promise, resolve } = Promise.withResolvers<void>();
		time.timers.after(tookMs, resolve);
		await promise;
		return answers[beganAt.length - 1] ?? 1_000_000;
	};
	return { time, beganAt, loop: createRoundLoop({ clock: time.clock, timers: time.timers, gapMs: 20, run }) };
}
