import { expect, test } from 'vitest';
import { createFakeTime, seededRandom } from './fake-time.ts';

const settle = async (): Promise<void> => {
	for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

test('runs due timers in the order of their time, then of their setting', async () => {
	const time = createFakeTime({ settle });
	const ran: string[] = [];
	time.timers.after(20, () => ran.push('b'));
	time.timers.after(10, () => ran.push('a'));
	time.timers.after(20, () => ran.push('c'));
	time.timers.after(31, () => ran.push('late'));
	await time.advance(30);
	expect(ran).toEqual(['a', 'b', 'c']);
	expect(time.clock.monotonicMs()).toBe(30);
	expect(time.nextTimerInMs()).toBe(1);
});

test('a timer that is set by a timer runs within the same advance', async () => {
	const time = createFakeTime({ settle });
	const at: number[] = [];
	time.timers.after(5, () => {
		at.push(time.clock.monotonicMs());
		time.timers.after(5, () => at.push(time.clock.monotonicMs()));
	});
	await time.advance(10);
	expect(at).toEqual([5, 10]);
});

test('what a timer sets off has happened before the next timer runs', async () => {
	const time = createFakeTime({ settle });
	const seen: string[] = [];
	time.timers.after(1, () => {
		void (async () => {
			await Promise.resolve();
			await Promise.resolve();
			seen.push('consequence');
		})();
	});
	time.timers.after(2, () => seen.push('next'));
	await time.advance(2);
	expect(seen).toEqual(['consequence', 'next']);
});

test('a cancelled timer never runs', async () => {
	const time = createFakeTime({ settle });
	let runs = 0;
	const cancel = time.timers.after(5, () => {
		runs += 1;
	});
	cancel();
	await time.advance(100);
	expect(runs).toBe(0);
	expect(time.nextTimerInMs()).toBeNull();
});

test('a jump of the wall clock moves neither monotonic time nor timers', async () => {
	const time = createFakeTime({ settle, startMs: 1_000_000 });
	let ranAtMs = -1;
	time.timers.after(50, () => {
		ranAtMs = time.clock.nowMs();
	});
	time.jumpWallClock(-500_000);
	await time.advance(50);
	expect(ranAtMs).toBe(500_050);
	expect(time.clock.monotonicMs()).toBe(50);
});

test('advancing until a condition stops there, and says so when it does not come about', async () => {
	const time = createFakeTime({ settle });
	let count = 0;
	const tick = (): void => {
		count += 1;
		time.timers.after(10, tick);
	};
	time.timers.after(10, tick);
	await time.advanceUntil(() => count === 3, 1000);
	expect(time.clock.monotonicMs()).toBe(30);
	await expect(time.advanceUntil(() => count === 1000, 100)).rejects.toThrow('not within 100 ms');
});

test('the same seed gives the same values, in range', () => {
	const [one, two, other] = [seededRandom(7), seededRandom(7), seededRandom(8)];
	const values = Array.from({ length: 1000 }, () => one.fraction());
	expect(values).toEqual(Array.from({ length: 1000 }, () => two.fraction()));
	expect(values).not.toEqual(Array.from({ length: 1000 }, () => other.fraction()));
	expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
	expect(Math.max(...values)).toBeLessThan(1);
	expect(one.bytes(16)).toEqual(two.bytes(16));
	expect(one.bytes(16)).toHaveLength(16);
});
