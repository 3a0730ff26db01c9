import { describe, expect, test } from 'vitest';
import type { Programme } from '#shared/domain/programme.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function openShop(options: Parameters<typeof createFakeShop>[0] = {}): Promise<FakeShop> {
	const shop = createFakeShop(options);
	shop.member('m1', 100);
	await shop.engine.start();
	await shop.time.advance(1_000);
	expect(shop.engine.status()).toMatchObject({ line: 'online', members: { phase: 'ready' } });
	return shop;
}

const cutOff = (shop: FakeShop): void => shop.hq.line.weather(() => 'refuse_connection');
const count = (shop: FakeShop, call: string): number => shop.hq.calls.filter((seen) => seen === call).length;

describe('a line that is down', () => {
	test('is tried after waits that double up to a minute, each anywhere below its ceiling', async () => {
		const tries: number[] = [];
		const shop = createFakeShop({ onStep: (step) => (step === 'hello' ? tries.push(shop.time.clock.monotonicMs()) : undefined) });
		cutOff(shop);
		await shop.engine.start();
		await shop.time.advance(HOUR_MS);
		const waits = tries.slice(1).map((atMs, index) => atMs - (tries[index] ?? 0) - 20);
		const ceilings = waits.map((_, index) => Math.min(60_000, 1_000 * 2 ** index));
		for (const [index, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(ceilings[index] ?? 0);
		const late = waits.slice(6);
		// Full jitter: the mean of the late waits is near half the ceiling, and they are spread.
		expect(late.reduce((sum, wait) => sum + wait, 0) / late.length).toBeGreaterThan(20_000);
		expect(late.reduce((sum, wait) => sum + wait, 0) / late.length).toBeLessThan(40_000);
		expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(30_000);
	});

	test('counts against no entry, however long it lasts', async () => {
		const shop = await openShop();
		cutOff(shop);
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(7 * 24 * HOUR_MS);
		expect(shop.outbox.entries()).toMatchObject([{ status: 'pending', attempts: 0 }]);
		shop.hq.line.weather(null);
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.outbox.entries()).toMatchObject([{ status: 'applied', attempts: 1 }]);
	});

	test('says since when and until when, and what is wrong', async () => {
		const shop = await openShop();
		const wentDownAtMs = shop.time.clock.nowMs();
		cutOff(shop);
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(20_000);
		const status = shop.engine.status();
		expect(status).toMatchObject({ line: 'offline', waiting: 1, error: { code: 'LINE-101' } });
		expect(status.offlineSinceMs).toBeGreaterThanOrEqual(wentDownAtMs);
		expect(status.offlineSinceMs).toBeLessThan(wentDownAtMs + 1_000);
		expect(status.nextTryAtMs).toBeGreaterThanOrEqual(shop.time.clock.nowMs());
		shop.hq.line.weather(null);
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.engine.status()).toMatchObject({ line: 'online', offlineSinceMs: null, nextTryAtMs: null, error: null, waiting: 0 });
	});
});

describe('a line that is down and wanted', () => {
	test('is tried at once by a sale when the last try is more than five seconds ago, and not the later for it', async () => {
		const shop = await openShop();
		cutOff(shop);
		const member = shop.member('m1');
		shop.give(member, 1);
		// Into the long waits, then to a moment at which none is near.
		await shop.time.advance(10 * MINUTE_MS);
		await shop.time.advanceUntil(() => (shop.engine.status().nextTryAtMs ?? 0) - shop.time.clock.nowMs() > 40_000, HOUR_MS);
		const before = count(shop, 'hello');
		await shop.time.advance(6_000);
		shop.give(member, 1);
		await shop.time.advance(30);
		expect(count(shop, 'hello')).toBe(before + 1);
		shop.give(member, 1);
		await shop.time.advance(1_000);
		expect(count(shop, 'hello') - before).toBeLessThanOrEqual(2);
		shop.hq.line.weather(null);
		await shop.time.advance(6_000);
		shop.give(member, 1);
		await shop.time.advance(200);
		expect(shop.hq.ledger().applied).toHaveLength(4);
	});

	test('is tried at once by a person, who sees that it is tried', async () => {
		const shop = await openShop();
		cutOff(shop);
		shop.engine.syncNow();
		await shop.time.advance(10 * MINUTE_MS);
		await shop.time.advanceUntil(() => (shop.engine.status().nextTryAtMs ?? 0) - shop.time.clock.nowMs() > 20_000, HOUR_MS);
		shop.hq.line.weather(null);
		shop.engine.syncNow();
		expect(shop.engine.status().line).toBe('connecting');
		await shop.time.advance(200);
		expect(shop.engine.status().line).toBe('online');
	});

	test('a single cut pull does not count as one', async () => {
		const lines = new Set<string>();
		const shop = await openShop();
		shop.engine.onStatus((status) => lines.add(status.line));
		shop.hq.line.fault('feed', 'lose_answer');
		shop.hq.line.fault('outcomes', 'stall');
		shop.member('m2');
		await shop.time.advance(5 * MINUTE_MS);
		expect([...lines]).toEqual(['online']);
		expect(shop.engine.status()).toMatchObject({ error: null, members: { rows: 2 } });
	});
});

describe('a headquarters that is busy', () => {
	test('is left alone for as long as it says, even by a person', async () => {
		const shop = await openShop();
		shop.hq.line.fault('push', { status: 429, code: WIRE_CODES.rateLimited, retryAfterMs: 30_000 });
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(200);
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: { code: 'LINE-103' } });
		shop.engine.syncNow();
		await shop.time.advance(29_000);
		expect(count(shop, 'push')).toBe(1);
		await shop.time.advance(2_500);
		expect(count(shop, 'push')).toBe(2);
		expect(shop.engine.status().error).toBeNull();
	});

	test('at the first contact it counts as offline until then', async () => {
		const shop = createFakeShop();
		shop.hq.line.fault('hello', { status: 503, retryAfterMs: 60_000 });
		await shop.engine.start();
		await shop.time.advance(200);
		expect(shop.engine.status()).toMatchObject({ line: 'offline', error: { code: 'LINE-103' } });
		shop.engine.syncNow();
		shop.give(shop.member('m1'), 1);
		await shop.time.advance(59_000);
		expect(count(shop, 'hello')).toBe(1);
		await shop.time.advance(3_000);
		expect(shop.engine.status().line).toBe('online');
	});
});

describe('a terminal that headquarters does not serve', () => {
	test('with a wrong key says so and asks again seldom', async () => {
		const shop = await openShop();
		shop.hq.line.weather((name) => (name === 'health' ? null : { status: 401, code: WIRE_CODES.signatureWrong }));
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ line: 'refused', waiting: 1, error: { code: 'LINE-104' } });
		const before = count(shop, 'hello');
		await shop.time.advance(HOUR_MS);
		expect(count(shop, 'hello') - before).toBeGreaterThanOrEqual(9);
		expect(count(shop, 'hello') - before).toBeLessThanOrEqual(12);
		shop.hq.line.weather(null);
		await shop.time.advance(7 * MINUTE_MS);
		expect(shop.engine.status()).toMatchObject({ line: 'online', waiting: 0, error: null });
	});

	test('because it is too old says so', async () => {
		const shop = createFakeShop();
		shop.hq.line.weather(() => ({ status: 426, code: WIRE_CODES.terminalTooOld }));
		await shop.engine.start();
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ line: 'refused', error: { code: 'LINE-107' } });
	});

	test.each(['hello', 'push', 'feed'] as const)(
		'because it was revoked stops for good, erases its member data and keeps its entries (%s)',
		async (call) => {
			const shop = await openShop();
			shop.hq.line.weather((name) => (name === call ? { status: 403, code: WIRE_CODES.terminalRevoked } : null));
			shop.give(shop.member('m1'), 5);
			shop.engine.syncNow();
			await shop.time.advance(2 * MINUTE_MS);
			expect(shop.engine.status()).toMatchObject({
				line: 'refused',
				nextTryAtMs: null,
				error: { code: 'LINE-105', verdict: 'never' },
				members: { phase: 'empty' },
			});
			expect(shop.outbox.entries()).toHaveLength(1);
			const calls = shop.hq.calls.length;
			shop.engine.syncNow();
			shop.give(shop.member('m1'), 5);
			await shop.time.advance(HOUR_MS);
			expect(shop.hq.calls).toHaveLength(calls);
			expect(shop.time.nextTimerInMs()).toBeNull();
			await shop.engine.stop();
		},
	);
});

describe('a hello', () => {
	test('measures the clock, and a small difference is not written each time', async () => {
		const shop = await openShop();
		shop.hq.setClockAhead(180_000);
		await shop.time.advance(2 * MINUTE_MS);
		// Wrong by half the round trip at most: the fake spends all of it on the way there.
		expect(shop.engine.status().clockSkewMs).toBe(180_010);
		const writes = shop.trace.filter((step) => step === 'saveState').length;
		shop.hq.setClockAhead(180_300);
		await shop.time.advance(5 * MINUTE_MS);
		expect(shop.trace.filter((step) => step === 'saveState')).toHaveLength(writes);
	});

	test('that is refused because of a wrong clock finds the time out and goes through', async () => {
		const shop = createFakeShop();
		const dayMs = 24 * HOUR_MS;
		shop.hq.setClockAhead(dayMs);
		shop.hq.line.weather((name) =>
			name === 'hello' && Math.abs(shop.outbox.state().skewMs - dayMs) > 300_000 ? { status: 401, code: WIRE_CODES.signatureWrong } : null,
		);
		await shop.engine.start();
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ line: 'online', clockSkewMs: dayMs + 10 });
		expect(shop.hq.calls.slice(0, 3)).toEqual(['hello', 'health', 'hello']);
	});

	test('brings a newer programme and roster', async () => {
		const shop = await openShop();
		// Only handed on: its form is the client's to check.
		const programme = { version: 7 } as Programme;
		shop.hq.announce({ hello: { programme, cashiers: [] } });
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.news[0]).toEqual({ programme, cashiers: [] });
	});

	test('whose programme cannot be stored goes on all the same', async () => {
		const shop = createFakeShop({ engine: { onProgramme: () => Promise.reject(new Error('no room')) } });
		shop.hq.announce({ hello: { cashiers: [] } });
		await shop.engine.start();
		await shop.time.advance(1_000);
		expect(shop.engine.status().line).toBe('online');
		expect(shop.logged).toContain('the programme could not be stored');
	});

	test('that knows more of this terminal than its outbox leads to a new incarnation, once', async () => {
		const shop = createFakeShop();
		const member = shop.member('m1');
		const before = shop.outbox.state().incarnation;
		const entry = shop.give(member, 5);
		shop.hq.announce({ hello: { known_max_seq: 40 } });
		await shop.engine.start();
		await shop.time.advance(200);
		expect(shop.outbox.state().incarnation).not.toBe(before);
		expect(shop.hq.pushes[0]).toMatchObject({
			incarnation: shop.outbox.state().incarnation,
			events: [{ event_id: entry.eventId, seq: 1 }],
		});
		shop.hq.announce({});
		await shop.time.advance(5 * MINUTE_MS);
		expect(shop.trace.filter((step) => step === 'renewIncarnation')).toHaveLength(1);
	});
});

test('a wall clock that is set back by a day puts nothing to sleep', async () => {
	const shop = await openShop();
	cutOff(shop);
	shop.give(shop.member('m1'), 5);
	await shop.time.advance(10 * MINUTE_MS);
	shop.time.jumpWallClock(-24 * HOUR_MS);
	shop.hq.line.weather(null);
	await shop.time.advance(2 * MINUTE_MS);
	expect(shop.outbox.entries()).toMatchObject([{ status: 'applied' }]);
	expect(shop.engine.status().line).toBe('online');
});

test('a wall clock that is set back after headquarters failed over an entry does not put that entry to sleep', async () => {
	const shop = await openShop();
	shop.hq.line.fault('push', { status: 500 });
	shop.give(shop.member('m1'), 5);
	await shop.time.advance(45);
	expect(shop.outbox.entries()).toMatchObject([{ status: 'pending' }]);
	shop.time.jumpWallClock(-24 * HOUR_MS);
	await shop.time.advance(MINUTE_MS);
	expect(shop.outbox.entries()).toMatchObject([{ status: 'applied' }]);
});
