import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { createFakeOutbox } from '../outbox/fake-outbox.ts';
import { toWireEvent } from './wire-event.ts';

const EVENT = WireEventSchema.parse({ customer: 'm1', action: 'point_add', data: { points: 5 } });

test('carries id, place, time of recording and true age, and is valid on the wire', async () => {
	const time = createFakeTime({ settle: () => setImmediate() });
	const entry = createFakeOutbox(time).add(EVENT, 5);
	await time.advance(1_234);
	time.jumpWallClock(-86_400_000);
	const event = toWireEvent(entry, time.clock);
	expect(event).toMatchObject({ event_id: entry.eventId, seq: 1, occurred_at: entry.occurredAtMs, age_ms: 1_234, customer: 'm1' });
	expect(WireEventSchema.parse(event)).toEqual(event);
});

test('has no age after the machine was started again', () => {
	const time = createFakeTime({ settle: () => setImmediate() });
	const entry = createFakeOutbox(time).add(EVENT, 5);
	expect(toWireEvent(entry, { ...time.clock, bootId: 'another boot' })).not.toHaveProperty('age_ms');
});

test('has the place of the entry even when it was renumbered since the event was written', () => {
	const time = createFakeTime({ settle: () => setImmediate() });
	const entry = createFakeOutbox(time).add(EVENT, 5);
	expect(toWireEvent({ ...entry, seq: 9 }, time.clock).seq).toBe(9);
});
