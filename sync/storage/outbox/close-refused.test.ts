import { expect, test } from 'vitest';
import { correctionRequestId } from '../../outbox/correction.ts';
import { answer, applied } from '../../outbox/fake-recordings.ts';
import { openFresh } from './fake-opened-outbox.ts';

const ALL = { events: 500, bytes: 1_000_000, nowMs: 0 };
const DAY_MS = 86_400_000;
const WHY = { by: 'm-1', because: 'not_needed' } as const;

async function openRefused() {
	const fresh = await openFresh();
	const { outbox, recordings, record } = fresh;
	const refused = await record(recordings.sale({ points: 20 }));
	await outbox.takeBatch(ALL);
	await outbox.settle([answer(refused.eventId, 'rejected')], 5000);
	return { ...fresh, refused, close: () => outbox.closeRefused({ eventId: refused.eventId, ...WHY }) };
}

test('a refused entry is closed with who, when and why, keeps what headquarters said, and is so after a restart', async () => {
	const { outbox, refused, close, time, reopen } = await openRefused();
	await time.advance(60_000);
	const closing = { by: 'm-1', atMs: time.clock.nowMs(), because: 'not_needed' };
	expect(await close()).toMatchObject({ ok: true, value: { status: 'closed', closing, outcome: { settledAtMs: 5000 } } });
	expect(await outbox.counts()).toMatchObject({ rejected: 0, closed: 1 });
	await outbox.close();
	const again = await reopen();
	expect(await again.get(refused.eventId)).toMatchObject({ status: 'closed', closing });
	expect(await again.counts()).toMatchObject({ rejected: 0, closed: 1 });
});

test('the same decision twice is once; another one, and anything that is not refused, is OUTBOX-101', async () => {
	const { outbox, refused, close, record, recordings, time } = await openRefused();
	const first = await close();
	await time.advance(60_000);
	expect(await close()).toEqual(first);
	const order = { eventId: refused.eventId, by: 'm-1', because: 'mistake' } as const;
	expect(await outbox.closeRefused(order)).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	const waiting = await record(recordings.sale());
	expect(await outbox.closeRefused({ ...order, eventId: waiting.eventId })).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	expect(await outbox.counts()).toMatchObject({ closed: 1, pending: 1 });
});

test('what is closed is not sent again, nor offered to a restored headquarters, and no late answer moves it', async () => {
	const { outbox, refused, close } = await openRefused();
	await close();
	expect(await outbox.resend(refused.eventId)).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	expect(await outbox.reoffer(outbox.state().hqEpoch + 1)).toBe(0);
	expect(await outbox.takeBatch(ALL)).toEqual([]);
	await outbox.settle([applied(refused.eventId, 'm1', 1)], 9000);
	expect(await outbox.get(refused.eventId)).toMatchObject({ status: 'closed', outcome: { points: null } });
});

test('it counts as refused in the proof, which adds up, and is open no more; its points are not shown', async () => {
	const { outbox, refused, close, record, recordings } = await openRefused();
	await record(recordings.sale({ points: 5 }));
	expect(await outbox.proof(0)).toEqual({ recorded: 2, accepted: 0, refused: 1, waiting: 1, voided: 0, refusedOpen: 1 });
	await close();
	expect(await outbox.proof(0)).toEqual({ recorded: 2, accepted: 0, refused: 1, waiting: 1, voided: 0, refusedOpen: 0 });
	const sum = (await outbox.proofByCashier(0)).reduce((total, { points }) => total + points.refused, 0);
	expect(sum).toBe(20);
	const { memberId } = refused;
	const shown = await outbox.pendingPoints({ memberIds: memberId === null ? [] : [memberId], barcodes: [] });
	expect(shown.map(({ eventId }) => eventId)).not.toContain(refused.eventId);
	expect((await outbox.shiftSummary(0)).salesWithCard).toBe(1);
});

test('what a correction stands for is not closed, and what was closed is not counted as corrected', async () => {
	const { outbox, refused, close, recordings } = await openRefused();
	const recording = recordings.sale();
	const corrected = await outbox.record({ ...recording, requestId: correctionRequestId(refused.eventId, 1) });
	expect(await close()).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	if (!corrected.ok) throw new Error('recorded');
	await outbox.voidEntry(corrected.value.eventId);
	expect((await close()).ok).toBe(true);
	expect(await outbox.countCorrected()).toBe(0);
});

test('with an enrolment that is closed its person and card are forgotten here', async () => {
	const { outbox, recordings, record } = await openFresh();
	const enrolled = await record(recordings.enrolment({ memberId: 'm7', barcode: 'CARD-7' }));
	await outbox.takeBatch(ALL);
	await outbox.settle([answer(enrolled.eventId, 'rejected')], 5000);
	expect(await outbox.enrolledMembers(10)).toHaveLength(1);
	await outbox.closeRefused({ eventId: enrolled.eventId, ...WHY });
	expect(await outbox.enrolledMembers(10)).toEqual([]);
});

test('what was closed is deleted after its time, counted from the closing', async () => {
	const { outbox, refused, close, record, recordings, time } = await openRefused();
	await time.advance(100 * DAY_MS);
	await close();
	await record(recordings.sale());
	expect(await outbox.retire(time.clock.nowMs() - DAY_MS)).toBe(0);
	await time.advance(100 * DAY_MS);
	await record(recordings.sale());
	expect(await outbox.retire(time.clock.nowMs() - DAY_MS)).toBe(1);
	expect(await outbox.get(refused.eventId)).toBeNull();
	expect(await outbox.counts()).toMatchObject({ closed: 0, pending: 2 });
});

test('a correction is deleted after what it corrects, which therefore never needs somebody again', async () => {
	const { outbox, refused, recordings, record, time } = await openRefused();
	const corrected = await outbox.record({ ...recordings.sale(), requestId: correctionRequestId(refused.eventId, 1) });
	if (!corrected.ok) throw new Error('recorded');
	await outbox.takeBatch(ALL);
	await outbox.settle([applied(corrected.value.eventId, 'm1', 1)], time.clock.nowMs());
	await time.advance(200 * DAY_MS);
	await record(recordings.sale());
	const beforeMs = time.clock.nowMs() - DAY_MS;
	expect(await outbox.retire(beforeMs)).toBe(1);
	expect(await outbox.get(refused.eventId)).toBeNull();
	expect(await outbox.retire(beforeMs)).toBe(1);
	expect(await outbox.counts()).toMatchObject({ rejected: 0, applied: 0 });
});
