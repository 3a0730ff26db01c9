import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { Entry } from '../../outbox/entry.ts';
import { answer, applied, asMember } from '../../outbox/fake-recordings.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import { expectOk, openFresh } from './fake-opened-outbox.ts';

const MINUTE_MS = 60_000;
const ERROR = { type: 'ValidationError', code: 5003, message: 'the transaction id is taken' };

function take(outbox: Outbox, nowMs: number, events = 500): Promise<readonly Entry[]> {
	return outbox.takeBatch({ events, bytes: 1_000_000, nowMs });
}

function idsOf(entries: readonly Entry[]): readonly string[] {
	return entries.map(({ eventId }) => eventId);
}

test('a batch comes in order and is sending on the disk when it is returned', async () => {
	const { outbox, recordings, record, reopen, time } = await openFresh();
	const entries = [];
	for (let index = 0; index < 250; index += 1) entries.push(await record(recordings.sale()));
	const batch = await take(outbox, time.clock.nowMs(), 210);
	expect(idsOf(batch)).toEqual(idsOf(entries.slice(0, 210)));
	expect(batch[0]).toMatchObject({ status: 'sending', sentAtMs: time.clock.nowMs() });
	await outbox.close();
	const later = await reopen();
	expect(await later.counts()).toMatchObject({ sending: 210, pending: 40 });
	expect(await later.recoverSending()).toBe(210);
	expect(await later.counts()).toMatchObject({ sending: 0, pending: 250 });
	expect(idsOf(await take(later, time.clock.nowMs()))).toEqual(idsOf(entries));
});

test('a batch goes past thousands of entries that wait for a time', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	const nowMs = time.clock.nowMs();
	const waiting = [];
	for (let index = 0; index < 1100; index += 1) waiting.push((await record(recordings.sale())).eventId);
	for (let start = 0; start < 3; start += 1) await take(outbox, nowMs);
	await outbox.release(waiting, nowMs + MINUTE_MS);
	const due = await record(recordings.sale());
	expect(idsOf(await take(outbox, nowMs))).toEqual([due.eventId]);
	expect(await outbox.nextAttemptAtMs()).toBe(nowMs + MINUTE_MS);
	expect(await take(outbox, nowMs + MINUTE_MS)).toHaveLength(500);
});

test('outcomes are stored with what they say, and a settled entry ignores any later one', async () => {
	const { outbox, recordings, record } = await openFresh();
	const first = await record(recordings.sale());
	const second = await record(recordings.sale());
	await take(outbox, 0);
	await outbox.settle([applied(first.eventId, 'm9', 7), answer(second.eventId, 'rejected', { error: ERROR })], 1000);
	const settled = {
		first: { status: 'applied', attempts: 1, outcome: { appliedTo: 'm9', appliedVer: 7, points: 42, error: null, settledAtMs: 1000 } },
		second: {
			status: 'rejected',
			attempts: 1,
			outcome: { appliedTo: null, appliedVer: null, points: null, error: ERROR, settledAtMs: 1000 },
		},
	};
	expect(await outbox.get(first.eventId)).toMatchObject(settled.first);
	expect(await outbox.get(second.eventId)).toMatchObject(settled.second);
	await outbox.settle(
		[answer(first.eventId, 'rejected', { error: ERROR }), applied(second.eventId, 'm9', 8), answer(first.eventId, 'fork')],
		2000,
	);
	expect(await outbox.get(first.eventId)).toMatchObject(settled.first);
	expect(await outbox.get(second.eventId)).toMatchObject(settled.second);
	expect(await outbox.counts()).toMatchObject({ applied: 1, rejected: 1, pending: 0, sending: 0 });
});

test('results of events that are not here, and two of one event, do no harm', async () => {
	const { outbox, recordings, record } = await openFresh();
	const { eventId } = await record(recordings.sale());
	await take(outbox, 0);
	await outbox.settle([applied(recordings.sale().eventId, 'm1', 1), answer(eventId, 'deferred'), applied(eventId, 'm1', 2)], 1000);
	expect(await outbox.get(eventId)).toMatchObject({ status: 'applied', nextAttemptAtMs: null });
	expect(await outbox.counts()).toMatchObject({ applied: 1, deferred: 0 });
});

test('an outcome that was pulled settles an entry whose own answer was lost', async () => {
	const { outbox, recordings, record } = await openFresh();
	const { eventId } = await record(recordings.sale());
	await take(outbox, 0);
	await outbox.release([eventId], 5000);
	expect(await outbox.get(eventId)).toMatchObject({ status: 'pending', attempts: 0, nextAttemptAtMs: 5000 });
	await outbox.settle([answer(eventId, 'duplicate', { applied_to: asMember('m1'), applied_ver: 3, points: 40 })], 1000);
	expect(await outbox.get(eventId)).toMatchObject({ status: 'applied', nextAttemptAtMs: null, outcome: { points: 40, appliedVer: 3 } });
	await outbox.release([eventId], 9000);
	expect(await outbox.get(eventId)).toMatchObject({ status: 'applied', nextAttemptAtMs: null });
});

test('a release with 0 is due at once', async () => {
	const { outbox, recordings, record } = await openFresh();
	const { eventId } = await record(recordings.sale());
	await take(outbox, 1000);
	await outbox.release([eventId], 0);
	expect(await outbox.nextAttemptAtMs()).toBeNull();
	expect(idsOf(await take(outbox, 0))).toEqual([eventId]);
});

test('a deferred entry waits a minute, then two, and after a day it is sent with force_stub', async () => {
	const { outbox, recordings, record } = await openFresh();
	const { eventId } = await record(recordings.sale());
	let nowMs = 1_000_000;
	const since = nowMs;
	for (const waitMinutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
		const [entry] = await take(outbox, nowMs);
		expect(entry?.event.force_stub).toBeUndefined();
		await outbox.settle([answer(eventId, 'deferred', { error: ERROR })], nowMs);
		expect(await outbox.get(eventId)).toMatchObject({ status: 'deferred', outcome: { error: ERROR, appliedVer: null } });
		expect(await outbox.nextAttemptAtMs()).toBe(nowMs + waitMinutes * MINUTE_MS);
		expect(await take(outbox, nowMs + waitMinutes * MINUTE_MS - 1)).toEqual([]);
		nowMs += waitMinutes * MINUTE_MS;
	}
	const [forced] = await take(outbox, since + 24 * 60 * MINUTE_MS);
	expect(forced?.event.force_stub).toBe(true);
	expect((await outbox.get(eventId))?.event.force_stub).toBeUndefined();
	await outbox.settle([applied(eventId, 'm1', 1)], nowMs);
	expect(await outbox.nextAttemptAtMs()).toBeNull();
});

test('a fork gives everything that waits a new incarnation, numbered from 1 in the same order', async () => {
	const { outbox, recordings, record, reopen } = await openFresh();
	const entries = [];
	for (let index = 0; index < 4; index += 1) entries.push(await record(recordings.sale()));
	const [first, second, third, fourth] = entries.map(({ eventId }) => eventId);
	if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error('four entries');
	const before = outbox.state();
	await take(outbox, 0, 3);
	await outbox.settle([applied(first, 'm1', 1), answer(second, 'fork', { error: ERROR }), answer(third, 'deferred')], 1000);
	const state = outbox.state();
	expect(state.incarnation).not.toBe(before.incarnation);
	expect(state).toMatchObject({ maxSeq: 3 });
	expect(await outbox.get(first)).toMatchObject({ incarnation: before.incarnation, seq: 1, status: 'applied' });
	const waiting = [
		[second, 'pending'],
		[third, 'deferred'],
		[fourth, 'pending'],
	] as const;
	for (const [index, [eventId, status]] of waiting.entries()) {
		expect(await outbox.get(eventId)).toMatchObject({ incarnation: state.incarnation, seq: index + 1, status, event: { seq: index + 1 } });
	}
	expect((await outbox.get(second))?.outcome).toBeNull();
	expect((await record(recordings.sale())).seq).toBe(4);
	await outbox.close();
	expect((await reopen()).state()).toEqual({ ...state, maxSeq: 4 });
});

test('a mismatch is parked with the error until a person sends it again', async () => {
	const { outbox, recordings, record } = await openFresh();
	const { eventId } = await record(recordings.sale());
	await take(outbox, 0);
	await outbox.settle([answer(eventId, 'mismatch', { error: ERROR })], 1000);
	expect(await outbox.get(eventId)).toMatchObject({ status: 'parked', outcome: { error: ERROR }, nextAttemptAtMs: null });
	expect(await take(outbox, 1e12)).toEqual([]);
	expect(expectOk(await outbox.resend(eventId))).toMatchObject({ status: 'pending', outcome: null });
	expect(idsOf(await take(outbox, 0))).toEqual([eventId]);
});

test('what a person sends again from an earlier incarnation gets a new one together with everything that waits', async () => {
	const { outbox, recordings, record, reopen } = await openFresh();
	const refused = await record(recordings.sale());
	const forked = await record(recordings.sale());
	await take(outbox, 0);
	await outbox.settle([answer(refused.eventId, 'rejected', { error: ERROR }), answer(forked.eventId, 'fork', { error: ERROR })], 1000);
	const { incarnation: before } = outbox.state();
	expectOk(await outbox.resend(refused.eventId));
	const state = outbox.state();
	expect(state.incarnation).not.toBe(before);
	// One request names one incarnation: both go together, in the order of recording.
	const batch = await take(outbox, 0);
	expect(batch.map(({ eventId, incarnation, seq }) => [eventId, incarnation, seq])).toEqual([
		[refused.eventId, state.incarnation, 1],
		[forked.eventId, state.incarnation, 2],
	]);
	await outbox.close();
	expect((await reopen()).state()).toEqual(state);
});

test('a parked entry is tried again at its time and stays visible with its reason', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	const { eventId } = await record(recordings.sale());
	await take(outbox, 0);
	await outbox.park(eventId, terminalError('LINE-102', { detail: 'alone it breaks headquarters' }), 5000);
	const error = { type: 'LINE-102', code: 900_500, message: 'alone it breaks headquarters' };
	expect(await outbox.get(eventId)).toMatchObject({ status: 'parked', outcome: { error, settledAtMs: time.clock.nowMs() } });
	expect(await take(outbox, 4999)).toEqual([]);
	expect(idsOf(await take(outbox, 5000))).toEqual([eventId]);
	await outbox.settle([applied(eventId, 'm1', 1)], 6000);
	await outbox.park(eventId, terminalError('LINE-102'), 9000);
	expect(await outbox.get(eventId)).toMatchObject({ status: 'applied' });
});

test('an entry is taken back before it was sent, once sent never again', async () => {
	const { outbox, recordings, record, reopen } = await openFresh();
	const first = await record(recordings.enrolment({ memberId: 'new-1' }));
	const second = await record(recordings.sale());
	expect(expectOk(await outbox.voidEntry(first.eventId)).status).toBe('voided');
	expect(expectOk(await outbox.voidEntry(first.eventId)).status).toBe('voided');
	expect(await outbox.findEnrolment({ memberId: asMember('new-1') })).toBeNull();
	expect(idsOf(await take(outbox, 0))).toEqual([second.eventId]);
	expect(await outbox.voidEntry(second.eventId)).toMatchObject({ ok: false, error: { code: 'SALE-107', eventId: second.eventId } });
	await outbox.close();
	const later = await reopen();
	await later.recoverSending();
	expect(await later.voidEntry(second.eventId)).toMatchObject({ ok: false, error: { code: 'SALE-107' } });
	expect(await later.voidEntry(recordings.sale().eventId)).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	expect(await later.resend(second.eventId)).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
});

test('I12: after a restore of headquarters everything settled is offered again under the same ids and places', async () => {
	const { outbox, recordings, record } = await openFresh();
	const sales = [await record(recordings.sale()), await record(recordings.sale()), await record(recordings.sale())];
	const voided = await record(recordings.sale());
	await outbox.voidEntry(voided.eventId);
	await take(outbox, 0);
	const [first, second, third] = sales.map(({ eventId }) => eventId);
	if (first === undefined || second === undefined || third === undefined) throw new Error('three entries');
	await outbox.settle([applied(first, 'm1', 1), answer(second, 'rejected', { error: ERROR }), answer(third, 'deferred')], 1000);
	await outbox.saveState({ hqEpoch: 1, outcomesAfter: 55 });
	expect(await outbox.reoffer(1)).toBe(0);
	expect(await outbox.reoffer(2)).toBe(2);
	expect(outbox.state()).toMatchObject({ hqEpoch: 2, outcomesAfter: 0, incarnation: sales[0]?.incarnation });
	expect(await outbox.counts()).toMatchObject({ pending: 2, deferred: 1, applied: 0, rejected: 0, voided: 1 });
	const batch = await take(outbox, 1000 + MINUTE_MS);
	expect(batch.map(({ eventId, seq, outcome }) => [eventId, seq, outcome?.appliedVer ?? null])).toEqual([
		[first, 1, null],
		[second, 2, null],
		[third, 3, null],
	]);
});

test('what is offered again from an earlier incarnation gets a common new one', async () => {
	const { outbox, recordings, record } = await openFresh();
	const old = await record(recordings.sale());
	await take(outbox, 0);
	await outbox.settle([applied(old.eventId, 'm1', 1)], 1000);
	const young = await record(recordings.sale());
	expect(await outbox.renewIncarnation()).toBe(1);
	expect(await outbox.get(young.eventId)).toMatchObject({ incarnation: outbox.state().incarnation, seq: 1 });
	await outbox.reoffer(1);
	const batch = await take(outbox, 0);
	expect(batch.map(({ eventId, seq, event }) => [eventId, seq, event.seq])).toEqual([
		[old.eventId, 1, 1],
		[young.eventId, 2, 2],
	]);
	expect(new Set(batch.map(({ incarnation }) => incarnation))).toEqual(new Set([outbox.state().incarnation]));
	expect(outbox.state().maxSeq).toBe(2);
});

test('retired entries are gone, their numbers are not given again, what waits or is still shown stays', async () => {
	const { outbox, recordings, record, reopen, time } = await openFresh();
	const settled = await record(recordings.sale());
	const enrolled = await record(recordings.enrolment({ memberId: 'new-1' }));
	const waiting = await record(recordings.sale());
	const later = await record(recordings.sale());
	const last = await record(recordings.sale());
	await take(outbox, 0);
	const nowMs = time.clock.nowMs();
	const settling = [settled, later, last].map(({ eventId }, index) => applied(eventId, 'm1', index + 1));
	await outbox.settle([...settling, applied(enrolled.eventId, 'new-1', 1)], nowMs);
	expect(await outbox.retire(nowMs)).toBe(0);
	expect(await outbox.retire(nowMs + 1)).toBe(2);
	expect(await outbox.get(settled.eventId)).toBeNull();
	// The youngest stays: its place in the file would be given again, and the journal follows by place.
	expect(await outbox.get(last.eventId)).toMatchObject({ status: 'applied' });
	expect(await outbox.get(enrolled.eventId)).toMatchObject({ status: 'applied' });
	expect(await outbox.get(waiting.eventId)).toMatchObject({ status: 'sending' });
	await outbox.close();
	const reopened = await reopen();
	expect(await reopened.counts()).toMatchObject({ applied: 2, sending: 1 });
	expect(expectOk(await reopened.record(recordings.sale())).seq).toBe(6);
});
