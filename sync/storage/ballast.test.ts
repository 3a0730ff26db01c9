import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import { openBallast } from './ballast.ts';
import type { Ballast } from './ballast.ts';
import { createFolder } from './fake-folder.ts';

const MIB = 1024 ** 2;
const MINUTE_MS = 60_000;

type Place = {
	readonly folder: string;
	readonly file: string;
	readonly ballast: Ballast;
	readonly time: FakeTime;
	readonly disk: { freeBytes: number };
};

async function open(freeBytes: number, folder = createFolder()): Promise<Place> {
	const time = createFakeTime({ settle: () => pause(0) });
	const disk = { freeBytes };
	const ballast = openBallast({
		folder,
		bytes: 3 * MIB,
		random: time.random,
		timers: time.timers,
		freeBytes: () => Promise.resolve(disk.freeBytes),
	});
	onTestFinished(ballast.close);
	await ballast.settled();
	return { folder, file: path.join(folder, 'ballast'), ballast, time, disk };
}

test('a ballast is made where there is room for it several times over, with real blocks of the disk', async () => {
	const { file, ballast } = await open(100 * MIB);
	expect(statSync(file).size).toBe(3 * MIB);
	expect(statSync(file).blocks * 512).toBeGreaterThanOrEqual(3 * MIB);
	expect(ballast.isMissing()).toBe(false);
});

test('it is not what fills a disk', async () => {
	const { file, ballast } = await open(11 * MIB);
	expect(existsSync(file)).toBe(false);
	expect(ballast.isMissing()).toBe(true);
});

test('it is given up on a full disk, which is said, and made again when there is room', async () => {
	const { file, ballast, disk, time, folder } = await open(100 * MIB);
	let told = 0;
	ballast.onChange(() => {
		told += 1;
	});
	expect(await ballast.release()).toBe(false);
	disk.freeBytes = 0;
	expect(await ballast.release()).toBe(true);
	expect(existsSync(file)).toBe(false);
	expect([ballast.isMissing(), told]).toEqual([true, 1]);
	expect(await ballast.release()).toBe(false);
	await time.advance(10 * MINUTE_MS);
	await ballast.settled();
	expect(readdirSync(folder)).toEqual([]);
	disk.freeBytes = 100 * MIB;
	await time.advance(10 * MINUTE_MS);
	await ballast.settled();
	expect(existsSync(file)).toBe(true);
	expect([ballast.isMissing(), told]).toEqual([false, 2]);
});

test('one that is there is kept, half of one is made anew', async () => {
	const folder = createFolder();
	writeFileSync(path.join(folder, 'ballast.new'), 'half');
	const { file, ballast } = await open(100 * MIB, folder);
	const made = statSync(file).mtimeMs;
	await ballast.close();
	await open(100 * MIB, folder);
	expect(statSync(file).mtimeMs).toBe(made);
	expect(readdirSync(folder)).toEqual(['ballast']);
});
