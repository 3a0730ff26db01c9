import { describe, expect, test } from 'vitest';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { applyEvent, purgeTombstones } from '../../transport/fake-ledger.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

const MINUTE_MS = 60_000;

async function openShop(options: Parameters<typeof createFakeShop>[0] = {}, members = 1): Promise<FakeShop> {
	const shop = createFakeShop(options);
	for (let number = 1; number <= members; number += 1) shop.member(`m${number}`, 100);
	await shop.engine.start();
	await shop.time.advanceUntil(() => shop.replica.state().phase === 'ready' && shop.hq.calls.at(-1) === 'feed', MINUTE_MS);
	await shop.time.advance(100);
	return shop;
}

/** The steps of the trace from `start` on that the order of sync.md 1.8 is about. */
function orderOf(shop: FakeShop, start: number): readonly string[] {
	return shop.trace.slice(start).filter((step) => ['feed', 'outcomes', 'settle', 'applyPage', 'finish', 'manifest'].includes(step));
}

const MEMBERS = 60;

/** A terminal that was away while one member left and was purged, and others changed. */
async function openAway(): Promise<{ readonly shop: FakeShop; readonly gone: MemberId; readonly start: number; readonly calls: number }> {
	const shop = await openShop({ hq: { pageRows: 10 } }, MEMBERS);
	const stopped = shop.engine.stop();
	await shop.time.advance(100);
	await stopped;
	const gone = shop.member('m7');
	const away = shop.outbox.add(WireEventSchema.parse({ customer: 'elsewhere', action: 'opt_in', data: {} }));
	const optOut = WireEventSchema.parse({ customer: gone, action: 'opt_out', data: {} });
	applyEvent(shop.hq.ledger(), { ...optOut, event_id: away.eventId, seq: 99 }, 'of-another-terminal');
	for (let number = 1; number <= 30; number += 1) shop.member(`new${number}`, 5);
	purgeTombstones(shop.hq.ledger());
	shop.hq.publishSnapshot();
	return { shop, gone, start: shop.trace.length, calls: shop.hq.calls.length };
}

describe('tombstones that are purged while a terminal was away', () => {
	test('lead to a load of the shards concerned, and of nothing else', async () => {
		const { shop, gone, start, calls } = await openAway();
		await shop.restart().start();
		await shop.time.advance(5_000);
		expect(
			orderOf(shop, start)
				.filter((step) => ['feed', 'manifest', 'finish'].includes(step))
				.slice(0, 4),
		).toEqual(['feed', 'manifest', 'finish', 'feed']);
		expect(shop.replica.row(gone)).toBeNull();
		expect(shop.replica.rows()).toHaveLength(MEMBERS - 1 + 30);
		const shard = shardOf(gone, SHARD_COUNT);
		const inShard = [...shop.hq.ledger().members.keys()].filter((id) => id !== gone && shardOf(id, SHARD_COUNT) === shard);
		expect(shop.hq.calls.slice(calls).filter((call) => call === 'file')).toHaveLength(inShard.length > 0 ? 1 : 0);
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null, work: null, members: { phase: 'ready' } });
	});

	test('leave no name in the outbox of this terminal, and that before the rows go', async () => {
		const shop = await openShop({}, 1);
		const entry = shop.outbox.add(WireEventSchema.parse({ customer: 'walk-in', action: 'opt_in', data: { first_name: 'Ann' } }));
		shop.engine.notifyRecorded();
		await shop.time.advance(2 * MINUTE_MS);
		const stopped = shop.engine.stop();
		await shop.time.advance(100);
		await stopped;
		const optOut = WireEventSchema.parse({ customer: entry.memberId, action: 'opt_out', data: {} });
		applyEvent(shop.hq.ledger(), { ...optOut, event_id: EventIdSchema.parse('0192f0c0-0000-7000-8000-0000000000ff'), seq: 9 }, 'another');
		purgeTombstones(shop.hq.ledger());
		shop.hq.publishSnapshot();
		expect(JSON.stringify(shop.outbox.entries())).toContain('Ann');
		const start = shop.trace.length;
		await shop.restart().start();
		await shop.time.advance(5_000);
		expect(JSON.stringify(shop.outbox.entries())).not.toContain('Ann');
		expect(shop.trace.indexOf('scrubMembers', start)).toBeLessThan(shop.trace.indexOf('finish', start));
	});

	test('I7: what a screen shows is right at every step of it, own points whose answer was lost included', async () => {
		const { shop } = await openAway();
		const given = new Map<MemberId, number>();
		for (let number = 1; number <= 30; number += 1) {
			const member = shop.member(`m${number + 10}`);
			shop.give(member, number);
			given.set(member, 100 + number);
		}
		const wrong: string[] = [];
		shop.hq.line.fault('push', 'lose_answer', 'lose_answer');
		shop.replica.onChange(() => {
			for (const [member, points] of given) if (shop.shown(member) !== points) wrong.push(`${member} shows ${shop.shown(member)}`);
		});
		await shop.restart().start();
		await shop.time.advance(MINUTE_MS);
		expect(wrong).toEqual([]);
		expect([...given.keys()].map(shop.shown)).toEqual([...given.values()]);
		expect(shop.engine.status()).toMatchObject({ waiting: 0, error: null, members: { phase: 'ready' } });
	});
});

test('I10: tombstones that are purged leave no name under another id either: the rows that go still say by what to look', async () => {
	const shop = await openShop({}, 1);
	const gone = shop.member('m1');
	const stopped = shop.engine.stop();
	await shop.time.advance(100);
	await stopped;
	const data = { first_name: 'Ann', email: 'ann@example.org' };
	const other = shop.outbox.add(WireEventSchema.parse({ customer: 'other', action: 'opt_in', data }));
	expect((await shop.outbox.voidEntry(other.eventId)).ok).toBe(true);
	shop.replica.corrupt(gone, { email: 'Ann@Example.org' });
	const optOut = WireEventSchema.parse({ customer: gone, action: 'opt_out', data: {} });
	applyEvent(shop.hq.ledger(), { ...optOut, event_id: EventIdSchema.parse('0192f0c0-0000-7000-8000-0000000000ff'), seq: 9 }, 'another');
	purgeTombstones(shop.hq.ledger());
	shop.hq.publishSnapshot();
	await shop.restart().start();
	await shop.time.advance(5_000);
	expect(shop.replica.row(gone)).toBeNull();
	expect(JSON.stringify(shop.outbox.entries())).not.toContain('Ann');
});

describe('shards that headquarters names', () => {
	test('that are asked for again although they were just replaced lead to a whole load, not to a circle', async () => {
		const shop = await openShop();
		const [start, traced] = [shop.hq.calls.length, shop.trace.length];
		const again = { status: 410, code: WIRE_CODES.resyncNeeded, shards: [3] };
		shop.hq.line.fault('feed', again, again);
		shop.engine.syncNow();
		await shop.time.advance(5_000);
		expect(shop.hq.calls.slice(start).filter((call) => call === 'manifest')).toHaveLength(2);
		expect(shop.trace.slice(traced).filter((step) => step === 'swap')).toHaveLength(1);
		expect(shop.logged.filter((line) => line === 'the member data is loaded')).toHaveLength(3);
		expect(shop.engine.status()).toMatchObject({ error: null, members: { phase: 'ready' } });
	});

	test('in more shards than are worth it lead to a whole load', async () => {
		const shop = await openShop();
		const start = shop.trace.length;
		shop.hq.line.fault('feed', { status: 410, code: WIRE_CODES.resyncNeeded, shards: Array.from({ length: 17 }, (_, shard) => shard) });
		shop.engine.syncNow();
		await shop.time.advance(5_000);
		expect(shop.trace.slice(start)).toContain('swap');
	});
});

describe('members that differ from those of headquarters', () => {
	const LOADED = 'the member data is loaded';
	const DIFFER = 'members differ from those of headquarters: they are loaded again';

	async function compared(shop: FakeShop): Promise<readonly string[]> {
		const start = shop.logged.length;
		shop.engine.compareDigests();
		await shop.time.advance(3 * MINUTE_MS);
		return shop.logged.slice(start).filter((line) => line === LOADED || line === DIFFER || line.startsWith('the member data was compared'));
	}

	test('are found and loaded again, that shard alone: a version too old, one that is missing, one that should not be there', async () => {
		const shop = await openShop({}, MEMBERS);
		const [old, missing] = [shop.member('m5'), shop.member('m9')];
		shop.replica.corrupt(old, { ver: 0, points: 1 });
		shop.replica.corrupt(missing, null);
		expect(await compared(shop)).toEqual([DIFFER, LOADED, 'the member data was compared with headquarters']);
		expect([shop.replica.row(old), shop.replica.row(missing)]).toMatchObject([{ points: 100, ver: 1 }, { points: 100 }]);
		expect(shop.engine.status()).toMatchObject({ error: null, work: null, members: { phase: 'ready', rows: MEMBERS } });
	});

	test('are none when all is well, and then nothing is loaded', async () => {
		const shop = await openShop({}, MEMBERS);
		expect(await compared(shop)).toEqual(['the member data was compared with headquarters']);
	});

	test('that differ again after they were loaded lead to a whole load', async () => {
		const shop = await openShop({}, MEMBERS);
		const member = shop.member('m5');
		// Newer than headquarters ever gave: a load of the shard leaves it.
		shop.replica.corrupt(member, { ver: 50, points: 1 });
		const swaps = shop.trace.filter((step) => step === 'swap').length;
		expect(await compared(shop)).toEqual([DIFFER, LOADED, DIFFER, LOADED, 'the member data was compared with headquarters']);
		expect(shop.trace.filter((step) => step === 'swap').length - swaps).toBe(1);
		expect(shop.replica.row(member)).toMatchObject({ ver: 1, points: 100 });
	});

	test('are looked for again after the next pull when headquarters does not answer', async () => {
		const shop = await openShop({}, MEMBERS);
		shop.replica.corrupt(shop.member('m5'), null);
		shop.hq.line.fault('digests', { status: 500 }, 'lose_answer');
		shop.engine.compareDigests();
		await shop.time.advance(6 * MINUTE_MS);
		expect(shop.logged.filter((line) => line === DIFFER)).toHaveLength(1);
		expect(shop.replica.row(shop.member('m5'))).toMatchObject({ points: 100 });
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null });
	});
});
