import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { EVENT_BYTES_MAX } from '#shared/wire/limits.ts';
import { asMember } from '../../outbox/fake-recordings.ts';
import { expectOk, openFresh } from './fake-opened-outbox.ts';

test('an entry is recorded with its receipt, the time, the order and the state of the clocks', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	await outbox.saveState({ skewMs: -1500.4 });
	await time.advance(1234.5);
	const sale = recordings.sale({ points: 83 });
	const entry = await record(sale);
	expect(entry).toMatchObject({
		eventId: sale.eventId,
		seq: 1,
		status: 'pending',
		action: 'checkout',
		memberId: 'm1',
		pointsEstimated: 83,
		receipt: sale.receipt,
		occurredAtMs: time.clock.nowMs(),
		monotonicMs: 1235,
		bootId: 'fake-boot',
		skewMs: -1500,
		attempts: 0,
		sentAtMs: null,
		outcome: null,
	});
	expect(entry.event).toMatchObject({ event_id: sale.eventId, seq: 1, occurred_at: entry.occurredAtMs, action: 'checkout' });
	expect(entry.incarnation).toBe(outbox.state().incarnation);
	expect(await outbox.get(sale.eventId)).toEqual(entry);
});

test('I11: what was recorded is there after a copy of the files was taken without closing them', async () => {
	const { outbox, recordings, record, folder } = await openFresh();
	const entries = [];
	for (let index = 0; index < 20; index += 1) entries.push(await record(recordings.sale()));
	const { folder: copy } = await openFresh({ seed: 2 }).then(async (other) => {
		await other.outbox.close();
		return other;
	});
	for (const name of ['outbox.db', 'outbox.db-wal']) copyFileSync(path.join(folder, name), path.join(copy, name));
	const { outbox: restored } = await openFresh({ folder: copy });
	for (const entry of entries) expect(await restored.get(entry.eventId)).toEqual(entry);
	expect(restored.state()).toEqual(outbox.state());
});

test('the same request twice is one entry, also at the same time and after a start', async () => {
	const { outbox, recordings, reopen } = await openFresh();
	const sale = recordings.sale();
	const again = { ...sale, eventId: recordings.sale().eventId };
	const results = await Promise.all([outbox.record(sale), outbox.record(again), outbox.record(sale)]);
	const [first] = results.map(expectOk);
	for (const result of results) expect(expectOk(result)).toEqual(first);
	expect(await outbox.findByRequest(sale.requestId)).toEqual(first);
	expect(await outbox.findByRequest('another')).toBeNull();
	await outbox.close();
	const later = await reopen();
	expect(expectOk(await later.record(again))).toEqual(first);
	expect((await later.counts()).pending).toBe(1);
	expect(later.state().maxSeq).toBe(1);
});

test('an event id that comes with two requests is a defect and is not recorded twice', async () => {
	const { outbox, recordings, record } = await openFresh();
	const sale = recordings.sale();
	await record(sale);
	await expect(outbox.record({ ...sale, requestId: 'other' })).rejects.toThrow('an event id is recorded once');
	expect((await record(recordings.sale())).seq).toBe(2);
});

test('sequence numbers have no gap, whatever is recorded at once', async () => {
	const { outbox, recordings, reopen } = await openFresh();
	const results = await Promise.all(Array.from({ length: 50 }, () => outbox.record(recordings.sale())));
	expect(results.map((result) => expectOk(result).seq)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
	await outbox.close();
	const later = await reopen();
	expect(expectOk(await later.record(recordings.sale())).seq).toBe(51);
});

test('an enrolment is found by id, card, contact and the beginning of each word of the name', async () => {
	const { outbox, recordings, record } = await openFresh();
	const enrolment = recordings.enrolment({
		memberId: 'new-1',
		firstName: 'Zsófia',
		lastName: 'Őry-Kovács',
		barcode: 'C100',
		mobile: '+36301234567',
		email: 'Zsofia@Example.com',
	});
	const entry = await record(enrolment);
	const found = {
		memberId: 'new-1',
		eventId: entry.eventId,
		barcode: 'C100',
		firstName: 'Zsófia',
		lastName: 'Őry-Kovács',
		mobile: '+36301234567',
		email: 'Zsofia@Example.com',
		consents: { terms: true, email: false },
		enrolledAtMs: entry.occurredAtMs,
	};
	expect(await outbox.findEnrolment({ memberId: asMember('new-1') })).toEqual(found);
	expect(await outbox.findEnrolment({ barcode: 'C100' as never })).toEqual(found);
	for (const text of ['zsof', 'ory zs', 'ŐRY', 'kovacs', '+3630123', 'zsofia@ex']) {
		expect(await outbox.searchEnrolments(text, 10)).toEqual([found]);
	}
	for (const text of ['', '%', '"', 'sofia', 'anna', '6301']) expect(await outbox.searchEnrolments(text, 10)).toEqual([]);
});

test('an enrolment is listed until the replica has it', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	await record(recordings.enrolment({ memberId: 'b' }));
	await time.advance(1000);
	await record(recordings.enrolment({ memberId: 'a' }));
	expect(await outbox.enrolledMembers(10)).toEqual(['b', 'a']);
	expect(await outbox.enrolledMembers(1)).toEqual(['b']);
	await outbox.forgetEnrolments([asMember('b'), asMember('unknown')]);
	expect(await outbox.enrolledMembers(10)).toEqual(['a']);
	expect(await outbox.findEnrolment({ memberId: asMember('b') })).toBeNull();
});

test('the last card number survives everything and never goes back', async () => {
	const { outbox, recordings, record, reopen } = await openFresh();
	expect(await outbox.lastCardNumber()).toBeNull();
	await record(recordings.enrolment({ cardNumber: 0 }));
	expect(await outbox.lastCardNumber()).toBe(0);
	const { eventId } = await record(recordings.enrolment({ cardNumber: 17 }));
	await record(recordings.enrolment({ cardNumber: 5 }));
	await record(recordings.enrolment());
	await outbox.voidEntry(eventId);
	await outbox.close();
	expect(await (await reopen()).lastCardNumber()).toBe(17);
});

test('an event above the limit of the wire is refused and takes no number', async () => {
	const { outbox, recordings, record } = await openFresh();
	const sale = recordings.sale();
	const result = await outbox.record({
		...sale,
		event: { ...sale.event, data: { ...sale.event.data, note: 'x'.repeat(EVENT_BYTES_MAX) } } as never,
	});
	expect(result).toMatchObject({ ok: false, error: { code: 'BRIDGE-101' } });
	expect((await record(recordings.sale())).seq).toBe(1);
});

test('an event that could not be read back is refused and takes no number', async () => {
	const { outbox, recordings, record } = await openFresh();
	const enrolment = recordings.enrolment({ email: 'no address' });
	expect(await outbox.record(enrolment)).toMatchObject({
		ok: false,
		error: { code: 'BRIDGE-101', detail: 'no event of the wire: data.email' },
	});
	expect((await record(recordings.sale())).seq).toBe(1);
});

test('a listener hears of each change once, until it stops listening', async () => {
	const { outbox, recordings, record } = await openFresh();
	let heard = 0;
	const stop = outbox.onChange(() => {
		heard += 1;
	});
	await record(recordings.sale());
	await outbox.takeBatch({ events: 10, bytes: 10_000, nowMs: 0 });
	expect(heard).toBe(2);
	await outbox.takeBatch({ events: 10, bytes: 10_000, nowMs: 0 });
	expect(heard).toBe(2);
	stop();
	await record(recordings.sale());
	expect(heard).toBe(2);
});

test('recording is one statement: the log grows by one commit', async () => {
	const { recordings, record, folder } = await openFresh();
	const commits = (): number => countCommits(readFileSync(path.join(folder, 'outbox.db-wal')));
	await record(recordings.sale());
	const before = commits();
	await record(recordings.enrolment({ cardNumber: 1, barcode: 'C100' }));
	expect(commits()).toBe(before + 1);
});

/** Frames of a log that end a commit: https://www.sqlite.org/fileformat2.html#the_write_ahead_log. */
function countCommits(log: Buffer): number {
	const frame = 24 + log.readUInt32BE(8);
	let commits = 0;
	for (let start = 32; start + frame <= log.length; start += frame) {
		const isOfThisLog = log.subarray(start + 8, start + 16).equals(log.subarray(16, 24));
		if (isOfThisLog && log.readUInt32BE(start + 4) !== 0) commits += 1;
	}
	return commits;
}
