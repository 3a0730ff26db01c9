import { expect, test } from 'vitest';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Compared } from '../engine-context.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

const HOUR_MS = 3_600_000;

type Nights = { readonly shop: FakeShop; readonly runs: () => number; readonly days: () => readonly string[] };

function openShop(work: () => Promise<void> = () => Promise.resolve()): Nights {
	let runs = 0;
	const days: string[] = [];
	const shop = createFakeShop({
		engine: {
			nightly: () => {
				runs += 1;
				return work();
			},
			nightlyDay: {
				read: () => days.at(-1) ?? null,
				save: (day) => {
					days.push(day);
					return Promise.resolve();
				},
			},
		},
	});
	shop.member('m1', 100);
	return { shop, runs: () => runs, days: () => days };
}

test('heavy work is done once a night, and the members are compared', async () => {
	const { shop, runs, days } = openShop();
	await shop.engine.start();
	await shop.time.advance(HOUR_MS);
	expect(runs()).toBe(1);
	await shop.time.advance(3 * 24 * HOUR_MS);
	expect(runs()).toBe(4);
	expect(new Set(days()).size).toBe(4);
	expect(shop.hq.calls.filter((call) => call === 'digests').length).toBeGreaterThanOrEqual(4);
});

test('what the comparison found is told: nothing, or how much was loaded again', async () => {
	const told: Compared[] = [];
	let done: string | null = null;
	const save = (day: string): Promise<void> => {
		done = day;
		return Promise.resolve();
	};
	const shop = createFakeShop({ engine: { nightlyDay: { read: () => done, save }, onCompared: (found) => told.push(found) } });
	shop.member('m1', 100);
	await shop.engine.start();
	await shop.time.advance(2 * HOUR_MS);
	expect(told[0]).toEqual({ members: 1, shards: SHARD_COUNT, differed: 0, notCompared: 0 });
});

test('a restart does not repeat it', async () => {
	const { shop, runs } = openShop();
	await shop.engine.start();
	await shop.time.advance(HOUR_MS);
	await shop.engine.stop();
	const again = shop.restart();
	await again.start();
	await shop.time.advance(HOUR_MS);
	expect(runs()).toBe(1);
});

test('work that fails is tried again an hour later, and nothing else notices', async () => {
	let failures = 2;
	const { shop, runs, days } = openShop(() => {
		failures -= 1;
		return failures >= 0 ? Promise.reject(new Error('the disk is busy')) : Promise.resolve();
	});
	await shop.engine.start();
	await shop.time.advance(HOUR_MS);
	expect(days()).toEqual([]);
	shop.give(shop.member('m1'), 5);
	await shop.time.advance(3 * HOUR_MS);
	expect(runs()).toBe(3);
	expect(days()).toHaveLength(1);
	expect(shop.outbox.entries()).toMatchObject([{ status: 'applied' }]);
});

test('the engine stops in the middle of the day', async () => {
	const { shop } = openShop();
	await shop.engine.start();
	await shop.time.advance(HOUR_MS);
	await shop.engine.stop();
	expect(shop.time.nextTimerInMs()).toBeNull();
});
