import { describe, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { applyEvent } from '../../transport/fake-ledger.ts';
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

describe('a contact', () => {
	test('is hello, then push until drained, then the first load, then the feed', async () => {
		const shop = createFakeShop();
		const member = shop.member('m1');
		for (let sale = 0; sale < 700; sale += 1) shop.give(member, 1);
		await shop.engine.start();
		await shop.time.advance(2_000);
		expect(shop.hq.calls).toEqual(['hello', 'push', 'push', 'manifest', 'file', ...Array.from({ length: 7 }, () => 'outcomes'), 'feed']);
	});

	test('comes again each minute or so, and begins with a hello', async () => {
		const shop = await openShop();
		const before = shop.hq.calls.length;
		await shop.time.advance(10 * MINUTE_MS);
		const calls = shop.hq.calls.slice(before);
		const pulls = calls.filter((call) => call === 'feed').length;
		expect(pulls).toBeGreaterThanOrEqual(8);
		expect(pulls).toBeLessThanOrEqual(13);
		expect(calls.join(' ')).toMatch(/^(hello feed ?)+$/);
	});

	test('brings what changed at headquarters, page by page to the head of the feed', async () => {
		const shop = await openShop({ hq: { pageRows: 10 } });
		const before = shop.hq.calls.length;
		const members = Array.from({ length: 35 }, (_, index) => shop.member(`new${index}`, index));
		shop.engine.syncNow();
		await shop.time.advance(1_000);
		expect(shop.hq.calls.slice(before).filter((call) => call === 'feed')).toHaveLength(4);
		expect(members.map((member) => shop.replica.row(member)?.points)).toEqual(members.map((_, index) => index));
		expect(shop.engine.status().members).toMatchObject({ phase: 'ready', rows: 36 });
	});

	test('says how old the member data is only when it has reached the head of the feed', async () => {
		const shop = await openShop({ hq: { pageRows: 10 } });
		const { asOfMs } = shop.replica.state();
		for (let number = 0; number < 25; number += 1) shop.member(`new${number}`);
		shop.engine.syncNow();
		await shop.time.advanceUntil(() => shop.replica.state().rows > 1, MINUTE_MS);
		expect(shop.replica.state().asOfMs).toBe(asOfMs);
		await shop.time.advance(1_000);
		expect(shop.replica.state().asOfMs).toBeGreaterThan(asOfMs);
	});
});

describe('the order that keeps the balance right', () => {
	test('page fetched, outcomes fetched, outcomes stored, page stored', async () => {
		const shop = await openShop();
		const start = shop.trace.length;
		shop.hq.line.fault('push', 'lose_answer');
		shop.give(shop.member('m1'), 5);
		shop.engine.syncNow();
		await shop.time.advance(400);
		const order = orderOf(shop, start);
		const page = order.indexOf('feed');
		expect(order.slice(page, page + 4)).toEqual(['feed', 'outcomes', 'settle', 'applyPage']);
	});

	test('an answer lost after the commit never shows points twice, at no step', async () => {
		const seen: number[] = [];
		const shop = createFakeShop({ onStep: () => seen.push(shop.shown(member)) });
		const member = shop.member('m1', 100);
		await shop.engine.start();
		await shop.time.advance(1_000);
		seen.length = 0;
		// No answer of a push arrives for five minutes; pulls do.
		shop.hq.line.weather((name) => (name === 'push' ? 'lose_answer' : null));
		shop.give(member, 5);
		await shop.time.advance(5 * MINUTE_MS);
		expect(new Set(seen)).toEqual(new Set([105]));
		expect(shop.replica.row(member)?.points).toBe(105);
	});

	test('without its outcomes a page is not stored', async () => {
		const shop = await openShop();
		const start = shop.trace.length;
		shop.hq.line.weather((name) => (name === 'outcomes' ? { status: 500 } : null));
		const stranger = shop.member('m2', 7);
		shop.engine.syncNow();
		await shop.time.advance(5_000);
		expect(orderOf(shop, start)).not.toContain('applyPage');
		expect(shop.replica.row(stranger)).toBeNull();
		shop.hq.line.weather(null);
		await shop.time.advance(MINUTE_MS);
		expect(shop.replica.row(stranger)?.points).toBe(7);
	});

	test('outcomes are stored before a snapshot is swapped in', async () => {
		const shop = createFakeShop();
		const member = shop.member('m1', 100);
		shop.give(member, 5);
		shop.hq.line.fault('push', 'lose_answer', 'lose_answer', 'lose_answer');
		await shop.engine.start();
		await shop.time.advanceUntil(() => shop.replica.state().phase === 'ready', MINUTE_MS);
		expect(orderOf(shop, 0).join(' ')).toMatch(/manifest .*outcomes settle finish/);
		expect(shop.shown(member)).toBe(105);
	});
});

describe('a first load', () => {
	test('cut in the middle goes on where it stopped: no file twice, no byte twice', async () => {
		const shop = createFakeShop({ hq: { fileRows: 10 } });
		for (let number = 0; number < 100; number += 1) shop.member(`m${number}`, number);
		shop.hq.line.fault('file', 'lose_answer');
		await shop.engine.start();
		await shop.time.advanceUntil(() => shop.trace.includes('suspend'), MINUTE_MS);
		shop.hq.line.fault('file', 'lose_answer');
		await shop.time.advanceUntil(() => shop.replica.state().phase === 'ready', MINUTE_MS);
		expect(shop.trace.filter((step) => step === 'addFile')).toHaveLength(10);
		expect(shop.replica.state().rows).toBe(100);
		const manifest = shop.hq.client.snapshotManifest(null);
		await shop.time.advance(100);
		expect(await manifest).toMatchObject({ ok: true, value: { bytes: shop.hq.fileBytes() } });
	});

	test('survives a restart: files that are in are not fetched again', async () => {
		const shop = createFakeShop({ hq: { fileRows: 10 } });
		for (let number = 0; number < 100; number += 1) shop.member(`m${number}`, number);
		await shop.engine.start();
		await shop.time.advanceUntil(() => shop.trace.filter((step) => step === 'addFile').length === 4, MINUTE_MS);
		const stopped = shop.engine.stop();
		await shop.time.advance(100);
		await stopped;
		expect(shop.trace.at(-1)).toBe('suspend');
		await shop.restart().start();
		await shop.time.advanceUntil(() => shop.replica.state().phase === 'ready', MINUTE_MS);
		expect(shop.trace.filter((step) => step === 'addFile').length).toBeLessThanOrEqual(11);
		expect(shop.replica.state().rows).toBe(100);
	});

	test('does not hold up a sale', async () => {
		const shop = createFakeShop({ hq: { fileRows: 1, latencyMs: 50 } });
		for (let number = 0; number < 200; number += 1) shop.member(`m${number}`, number);
		await shop.engine.start();
		await shop.time.advanceUntil(() => shop.engine.status().work?.kind === 'first_load', MINUTE_MS);
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(200);
		expect(shop.outbox.entries()).toMatchObject([{ status: 'applied' }]);
		expect(shop.replica.state().phase).toBe('loading');
	});
});

describe('a first load that is held up', () => {
	test('waits while headquarters prepares the snapshot, and says how far it is', async () => {
		const shop = createFakeShop();
		shop.member('m1');
		const preparing = { status: 503, code: WIRE_CODES.snapshotPreparing, retryAfterMs: 2_000 };
		shop.hq.line.fault(
			'manifest',
			{ ...preparing, progress: { done: 10, total: 40 } },
			{ ...preparing, progress: { done: 30, total: 40 } },
		);
		await shop.engine.start();
		await shop.time.advance(1_000);
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null, work: { kind: 'hq_preparing', done: 10, total: 40 } });
		await shop.time.advance(3_000);
		expect(shop.engine.status().work).toMatchObject({ done: 30, total: 40 });
		await shop.time.advance(5_000);
		expect(shop.engine.status()).toMatchObject({ work: null, members: { phase: 'ready' } });
	});

	test('fetches a file again whole that the replica finds to be none of the manifest', async () => {
		const shop = createFakeShop();
		shop.member('m1');
		shop.replica.failNext('addFile', terminalError('DISK-106', { verdict: 'retry_later' }));
		await shop.engine.start();
		await shop.time.advance(5_000);
		expect(shop.engine.status()).toMatchObject({ error: null, members: { phase: 'ready' } });
		expect(shop.hq.calls.filter((call) => call === 'file')).toHaveLength(2);
		const manifest = shop.hq.client.snapshotManifest(null);
		await shop.time.advance(100);
		expect(await manifest).toMatchObject({ value: { bytes: shop.hq.fileBytes() / 2 } });
	});

	test('that the disk refuses is tried again, and a screen is told', async () => {
		const shop = createFakeShop();
		shop.member('m1');
		shop.replica.failNext('finish', terminalError('DISK-101'));
		await shop.engine.start();
		await shop.time.advance(1_000);
		expect(shop.engine.status().error?.code).toBe('DISK-101');
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.engine.status()).toMatchObject({ error: null, members: { phase: 'ready' } });
	});
});

describe('a place in the feed that is no longer valid', () => {
	test('leads to a snapshot beside the old data, which stays until then', async () => {
		const shop = await openShop();
		const member = shop.member('m1');
		const start = shop.trace.length;
		shop.hq.publishSnapshot();
		shop.hq.line.fault('feed', { status: 410, code: WIRE_CODES.resyncNeeded });
		shop.hq.line.fault('file', 'stall');
		shop.engine.syncNow();
		await shop.time.advance(10_000);
		expect(shop.trace.slice(start)).toContain('manifest');
		expect(shop.trace.slice(start)).not.toContain('erase');
		expect(shop.replica.row(member)?.points).toBe(100);
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.trace.slice(start)).toContain('finish');
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null, members: { phase: 'ready' } });
	});
});

test('a replica that turns out damaged while a page is on its way is loaded again at once', async () => {
	const shop = await openShop();
	const start = shop.trace.length;
	shop.engine.syncNow();
	await shop.time.advanceUntil(() => shop.hq.calls.at(-1) === 'feed', MINUTE_MS);
	await shop.replica.erase();
	await shop.time.advance(1_000);
	expect(orderOf(shop, start)).toEqual(['feed', 'manifest', 'outcomes', 'finish', 'feed', 'applyPage']);
	expect(shop.engine.status()).toMatchObject({ error: null, members: { phase: 'ready' } });
});

describe('a long poll', () => {
	test('brings a change within a second, is quiet otherwise, and ends at closing time', async () => {
		let isOpen = true;
		const shop = await openShop({ engine: { longPoll: { isOpen: () => isOpen, waitMs: 25_000 } } });
		await shop.time.advance(10_000);
		const member = shop.member('new', 9);
		await shop.time.advance(1_000);
		expect(shop.replica.row(member)?.points).toBe(9);
		const before = shop.hq.calls.filter((call) => call === 'feed').length;
		await shop.time.advance(4 * MINUTE_MS);
		const polls = shop.hq.calls.filter((call) => call === 'feed').length - before;
		expect(polls).toBeGreaterThanOrEqual(8);
		expect(polls).toBeLessThanOrEqual(11);
		isOpen = false;
		await shop.time.advance(MINUTE_MS);
		const closed = shop.hq.calls.filter((call) => call === 'feed').length;
		await shop.time.advance(5 * MINUTE_MS);
		expect(shop.hq.calls.filter((call) => call === 'feed').length - closed).toBeLessThanOrEqual(7);
	});

	test('is ended by a person who wants it now, and holds up no sale', async () => {
		const shop = await openShop({ engine: { longPoll: { isOpen: () => true, waitMs: 25_000 } } });
		await shop.time.advance(5_000);
		shop.give(shop.member('m1'), 5);
		await shop.time.advance(100);
		expect(shop.outbox.entries()).toMatchObject([{ status: 'applied' }]);
		const before = shop.hq.calls.length;
		shop.engine.syncNow();
		await shop.time.advance(300);
		expect(shop.hq.calls.slice(before)).toContain('hello');
		expect(shop.engine.status()).toMatchObject({ line: 'online', error: null });
	});
});

test('members who were enrolled here are forgotten in the outbox once the replica has them', async () => {
	const shop = await openShop();
	const entry = shop.outbox.add(WireEventSchema.parse({ customer: 'walk-in', action: 'opt_in', data: { first_name: 'Ann' } }));
	expect(await shop.outbox.enrolledMembers(10)).toEqual([entry.memberId]);
	await shop.time.advance(2 * MINUTE_MS);
	expect(await shop.outbox.enrolledMembers(10)).toEqual([]);
});

describe('I10: a member who opts out', () => {
	const enrol = WireEventSchema.parse({ customer: 'walk-in', action: 'opt_in', data: { first_name: 'Ann' } });
	const optOut = WireEventSchema.parse({ customer: 'walk-in', action: 'opt_out', data: {} });

	test('leaves no name in the outbox, and that before the page that says so is stored', async () => {
		const shop = await openShop();
		shop.outbox.add(enrol);
		await shop.time.advance(2 * MINUTE_MS);
		expect(JSON.stringify(shop.outbox.entries())).toContain('Ann');
		shop.outbox.add(optOut);
		await shop.time.advance(2 * MINUTE_MS);
		expect(JSON.stringify(shop.outbox.entries())).not.toContain('Ann');
		expect(shop.trace.lastIndexOf('scrubMembers')).toBeLessThan(shop.trace.lastIndexOf('applyPage'));
	});

	test('is looked for by card and contacts as long as the replica has them, among what was taken back under another id', async () => {
		const shop = await openShop();
		const member = shop.member('m1');
		shop.replica.corrupt(member, { mobile: '+36301234567' });
		const data = { first_name: 'Ann', mobile_phone: '+36301234567' };
		const other = shop.outbox.add(WireEventSchema.parse({ customer: 'other', action: 'opt_in', data }));
		expect((await shop.outbox.voidEntry(other.eventId)).ok).toBe(true);
		shop.outbox.add(WireEventSchema.parse({ customer: member, action: 'opt_out', data: {} }));
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.replica.row(member)?.status).toBe('opted_out');
		expect(JSON.stringify(shop.outbox.entries())).not.toContain('Ann');
	});

	test('before a terminal loads: the snapshot tells it', async () => {
		const shop = createFakeShop();
		const entry = shop.outbox.add(enrol);
		applyEvent(shop.hq.ledger(), entry.event, entry.incarnation);
		applyEvent(shop.hq.ledger(), { ...optOut, event_id: shop.outbox.add(optOut).eventId, seq: 2 }, entry.incarnation);
		await shop.engine.start();
		await shop.time.advance(5_000);
		expect(shop.engine.status().members.phase).toBe('ready');
		expect(JSON.stringify(shop.outbox.entries())).not.toContain('Ann');
	});
});
