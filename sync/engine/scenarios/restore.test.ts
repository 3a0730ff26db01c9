import { describe, expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { copyOutboxDisk, createOutboxDisk } from '../../outbox/fake-outbox-rows.ts';
import type { OutboxDisk } from '../../outbox/fake-outbox-rows.ts';
import { ADOPTED_INCARNATION } from '../../outbox/outbox.ts';
import { applyEvent } from '../../transport/fake-ledger.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

const MINUTE_MS = 60_000;

async function openShop(disk: OutboxDisk, options: Parameters<typeof createFakeShop>[0] = {}): Promise<FakeShop> {
	const shop = createFakeShop({ disk, ...options });
	shop.member('m1', 100);
	await shop.engine.start();
	await shop.time.advance(2_000);
	return shop;
}

const newDisk = (seed = 9): OutboxDisk => createOutboxDisk(createFakeTime({ settle: () => Promise.resolve(), seed }).random);
const pointsGiven = (shop: FakeShop): number[] => shop.outbox.entries().map(({ pointsEstimated }) => pointsEstimated);

/** A shop whose first five points headquarters has, and a copy of its outbox. */
async function openCopied(): Promise<{ readonly first: FakeShop; readonly copy: OutboxDisk }> {
	const disk = newDisk();
	const first = await openShop(disk);
	first.give(first.member('m1'), 5);
	await first.time.advance(2 * MINUTE_MS);
	return { first, copy: copyOutboxDisk(disk) };
}

/** A shop whose first five points are in the backup and whose next ones are not. */
async function sellBeyondBackup(): Promise<{ readonly first: FakeShop; readonly backup: OutboxDisk }> {
	const { first, copy: backup } = await openCopied();
	const member = first.member('m1');
	for (const points of [6, 7, 8]) first.give(member, points);
	await first.time.advance(2 * MINUTE_MS);
	return { first, backup };
}

describe('a data folder that was restored', () => {
	test('gets back what it sent since, before it takes a new incarnation', async () => {
		const { first, backup } = await sellBeyondBackup();
		await first.engine.stop();
		const second = await openShop(backup, { beside: first });
		await second.time.advance(2_000);
		expect(pointsGiven(second)).toEqual([5, 6, 7, 8]);
		expect(second.outbox.entries().slice(1)).toMatchObject(
			[6, 7, 8].map((points) => ({ status: 'applied', incarnation: ADOPTED_INCARNATION, outcome: { points } })),
		);
		expect(second.outbox.state().incarnation).not.toBe(first.outbox.state().incarnation);
		expect(second.trace.filter((step) => step === 'adopt' || step === 'renewIncarnation')).toEqual(['adopt', 'renewIncarnation']);
		expect(second.shown(second.member('m1'))).toBe(126);
	});

	test('and records before the first contact loses nothing and counts nothing twice', async () => {
		const { first, backup } = await sellBeyondBackup();
		await first.engine.stop();
		const second = createFakeShop({ disk: backup, beside: first });
		for (const points of [11, 12, 13, 14, 15]) second.give(second.member('m1'), points);
		await second.engine.start();
		await second.time.advance(MINUTE_MS);
		expect([...pointsGiven(second)].toSorted((one, other) => one - other)).toEqual([5, 6, 7, 8, 11, 12, 13, 14, 15]);
		expect(second.outbox.entries().every(({ status }) => status === 'applied')).toBe(true);
		expect(second.hq.ledger().members.get(second.member('m1'))?.points).toBe(100 + 26 + 65);
		expect(second.shown(second.member('m1'))).toBe(191);
	});

	test('keeps asking when the line breaks in the middle of it', async () => {
		const { first, backup } = await sellBeyondBackup();
		await first.engine.stop();
		first.hq.line.fault('ownEvents', 'refuse_connection', 'lose_answer');
		const second = createFakeShop({ disk: backup, beside: first });
		await second.engine.start();
		await second.time.advance(5 * MINUTE_MS);
		expect(pointsGiven(second)).toEqual([5, 6, 7, 8]);
		expect(second.trace.filter((step) => step === 'renewIncarnation')).toHaveLength(1);
	});
});

describe('an outcome of an event that the outbox does not know', () => {
	test('brings back what was lost where no place in the order betrays it: what it sent since was under another incarnation', async () => {
		const { first, copy } = await openCopied();
		const member = first.member('m1');
		await first.outbox.renewIncarnation();
		for (const points of [6, 7]) first.give(member, points);
		await first.time.advance(2 * MINUTE_MS);
		await first.engine.stop();
		const second = await openShop(copy, { beside: first });
		await second.time.advance(MINUTE_MS);
		expect(pointsGiven(second)).toEqual([5, 6, 7]);
		expect(second.outbox.entries().slice(1)).toMatchObject([6, 7].map((points) => ({ status: 'applied', outcome: { points } })));
		expect(second.trace).not.toContain('renewIncarnation');
		expect(second.shown(member)).toBe(118);
	});

	test('gives a new machine the past of the terminal in whose place it stands', async () => {
		const first = await openShop(newDisk());
		const member = first.member('m1');
		for (const points of [5, 6]) first.give(member, points);
		await first.time.advance(2 * MINUTE_MS);
		await first.engine.stop();
		const second = await openShop(newDisk(10), { beside: first });
		expect(second.trace.indexOf('adopt')).toBeGreaterThan(-1);
		expect(second.trace.indexOf('adopt')).toBeLessThan(second.trace.indexOf('finish'));
		expect(pointsGiven(second)).toEqual([5, 6]);
		expect(second.shown(member)).toBe(111);
	});

	test('I4: of a twin’s events none is passed over that comes before one taken over later', async () => {
		const disk = newDisk();
		const first = await openShop(disk);
		const member = first.member('m1');
		const second = await openShop(copyOutboxDisk(disk), { beside: first });
		first.give(member, 6);
		// The second one sees the outcome and, with nothing of its own to send, no fork.
		await first.time.advance(2 * MINUTE_MS);
		first.give(member, 7);
		await first.time.advance(100);
		second.give(member, 80);
		await first.time.advance(2 * MINUTE_MS);
		expect(pointsGiven(second).filter((points) => points !== 80)).toEqual([6, 7]);
		expect(second.shown(member)).toBe(193);
	});

	test.each([
		['younger than the outbox keeps its entries', 89, true],
		['so old that the outbox may have retired it', 91, false],
	])('%s', async (_name, days, isFetched) => {
		const shop = await openShop(newDisk());
		const asked = (): number => shop.hq.calls.filter((call) => call === 'ownEvents').length;
		const event = WireEventSchema.parse({
			customer: shop.member('m1'),
			action: 'point_add',
			data: { points: 3 },
			event_id: '0192f0c0-0000-7000-8000-0000000000aa',
			seq: 1,
			occurred_at: shop.time.clock.nowMs() - days * 86_400_000,
		});
		applyEvent(shop.hq.ledger(), event, 'fedcba9876543210');
		await shop.time.advance(2 * MINUTE_MS);
		expect(asked()).toBe(isFetched ? 1 : 0);
		expect(pointsGiven(shop)).toEqual(isFetched ? [3] : []);
		expect(shop.shown(shop.member('m1'))).toBe(103);
	});
});

test('two machines of one image fork at once, and each of them goes on under its own incarnation', async () => {
	const { first, copy } = await openCopied();
	const member = first.member('m1');
	const second = createFakeShop({ disk: copy, beside: first });
	await second.engine.start();
	await second.time.advance(2_000);
	expect(second.outbox.state().incarnation).toBe(first.outbox.state().incarnation);
	first.give(member, 6);
	second.give(member, 70);
	await first.time.advance(2 * MINUTE_MS);
	for (const points of [1, 2]) first.give(member, points);
	for (const points of [10, 20]) second.give(member, points);
	await first.time.advance(2 * MINUTE_MS);
	expect(second.outbox.state().incarnation).not.toBe(first.outbox.state().incarnation);
	expect(first.hq.ledger().members.get(member)?.points).toBe(100 + 5 + 6 + 70 + 3 + 30);
	for (const shop of [first, second]) {
		expect(shop.outbox.entries().every(({ status }) => status === 'applied')).toBe(true);
		expect(shop.shown(member)).toBe(214);
	}
});

describe('a terminal that is sealed', () => {
	test('erases its members at once, hands over what it has, and stops when nothing is left', async () => {
		const shop = await openShop(newDisk());
		const member = shop.member('m1');
		shop.hq.line.weather((call) => (call === 'push' ? 'refuse_connection' : null));
		for (const points of [5, 6]) shop.give(member, points);
		await shop.time.advance(2_000);
		shop.hq.announce({ hello: { sealing: true } });
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.engine.status()).toMatchObject({ members: { phase: 'empty' }, waiting: 2 });
		expect(shop.hq.hellos.at(-1)).toMatchObject({ waiting: 2 });
		const pulls = shop.hq.calls.filter((call) => call === 'feed' || call === 'manifest').length;
		shop.hq.line.weather(null);
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.outbox.entries().every(({ status }) => status === 'applied')).toBe(true);
		expect(shop.hq.hellos.at(-1)).toMatchObject({ waiting: 0 });
		expect(shop.hq.calls.filter((call) => call === 'feed' || call === 'manifest')).toHaveLength(pulls);
		expect(shop.engine.status().error).toMatchObject({ code: 'LINE-105' });
		shop.hq.line.weather((call) => (call === 'hello' ? { status: 403, code: WIRE_CODES.terminalRevoked } : null));
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.engine.status().line).toBe('refused');
	});
});

test('the machine and what waits on it are part of every hello', async () => {
	const shop = await openShop(newDisk(), { engine: { deviceId: 'device-one-000000' } });
	expect(shop.hq.hellos[0]).toMatchObject({ device_id: 'device-one-000000', waiting: 0 });
});
