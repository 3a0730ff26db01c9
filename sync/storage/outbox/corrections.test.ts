import { expect, test } from 'vitest';
import type { EventId } from '#shared/domain/ids.ts';
import { correctedOf, correctionRequestId } from '../../outbox/correction.ts';
import { answer, applied } from '../../outbox/fake-recordings.ts';
import type { Recording } from '../../outbox/outbox.ts';
import { openFresh } from './fake-opened-outbox.ts';

const ALL = { events: 500, bytes: 1_000_000, nowMs: 0 };

async function openRefused() {
	const fresh = await openFresh();
	const { outbox, recordings, record } = fresh;
	const other = await record(recordings.sale());
	const refused = await record(recordings.sale());
	await outbox.takeBatch(ALL);
	await outbox.settle([answer(refused.eventId, 'rejected'), answer(other.eventId, 'rejected')], 0);
	const correct = async (of: EventId, turn: number) => outbox.record(toCorrection(recordings.sale(), of, turn));
	return { ...fresh, other, refused, correct };
}

function toCorrection(recording: Recording, of: EventId, turn: number): Recording {
	const { event } = recording;
	if (event.action !== 'checkout') throw new Error('a sale');
	return { ...recording, requestId: correctionRequestId(of, turn), event: { ...event, data: { ...event.data, corrects: of } } };
}

test('a refused entry is found with its correction, and needs nobody any more', async () => {
	const { outbox, refused, other, correct } = await openRefused();
	expect(await outbox.countCorrected()).toBe(0);
	const corrected = await correct(refused.eventId, 1);
	if (!corrected.ok) throw new Error('recorded');
	expect(correctedOf(corrected.value.event)).toBe(refused.eventId);
	const found = await outbox.corrections([other.eventId, refused.eventId]);
	expect(found.map(({ of, entry }) => [of, entry.eventId])).toEqual([[refused.eventId, corrected.value.eventId]]);
	expect(await outbox.countCorrected()).toBe(1);
	const rejected = await outbox.list({ statuses: ['rejected'], isCorrectedLeftOut: true, limit: 10 });
	expect(rejected.map(({ eventId }) => eventId)).toEqual([other.eventId]);
	expect(await outbox.list({ statuses: ['rejected'], limit: 10 })).toHaveLength(2);
	expect(await outbox.get(refused.eventId)).toMatchObject({ status: 'rejected' });
});

test('no entry is corrected twice at once, and a correction that was taken back makes room', async () => {
	const { outbox, refused, correct } = await openRefused();
	const [first, second] = await Promise.all([correct(refused.eventId, 1), correct(refused.eventId, 1)]);
	if (!first.ok || !second.ok) throw new Error('recorded');
	expect(second.value.eventId).toBe(first.value.eventId);
	await outbox.voidEntry(first.value.eventId);
	expect(await outbox.corrections([refused.eventId])).toEqual([]);
	expect(await outbox.countCorrected()).toBe(0);
	const next = await correct(refused.eventId, 2);
	expect((await outbox.corrections([refused.eventId])).map(({ entry }) => entry.eventId)).toEqual([next.ok ? next.value.eventId : null]);
});

test('an entry that was sent again and accepted after its correction is counted as what it is', async () => {
	const { outbox, refused, correct } = await openRefused();
	await correct(refused.eventId, 1);
	await outbox.resend(refused.eventId);
	await outbox.takeBatch(ALL);
	await outbox.settle([applied(refused.eventId, 'm1', 1)], 0);
	expect(await outbox.countCorrected()).toBe(0);
});

test('a headquarters that was restored is not offered what was corrected: both would count', async () => {
	const { outbox, refused, other, correct } = await openRefused();
	const corrected = await correct(refused.eventId, 1);
	expect(await outbox.reoffer(outbox.state().hqEpoch + 1)).toBe(1);
	expect(await outbox.get(refused.eventId)).toMatchObject({ status: 'rejected' });
	expect(await outbox.get(other.eventId)).toMatchObject({ status: 'pending' });
	expect(corrected.ok && (await outbox.get(corrected.value.eventId))?.status).toBe('pending');
	expect(await outbox.counts()).toMatchObject({ rejected: 1, pending: 2 });
	expect(await outbox.countCorrected()).toBe(1);
});

test('the proof by cashier adds up to the proof, in entries and in points', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	await record({ ...recordings.sale({ points: 7 }), cashier: 'old' });
	await time.advance(1000);
	const sinceMs = time.clock.nowMs();
	const accepted = await record({ ...recordings.sale({ points: 10 }), cashier: 'b' });
	const refused = await record({ ...recordings.sale({ points: 20 }), cashier: 'a' });
	const voided = await record({ ...recordings.sale({ points: 30 }), cashier: 'a' });
	await outbox.voidEntry(voided.eventId);
	await outbox.takeBatch(ALL);
	await outbox.settle([applied(accepted.eventId, 'm1', 1), answer(refused.eventId, 'rejected')], 0);
	await record({ ...recordings.sale({ points: 40 }), cashier: 'a' });
	const byCashier = await outbox.proofByCashier(sinceMs);
	expect(byCashier).toEqual([
		{
			cashier: 'a',
			entries: { recorded: 3, accepted: 0, refused: 1, waiting: 1, voided: 1 },
			points: { recorded: 90, accepted: 0, refused: 20, waiting: 40, voided: 30 },
		},
		{
			cashier: 'b',
			entries: { recorded: 1, accepted: 1, refused: 0, waiting: 0, voided: 0 },
			// What headquarters gave, not the 10 that were expected.
			points: { recorded: 42, accepted: 42, refused: 0, waiting: 0, voided: 0 },
		},
	]);
	expect(await outbox.proof(sinceMs)).toEqual({ recorded: 4, accepted: 1, refused: 1, waiting: 1, voided: 1, refusedOpen: 1 });
});
