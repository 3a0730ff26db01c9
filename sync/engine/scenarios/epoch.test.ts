import { describe, expect, test } from 'vitest';
import { ok } from '#shared/lib/result.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

const MINUTE_MS = 60_000;

async function openShop(): Promise<FakeShop> {
	const shop = createFakeShop();
	shop.member('m1', 100);
	await shop.engine.start();
	await shop.time.advance(1_000);
	return shop;
}

const points = (shop: FakeShop, id: string): number | undefined => shop.hq.ledger().members.get(shop.member(id))?.points;

describe('a headquarters that was restored', () => {
	test('gets everything again that it forgot, and nothing twice that it remembers', async () => {
		const shop = await openShop();
		const member = shop.member('m1');
		shop.give(member, 5);
		await shop.time.advance(1_000);
		const backup = shop.hq.backup();
		shop.give(member, 7);
		await shop.time.advance(1_000);
		shop.hq.restore(backup);
		expect(points(shop, 'm1')).toBe(105);
		await shop.time.advance(3 * MINUTE_MS);
		expect(points(shop, 'm1')).toBe(112);
		expect(shop.outbox.entries().map((entry) => entry.status)).toEqual(['applied', 'applied']);
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null, members: { phase: 'ready' } });
		expect(shop.shown(member)).toBe(112);
	});

	test('costs the replica first and the outcomes second, before anything is pushed or pulled', async () => {
		const shop = await openShop();
		shop.hq.restore(shop.hq.backup());
		const start = shop.trace.length;
		shop.engine.syncNow();
		await shop.time.advance(1_000);
		const steps = shop.trace.slice(start).filter((step) => ['hello', 'erase', 'reoffer', 'push', 'manifest', 'feed'].includes(step));
		expect(steps).toEqual(['hello', 'erase', 'reoffer', 'manifest', 'feed']);
	});

	test('and a program that ends between the two steps: the next hello does both again', async () => {
		const shop = await openShop();
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(1_000);
		shop.hq.restore(shop.hq.backup());
		shop.outbox.failNext('reoffer', new Error('the program ends here'));
		shop.engine.syncNow();
		await shop.time.advance(1_000);
		expect(shop.replica.state().phase).toBe('empty');
		expect(shop.outbox.state().hqEpoch).toBe(1);
		await shop.time.advance(3 * MINUTE_MS);
		expect(shop.outbox.state().hqEpoch).toBe(2);
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null, members: { phase: 'ready' } });
	});
});

describe('a restore that is noticed late', () => {
	test('noticed in the answer to a push: the answer is not stored, the entry is sent again after the hello', async () => {
		const shop = await openShop();
		const member = shop.member('m1');
		shop.hq.restore(shop.hq.backup());
		shop.give(member, 5);
		await shop.time.advance(2_000);
		expect(shop.trace.filter((step) => step === 'reoffer')).toHaveLength(2);
		expect(points(shop, 'm1')).toBe(105);
		expect(shop.outbox.entries()).toMatchObject([{ status: 'applied' }]);
	});

	test('noticed when something is pushed: it is not taken before what was forgotten, and the order stays', async () => {
		const shop = await openShop();
		const member = shop.member('m1');
		const backup = shop.hq.backup();
		shop.give(member, 5);
		await shop.time.advance(1_000);
		shop.hq.restore(backup);
		shop.give(member, 7);
		await shop.time.advance(3 * MINUTE_MS);
		const order = shop.outbox.entries().map((entry) => entry.eventId);
		expect(shop.hq.ledger().applied).toEqual(order);
		expect(points(shop, 'm1')).toBe(112);
	});

	test('noticed in a page: the page is not stored', async () => {
		// Between the hello and the page a restored headquarters took over that still knows the place in the feed.
		const shop = createFakeShop({
			client: (client) => ({
				...client,
				feed: async (query, signal) => {
					const page = await client.feed(query, signal);
					return page.ok ? ok({ ...page.value, header: { ...page.value.header, hq_epoch: 2 } }) : page;
				},
			}),
		});
		shop.member('m1', 100);
		await shop.engine.start();
		await shop.time.advance(10_000);
		expect(shop.hq.calls.filter((call) => call === 'feed').length).toBeGreaterThan(1);
		expect(shop.trace).not.toContain('applyPage');
		// A headquarters that cannot make up its mind is asked ever more seldom.
		await shop.time.advance(10 * MINUTE_MS);
		expect(shop.hq.calls.filter((call) => call === 'feed').length).toBeLessThan(60);
	});

	test('without raising its epoch, to before this terminal’s: nothing is sent to it, and somebody is told', async () => {
		const shop = await openShop();
		shop.hq.restore(shop.hq.backup());
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.outbox.state().hqEpoch).toBe(2);
		shop.hq.announce({ hello: { hq_epoch: 1 } });
		shop.engine.syncNow();
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ line: 'offline', error: { code: 'LINE-102', origin: 'hq' } });
		const pushes = shop.hq.pushes.length;
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(5 * MINUTE_MS);
		expect(shop.hq.pushes).toHaveLength(pushes);
		shop.hq.announce({});
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null, waiting: 0 });
	});
});
