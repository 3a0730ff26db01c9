import { expect, test } from 'vitest';
import type { SyncStatus } from '../sync-status.ts';
import { createFakeReplica } from '../../replica/fake-replica.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

/** What a screen was told, with when. */
function listen(shop: FakeShop): { readonly atMs: number; readonly status: SyncStatus }[] {
	const told: { atMs: number; status: SyncStatus }[] = [];
	shop.engine.onStatus((status) => told.push({ atMs: shop.time.clock.monotonicMs(), status }));
	return told;
}

test('a first start goes from connecting over loading to a terminal that is ready', async () => {
	const shop = createFakeShop({ hq: { fileRows: 5, latencyMs: 150 } });
	for (let number = 0; number < 100; number += 1) shop.member(`m${number}`);
	const told = listen(shop);
	await shop.engine.start();
	expect(shop.engine.status()).toMatchObject({ line: 'connecting', members: { phase: 'empty' } });
	await shop.time.advance(30_000);
	const steps = told.map(({ status }) => `${status.line} ${status.members.phase} ${status.work?.kind ?? '-'}`);
	expect(steps.filter((step, index) => step !== steps[index - 1])).toEqual([
		'connecting empty -',
		'online empty -',
		'online loading first_load',
		'online ready -',
	]);
	const loads = told.flatMap(({ status }) => (status.work?.kind === 'first_load' ? [status.work] : []));
	expect(loads.map((work) => work.done)).toEqual(loads.map((work) => work.done).toSorted((a, b) => a - b));
	expect(loads.at(-1)).toMatchObject({ total: 100, unit: 'rows' });
	expect(loads.at(-1)?.ratePerS).toBeGreaterThan(0);
	expect(told.at(-1)?.status).toMatchObject({ waiting: 0, needsPerson: 0, error: null, work: null, members: { rows: 100 } });
	expect(told.at(-1)?.status.lastPullAtMs).not.toBeNull();
});

test('a screen is told at most ten times a second, however much happens, and always the last of it', async () => {
	const shop = createFakeShop({ hq: { fileRows: 1, latencyMs: 1 } });
	for (let number = 0; number < 300; number += 1) shop.member(`m${number}`);
	const told = listen(shop);
	await shop.engine.start();
	await shop.time.advance(5_000);
	const gaps = told.slice(1).map(({ atMs }, index) => atMs - (told[index]?.atMs ?? 0));
	expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
	expect(told.at(-1)?.status).toEqual(shop.engine.status());
});

test('a screen is not told the same twice', async () => {
	const shop = createFakeShop();
	shop.member('m1');
	await shop.engine.start();
	await shop.time.advance(2_000);
	const told = listen(shop);
	await shop.time.advance(30_000);
	expect(told).toEqual([]);
});

test('a screen knows when changes are fetched next, and whether headquarters holds the question', async () => {
	const shop = createFakeShop();
	shop.member('m1');
	await shop.engine.start();
	await shop.time.advance(2_000);
	const { nextPullAtMs, isPullHeld, lastPullAtMs } = shop.engine.status();
	expect(isPullHeld).toBe(false);
	expect((nextPullAtMs ?? 0) - (lastPullAtMs ?? 0)).toBeGreaterThanOrEqual(45_000);
	await shop.time.advance((nextPullAtMs ?? 0) - shop.time.clock.nowMs() + 2_000);
	expect(shop.engine.status().lastPullAtMs).toBeGreaterThanOrEqual(nextPullAtMs ?? 0);
	const held = createFakeShop({ engine: { longPoll: { isOpen: () => true, waitMs: 25_000 } } });
	held.member('m1');
	await held.engine.start();
	await held.time.advance(5_000);
	expect(held.engine.status().isPullHeld).toBe(true);
});

test('a listener that stopped listening hears nothing more', async () => {
	const shop = createFakeShop();
	let count = 0;
	const stop = shop.engine.onStatus(() => {
		count += 1;
	});
	stop();
	await shop.engine.start();
	await shop.time.advance(2_000);
	expect(count).toBe(0);
});

test('a long push shows how far it is and how long it takes', async () => {
	const shop = createFakeShop({ hq: { latencyMs: 700, pageRows: 1_000 } });
	const member = shop.member('m1');
	for (let sale = 0; sale < 3_000; sale += 1) shop.give(member, 1);
	const told = listen(shop);
	await shop.engine.start();
	await shop.time.advance(20_000);
	const pushes = told.flatMap(({ status }) => (status.work?.kind === 'push' ? [status.work] : []));
	expect(pushes.map((work) => work.done)).toEqual([500, 1_000, 1_500, 2_000, 2_500, 3_000].slice(0, pushes.length));
	for (const work of pushes) expect(work).toMatchObject({ total: 3_000, unit: 'events' });
	expect(pushes.at(-1)?.etaMs).toBeLessThan(1_000);
	expect(shop.engine.status()).toMatchObject({ waiting: 0, work: null });
});

test('entries that wait are counted from the first moment, also those of an earlier run', async () => {
	const shop = createFakeShop();
	shop.hq.line.weather(() => 'refuse_connection');
	shop.give(shop.member('m1'), 1);
	await shop.engine.start();
	expect(shop.engine.status()).toMatchObject({ waiting: 1 });
	shop.give(shop.member('m1'), 1);
	await shop.time.advance(200);
	expect(shop.engine.status()).toMatchObject({ waiting: 2, needsPerson: 0 });
});

test('without an identity the engine is unpaired and does nothing', async () => {
	const shop = createFakeShop({ engine: { identity: null } });
	await shop.engine.start();
	shop.engine.syncNow();
	shop.engine.notifyRecorded();
	await shop.time.advance(600_000);
	expect(shop.engine.status()).toMatchObject({ line: 'unpaired', error: null });
	expect(shop.hq.calls).toEqual([]);
	await shop.engine.stop();
});

test('member data that was put aside at the start is a notice', () => {
	const shop = createFakeShop({ engine: { replica: createFakeReplica({ rebuiltBecause: 'damaged' }) } });
	expect(shop.engine.status().notice).toBe('replica_damaged');
});

test('a disk that refuses a write under the outbox is shown, and everything is sent once it is well', async () => {
	const shop = createFakeShop();
	shop.member('m1', 100);
	await shop.engine.start();
	await shop.time.advance(1_000);
	shop.outbox.failNext('settle', new Error('disk I/O error'));
	shop.give(shop.member('m1'), 5);
	await shop.time.advance(1_000);
	expect(shop.engine.status()).toMatchObject({ error: { code: 'INTERNAL-101' }, waiting: 1 });
	await shop.time.advance(180_000);
	expect(shop.engine.status()).toMatchObject({ error: null, waiting: 0 });
	expect(shop.hq.ledger().applied).toHaveLength(1);
});

test('stop ends everything: no timer and no call is left, and a second start works', async () => {
	const shop = createFakeShop({ engine: { longPoll: { isOpen: () => true, waitMs: 25_000 } } });
	shop.member('m1');
	await shop.engine.start();
	await shop.time.advance(10_000);
	const stopped = shop.engine.stop();
	await shop.time.advance(0);
	await stopped;
	expect(shop.time.nextTimerInMs()).toBeNull();
	const calls = shop.hq.calls.length;
	await shop.time.advance(600_000);
	expect(shop.hq.calls).toHaveLength(calls);
	await shop.engine.start();
	await shop.time.advance(1_000);
	expect(shop.engine.status().line).toBe('online');
});
