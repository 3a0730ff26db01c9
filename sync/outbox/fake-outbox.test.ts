import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EventIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { createFakeOutbox } from './fake-outbox.ts';
import { createOutboxDisk } from './fake-outbox-rows.ts';
import type { FakeOutbox } from './fake-outbox.ts';

const EVENT = WireEventSchema.parse({ customer: 'm1', action: 'point_add', data: { points: 5 } });
const MINUTE_MS = 60_000;

function open(): {
	time: FakeTime;
	outbox: FakeOutbox;
	take: () => ReturnType<FakeOutbox['takeBatch']>;
	statuses: () => readonly string[];
} {
	const time = createFakeTime({ settle: () => setImmediate() });
	const outbox = createFakeOutbox(time);
	return {
		time,
		outbox,
		take: () => outbox.takeBatch({ events: 500, bytes: 1_000_000, nowMs: time.clock.nowMs() }),
		statuses: () => outbox.entries().map((entry) => entry.status),
	};
}

test('a batch is taken in order, once, and is sending when it is returned', async () => {
	const { outbox, take, statuses } = open();
	const entries = [outbox.add(EVENT), outbox.add(EVENT)];
	expect((await take()).map((entry) => entry.eventId)).toEqual(entries.map((entry) => entry.eventId));
	expect(statuses()).toEqual(['sending', 'sending']);
	expect(await take()).toEqual([]);
	expect(await outbox.recoverSending()).toBe(2);
	expect(await take()).toHaveLength(2);
});

test('a settled entry ignores every later answer, a release and a park', async () => {
	const { time, outbox, take } = open();
	const { eventId } = outbox.add(EVENT);
	await take();
	await outbox.settle([{ event_id: eventId, status: 'applied', points: 5 }], time.clock.nowMs());
	await outbox.settle([{ event_id: eventId, status: 'rejected' }], time.clock.nowMs());
	await outbox.release([eventId], 0);
	expect(outbox.entries()).toMatchObject([{ status: 'applied', outcome: { points: 5 } }]);
});

test('a deferred entry waits a minute, then two; after a day it is sent with force', async () => {
	const { time, outbox, take } = open();
	const { eventId } = outbox.add(EVENT);
	for (const waitMs of [MINUTE_MS, 2 * MINUTE_MS]) {
		expect(await take()).toHaveLength(1);
		await outbox.settle([{ event_id: eventId, status: 'deferred' }], time.clock.nowMs());
		expect(await outbox.nextAttemptAtMs()).toBe(time.clock.nowMs() + waitMs);
		expect(await take()).toEqual([]);
		await time.advance(waitMs);
	}
	await time.advance(24 * 60 * MINUTE_MS);
	expect((await take())[0]?.event.force_stub).toBe(true);
});

test('reoffering forgets outcomes once per epoch; a new incarnation numbers what waits from 1', async () => {
	const { time, outbox, take, statuses } = open();
	const { eventId } = outbox.add(EVENT);
	outbox.add(EVENT);
	await take();
	await outbox.settle([{ event_id: eventId, status: 'applied' }], time.clock.nowMs());
	const before = outbox.state().incarnation;
	await outbox.recoverSending();
	expect(await outbox.renewIncarnation()).toBe(1);
	expect(outbox.entries()).toMatchObject([{ incarnation: before, seq: 1 }, { seq: 1 }]);
	await outbox.saveState({ outcomesAfter: 9 });
	expect(await outbox.reoffer(2)).toBe(1);
	expect(statuses()).toEqual(['pending', 'pending']);
	expect(outbox.state()).toMatchObject({ hqEpoch: 2, outcomesAfter: 0 });
	expect(await outbox.reoffer(2)).toBe(0);
});

test('a step that fails changes nothing and tells nobody', async () => {
	const { outbox, statuses } = open();
	outbox.add(EVENT);
	let changes = 0;
	outbox.onChange(() => {
		changes += 1;
	});
	outbox.failNext('takeBatch', new Error('disk'));
	await expect(outbox.takeBatch({ events: 1, bytes: 1_000, nowMs: 0 })).rejects.toThrow('disk');
	expect(statuses()).toEqual(['pending']);
	expect(changes).toBe(0);
});

test('a program that ends after a change has it on its disk, one that ends before it has not', async () => {
	const time = createFakeTime({ settle: () => setImmediate() });
	const disk = createOutboxDisk(time.random);
	const endsAt = (end: 'before' | 'after'): FakeOutbox =>
		createFakeOutbox({ ...time, disk, gate: (_name, moment) => (moment === end ? new Promise(() => {}) : Promise.resolve()) });
	const recording = { requestId: 'r1', event: EVENT, memberId: null, pointsEstimated: 5, receipt: null, cashier: 'c1' };
	const [first, second] = ['1', '2'].map((digit) => EventIdSchema.parse(`0192f0c0-0000-7000-8000-00000000000${digit}`));
	void endsAt('before').record({ ...recording, eventId: must(first, 'an id') });
	void endsAt('after').record({ ...recording, requestId: 'r2', eventId: must(second, 'an id') });
	await setImmediate();
	expect([...disk.rows.keys()]).toEqual([second]);
});
