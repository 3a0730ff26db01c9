import { expect, test } from 'vitest';
import { addProgress, readProgress, startProgress } from './progress.ts';

function run(samples: readonly (readonly [number, number])[]): ReturnType<typeof startProgress> {
	let progress = startProgress(0, 0);
	for (const [atMs, done] of samples) progress = addProgress(progress, atMs, done);
	return progress;
}

test('says nothing before a second has been seen', () => {
	expect(readProgress(run([[900, 500]]), 1000)).toEqual({ ratePerS: null, etaMs: null });
});

test('gives rate and time left of steady work', () => {
	const progress = run([
		[1000, 100],
		[2000, 200],
		[3000, 300],
	]);
	expect(readProgress(progress, 1000)).toEqual({ ratePerS: 100, etaMs: 7000 });
});

test('gives a rate but no time left when nobody knows the total', () => {
	expect(readProgress(run([[2000, 50]]), 0)).toEqual({ ratePerS: 25, etaMs: null });
});

test('forgets what is older than ten seconds', () => {
	let progress = startProgress(0, 0);
	for (let second = 1; second <= 60; second += 1)
		progress = addProgress(progress, second * 1000, second <= 30 ? second * 1000 : 30_000 + (second - 30) * 10);
	expect(readProgress(progress, 40_000).ratePerS).toBeCloseTo(10, 5);
});

test('work that stands still has no time left rather than an endless one', () => {
	const progress = run([
		[1000, 0],
		[5000, 0],
	]);
	expect(readProgress(progress, 100)).toEqual({ ratePerS: 0, etaMs: null });
});

test('after a pause longer than the window the rate is that of the pause', () => {
	const progress = run([
		[1000, 100],
		[61_000, 400],
	]);
	expect(readProgress(progress, 1000).ratePerS).toBe(5);
});

test('work that begins anew is measured anew', () => {
	const progress = run([
		[1000, 100],
		[2000, 0],
		[4000, 20],
	]);
	expect(readProgress(progress, 100).ratePerS).toBe(10);
});

test('keeps a bounded number of samples however often it is told', () => {
	let progress = startProgress(0, 0);
	for (let atMs = 1; atMs <= 60_000; atMs += 3) progress = addProgress(progress, atMs, atMs);
	expect(progress.samples.length).toBeLessThanOrEqual(60);
	expect(readProgress(progress, 120_000).ratePerS).toBeCloseTo(1000, 0);
});
