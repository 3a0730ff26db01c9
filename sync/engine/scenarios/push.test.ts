import { describe, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { DiskFailure } from '../../outbox/disk-failure.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';
import { applyEvent } from '../../transport/fake-ledger.ts';

const MINUTE_MS = 60_000;

/** A shop with one member whose engine is up and has loaded. */
async function openShop(options: Parameters<typeof createFakeShop>[0] = {}): Promise<FakeShop> {
	const shop = createFakeShop(options);
	shop.member('m1', 100);
	await shop.engine.start();
	await shop.time.advance(1_000);
	expect(shop.engine.status()).toMatchObject({ line: 'online', members: { phase: 'ready' } });
	return shop;
}

const statuses = (shop: FakeShop): readonly string[] => shop.outbox.entries().map((entry) => entry.status);
const pushSizes = (shop: FakeShop): readonly number[] => shop.hq.pushes.map((push) => push.events.length);

describe('sending', () => {
	test('a sale is sent at once when the line is up', async () => {
		const shop = await openShop();
		const entry = shop.give(shop.member('m1'), 5);
		await shop.time.advance(50);
		expect(statuses(shop)).toEqual(['applied']);
		expect(shop.hq.pushes[0]).toMatchObject({
			terminal: '0192f0c0-0000-7000-8000-000000000001',
			incarnation: entry.incarnation,
			events: [{ event_id: entry.eventId, seq: 1, occurred_at: entry.occurredAtMs, action: 'point_add' }],
		});
	});

	test('an entry is on disk as sending before the push begins', async () => {
		const shop = await openShop();
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(50);
		const [taken, pushed, settled] = ['takeBatch', 'push', 'settle'].map((step) => shop.trace.lastIndexOf(step));
		expect(taken).toBeLessThan(pushed ?? 0);
		expect(pushed).toBeLessThan(settled ?? 0);
	});

	test('a disk that refuses at the start keeps nothing from starting, and what was on its way is sent once it can be taken back', async () => {
		const shop = createFakeShop();
		const member = shop.member('m1', 100);
		shop.give(member, 5);
		await shop.outbox.takeBatch({ events: 1, bytes: 1_000, nowMs: shop.time.clock.nowMs() });
		shop.outbox.failNext('recoverSending', new DiskFailure(terminalError('DISK-101'), new Error('no room')));
		await shop.engine.start();
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ line: 'online', waiting: 1 });
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.outbox.entries()).toMatchObject([{ status: 'applied' }]);
		expect(shop.shown(member)).toBe(105);
	});

	test('one push is under way at a time, and what was recorded meanwhile goes with the next', async () => {
		const shop = await openShop({ hq: { latencyMs: 200 } });
		const member = shop.member('m1');
		for (let sale = 0; sale < 5; sale += 1) {
			shop.give(member, 1);
			await shop.time.advance(10);
		}
		await shop.time.advance(1_000);
		expect(pushSizes(shop)).toEqual([1, 4]);
		expect(shop.hq.ledger().applied).toHaveLength(5);
	});

	test('a backlog goes in batches until it is drained, in the order of recording', async () => {
		const shop = createFakeShop();
		const member = shop.member('m1');
		for (let sale = 0; sale < 1_203; sale += 1) shop.give(member, 1);
		await shop.engine.start();
		await shop.time.advance(5_000);
		expect(pushSizes(shop)).toEqual([500, 500, 203]);
		expect(shop.hq.ledger().applied).toEqual(shop.outbox.entries().map((entry) => entry.eventId));
	});

	test('headquarters can space the batches out', async () => {
		const shop = createFakeShop();
		shop.hq.announce({ push: { retry_after_ms: 10_000 } });
		const member = shop.member('m1');
		for (let sale = 0; sale < 600; sale += 1) shop.give(member, 1);
		await shop.engine.start();
		await shop.time.advance(9_000);
		expect(pushSizes(shop)).toEqual([500]);
		await shop.time.advance(2_000);
		expect(pushSizes(shop)).toEqual([500, 100]);
	});
});

describe('an event that is not applied at once', () => {
	test('an event that lacks its member is sent again at its time, without a person', async () => {
		const shop = await openShop();
		const unknown = WireEventSchema.parse({ customer: 'm2', action: 'point_add', data: { points: 7 } });
		shop.outbox.add(unknown, 7);
		await shop.time.advance(1_000);
		expect(statuses(shop)).toEqual(['deferred']);
		const stranger = shop.member('m2');
		await shop.time.advance(MINUTE_MS);
		expect(statuses(shop)).toEqual(['applied']);
		expect(shop.hq.ledger().members.get(stranger)?.points).toBe(7);
	});

	test('an event whose place is taken gets another one, with everything that waits, and its id stays', async () => {
		const shop = await openShop();
		const { incarnation } = shop.outbox.state();
		const other = WireEventSchema.parse({
			customer: 'm1',
			action: 'point_add',
			data: { points: 3 },
			event_id: '0192f0c0-0000-7000-8000-00000000ffff',
			seq: 1,
		});
		applyEvent(shop.hq.ledger(), other, incarnation);
		const entry = shop.give(shop.member('m1'), 5);
		await shop.time.advance(1_000);
		expect(shop.outbox.state().incarnation).not.toBe(incarnation);
		// And what took its place comes back: another life of this outbox sent it.
		expect(shop.outbox.entries()).toMatchObject([
			{ eventId: entry.eventId, status: 'applied' },
			{ eventId: other.event_id, status: 'applied' },
		]);
		expect(shop.hq.ledger().applied).toHaveLength(2);
	});

	test('a refused event waits for a person and goes again when one sends it', async () => {
		const shop = await openShop();
		const entry = shop.give(shop.member('m1'), 5, 'refuse me');
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ waiting: 0, needsPerson: 1 });
		shop.outbox.resend(entry.eventId);
		await shop.time.advance(1_000);
		expect(shop.hq.pushes).toHaveLength(2);
	});
});

describe('an answer that is lost', () => {
	test('after the commit: the same bytes are sent again, settled once, counted once', async () => {
		const shop = await openShop();
		const member = shop.member('m1', 100);
		shop.hq.line.fault('push', 'lose_answer');
		const entry = shop.give(member, 5);
		await shop.time.advance(200);
		expect(statuses(shop)).toEqual(['pending']);
		expect(shop.hq.ledger().applied).toEqual([entry.eventId]);
		await shop.time.advance(5_000);
		expect(statuses(shop)).toEqual(['applied']);
		const [first, second] = shop.hq.pushes.map((push) => push.events[0]);
		expect(second).toEqual({ ...first, age_ms: second?.age_ms });
		expect(shop.hq.ledger().applied).toEqual([entry.eventId]);
		expect(shop.outbox.entries()[0]).toMatchObject({ attempts: 1, outcome: { points: 5 } });
	});

	test('a request that never arrived is no different', async () => {
		const shop = await openShop();
		shop.hq.line.fault('push', 'lose_request', 'stall');
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(2 * MINUTE_MS);
		expect(statuses(shop)).toEqual(['applied']);
		expect(shop.hq.ledger().applied).toHaveLength(1);
	});

	test('an answer that does not fit the request settles nothing', async () => {
		const shop = await openShop();
		shop.hq.announce({ push: { results: [] } });
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(100);
		expect(statuses(shop)).toEqual(['pending']);
		shop.hq.announce({});
		await shop.time.advance(5_000);
		expect(statuses(shop)).toEqual(['applied']);
	});
});

describe('an event that headquarters does not take', () => {
	test('is found by halving and parked, the others arrive', async () => {
		const shop = createFakeShop();
		const member = shop.member('m1');
		const entries = Array.from({ length: 300 }, () => shop.give(member, 1));
		const poison = entries[137];
		if (poison !== undefined) shop.hq.poison.set(poison.eventId, { status: 400, code: WIRE_CODES.bodyMalformed });
		await shop.engine.start();
		await shop.time.advance(30_000);
		expect(shop.hq.ledger().applied).toHaveLength(299);
		expect(shop.outbox.entries().filter((entry) => entry.status === 'parked')).toMatchObject([{ eventId: poison?.eventId }]);
		expect(shop.engine.status()).toMatchObject({ waiting: 1, needsPerson: 1 });
		// 300 → 150 (applied) → 150 → 75 → … → 1, each half that is well sent on the way.
		expect(shop.hq.pushes.length).toBeLessThan(30);
	});

	test('parked it is tried again each hour, alone, for ever', async () => {
		const shop = await openShop();
		const entry = shop.give(shop.member('m1'), 1);
		shop.hq.poison.set(entry.eventId, { status: 413 });
		await shop.time.advance(1_000);
		expect(statuses(shop)).toEqual(['parked']);
		await shop.time.advance(3 * 60 * MINUTE_MS);
		expect(pushSizes(shop)).toEqual([1, 1, 1, 1]);
		shop.hq.poison.clear();
		await shop.time.advance(61 * MINUTE_MS);
		expect(statuses(shop)).toEqual(['applied']);
	});

	test('that makes headquarters fail while it answers health is found, stands aside, and is parked after eight times and half an hour', async () => {
		const shop = await openShop();
		const member = shop.member('m1');
		const poison = shop.give(member, 1);
		shop.hq.poison.set(poison.eventId, { status: 500, code: WIRE_CODES.internal });
		for (let sale = 0; sale < 20; sale += 1) shop.give(member, 1);
		await shop.time.advance(5 * MINUTE_MS);
		expect(shop.hq.ledger().applied).toHaveLength(20);
		expect(statuses(shop)[0]).not.toBe('parked');
		const crashes = (): number =>
			shop.hq.pushes.filter((push) => push.events.length === 1 && push.events[0]?.event_id === poison.eventId).length;
		await shop.time.advance(20 * MINUTE_MS);
		expect(statuses(shop)[0]).not.toBe('parked');
		await shop.time.advance(20 * MINUTE_MS);
		expect(statuses(shop)[0]).toBe('parked');
		expect(crashes()).toBeGreaterThanOrEqual(8);
		expect(shop.engine.status().line).toBe('online');
	});

	test('a failure with a dead health is the line’s: nothing is suspected however long it lasts', async () => {
		const shop = await openShop();
		shop.hq.line.weather((name) => (name === 'push' || name === 'health' || name === 'hello' ? { status: 502 } : null));
		shop.give(shop.member('m1'), 1);
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ line: 'offline', error: { code: 'LINE-102' } });
		await shop.time.advance(3 * 60 * MINUTE_MS);
		expect(statuses(shop)).toEqual(['pending']);
		expect(shop.outbox.entries()[0]?.attempts).toBe(0);
		expect(shop.engine.status()).toMatchObject({ line: 'offline', needsPerson: 0 });
		shop.hq.line.weather(null);
		await shop.time.advance(MINUTE_MS);
		expect(statuses(shop)).toEqual(['applied']);
	});
});

test('what was on its way when the program ended is sent again after the start, whether it had arrived or not', async () => {
	const shop = createFakeShop();
	const member = shop.member('m1');
	shop.give(member, 5);
	await shop.outbox.takeBatch({ events: 500, bytes: 1_000_000, nowMs: shop.time.clock.nowMs() });
	const arrived = shop.give(member, 7);
	const [taken] = await shop.outbox.takeBatch({ events: 500, bytes: 1_000_000, nowMs: shop.time.clock.nowMs() });
	applyEvent(shop.hq.ledger(), WireEventSchema.parse({ ...taken?.event, seq: arrived.seq }), arrived.incarnation);
	expect(statuses(shop)).toEqual(['sending', 'sending']);
	await shop.engine.start();
	await shop.time.advance(5_000);
	expect(statuses(shop)).toEqual(['applied', 'applied']);
	expect(shop.hq.ledger().members.get(member)?.points).toBe(12);
});
