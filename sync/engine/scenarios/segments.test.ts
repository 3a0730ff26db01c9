import { expect, test } from 'vitest';
import type { MemberId } from '#shared/domain/ids.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

const MINUTE_MS = 60_000;
const CHANGED = 40;

/** A terminal that was away while `CHANGED` members came, which lie in two closed segments, and two more, which do not. */
async function openAway(): Promise<{ readonly shop: FakeShop; readonly calls: number; readonly start: number }> {
	const shop = createFakeShop({ hq: { pageRows: 5 } });
	shop.member('m0', 100);
	await shop.engine.start();
	await shop.time.advance(5_000);
	const stopped = shop.engine.stop();
	await shop.time.advance(100);
	await stopped;
	shop.hq.closeSegment();
	for (let number = 1; number <= CHANGED; number += 1) {
		shop.member(`m${number}`, 100);
		if (number % (CHANGED / 2) === 0) shop.hq.closeSegment();
	}
	shop.member('tail-1', 100);
	shop.member('tail-2', 100);
	return { shop, calls: shop.hq.calls.length, start: shop.trace.length };
}

test('a terminal that is far behind reads segments, and only the open end from the feed', async () => {
	const { shop, calls } = await openAway();
	await shop.restart().start();
	await shop.time.advance(5_000);
	expect(shop.hq.calls.slice(calls).filter((call) => call === 'feed' || call === 'file')).toEqual(['feed', 'file', 'feed', 'file', 'feed']);
	expect(shop.replica.rows()).toHaveLength(CHANGED + 3);
	expect(shop.engine.status()).toMatchObject({ line: 'online', error: null, work: null });
});

test('own outcomes are fetched after a segment and stored before it', async () => {
	const { shop, start } = await openAway();
	shop.give(shop.member('m3'), 5);
	shop.hq.line.fault('push', 'lose_answer');
	await shop.restart().start();
	await shop.time.advance(MINUTE_MS);
	const order = shop.trace.slice(start).filter((step) => ['feed', 'file', 'outcomes', 'settle', 'applyPage'].includes(step));
	expect(order.join(' ')).toMatch(/feed file outcomes (settle )?applyPage/);
	expect(shop.shown(shop.member('m3'))).toBe(105);
});

test('I7: with answers lost and transfers cut, what a screen shows is right after every step', async () => {
	const { shop } = await openAway();
	const given = new Map<MemberId, number>();
	for (let number = 1; number <= 10; number += 1) {
		const member = shop.member(`m${number}`);
		shop.give(member, number);
		given.set(member, 100 + number);
	}
	const wrong: string[] = [];
	shop.replica.onChange(() => {
		for (const [member, points] of given) {
			if (shop.replica.row(member) !== null && shop.shown(member) !== points) wrong.push(`${member} shows ${shop.shown(member)}`);
		}
	});
	shop.hq.line.fault('push', 'lose_answer', 'lose_answer');
	shop.hq.line.fault('file', 'lose_answer', 'lose_answer', { status: 500 });
	await shop.restart().start();
	await shop.time.advance(3 * MINUTE_MS);
	expect(wrong).toEqual([]);
	expect([...given.keys()].map(shop.shown)).toEqual([...given.values()]);
	expect(shop.replica.rows()).toHaveLength(CHANGED + 3);
});

test('a segment whose transfer was cut goes on where it stopped, and one that is gone is asked for anew', async () => {
	const [whole, cut] = [await openAway(), await openAway()];
	const bytes = [];
	cut.shop.hq.line.fault('file', 'lose_answer', { status: 404, code: WIRE_CODES.notFound });
	for (const { shop } of [whole, cut]) {
		await shop.restart().start();
		await shop.time.advance(MINUTE_MS);
		expect(shop.replica.rows()).toHaveLength(CHANGED + 3);
		bytes.push(shop.hq.fileBytes());
	}
	expect(bytes[1]).toBe(bytes[0]);
});
