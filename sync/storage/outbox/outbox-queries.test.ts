import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LoyaltyBarcodeSchema, ReceiptNumberSchema } from '#shared/domain/ids.ts';
import { answer, applied, asMember } from '../../outbox/fake-recordings.ts';
import { openConnection } from '../connection.ts';
import { openFresh } from './fake-opened-outbox.ts';
import { PENDING_POINTS } from './outbox-queries.ts';

const RECEIPT = ReceiptNumberSchema.parse('R-77');
const ALL = { events: 500, bytes: 1_000_000, nowMs: 0 };

test('a list is newest first, by status, and pages on', async () => {
	const { outbox, recordings, record } = await openFresh();
	const entries = [];
	for (let index = 0; index < 5; index += 1) entries.push((await record(recordings.sale())).eventId);
	const [first, second, third, fourth, fifth] = entries;
	if (first === undefined || second === undefined || third === undefined) throw new Error('five entries');
	await outbox.takeBatch({ ...ALL, events: 3 });
	await outbox.settle([applied(first, 'm1', 1), answer(second, 'rejected'), answer(third, 'deferred')], 0);
	const page = await outbox.list({ limit: 2 });
	expect(page.map(({ eventId }) => eventId)).toEqual([fifth, fourth]);
	const rest = await outbox.list({ limit: 10, before: page.at(-1)?.position ?? 0 });
	expect(rest.map(({ eventId }) => eventId)).toEqual([third, second, first]);
	const ids = async (statuses: Parameters<typeof outbox.list>[0]['statuses']): Promise<readonly string[]> =>
		(await outbox.list({ limit: 10, ...(statuses === undefined ? {} : { statuses }) })).map(({ eventId }) => eventId);
	expect(await ids(['rejected', 'deferred'])).toEqual([third, second]);
	expect(await ids(['applied', 'pending'])).toEqual([fifth, fourth, first]);
	expect(await ids(['parked'])).toEqual([]);
});

test('the proof counts every entry once, over a span of time', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	await record(recordings.sale());
	await time.advance(1000);
	const sinceMs = time.clock.nowMs();
	const ids = [];
	for (let index = 0; index < 4; index += 1) ids.push((await record(recordings.sale())).eventId);
	const [first, second, third] = ids;
	if (first === undefined || second === undefined || third === undefined) throw new Error('four entries');
	await outbox.voidEntry(third);
	await outbox.takeBatch(ALL);
	await outbox.settle([applied(first, 'm1', 1), answer(second, 'rejected')], 0);
	expect(await outbox.proof(sinceMs)).toEqual({ recorded: 4, accepted: 1, refused: 1, waiting: 1, voided: 1, refusedOpen: 1 });
	expect(await outbox.proof(0)).toEqual({ recorded: 5, accepted: 1, refused: 1, waiting: 2, voided: 1, refusedOpen: 1 });
	expect(await outbox.proof(sinceMs + 1)).toEqual({ recorded: 0, accepted: 0, refused: 0, waiting: 0, voided: 0, refusedOpen: 0 });
});

test('a shift is summed with what headquarters gave, without what it refused or the cashier took back', async () => {
	const { outbox, recordings, record } = await openFresh();
	const first = await record(recordings.sale({ points: 10 }));
	await record(recordings.sale({ points: 20 }));
	const refused = await record(recordings.sale({ points: 1000 }));
	const voided = await record(recordings.sale({ points: 1000 }));
	await record(recordings.refund(recordings.sale(), { points: -5 }));
	await record(recordings.enrolment());
	await outbox.voidEntry(voided.eventId);
	await outbox.takeBatch(ALL);
	await outbox.settle([applied(first.eventId, 'm1', 1), answer(refused.eventId, 'rejected')], 0);
	expect(await outbox.shiftSummary(0)).toEqual({ salesWithCard: 2, enrolled: 1, pointsGiven: 62 });
});

test('a sale is found by its receipt, with what was refunded of it', async () => {
	const { outbox, recordings, record, time } = await openFresh();
	const sale = recordings.sale({ receipt: RECEIPT, points: 42 });
	await record(sale);
	await record(recordings.refund(sale, { amountMinor: 1000, points: -10 }));
	const voided = await record(recordings.refund(sale, { amountMinor: 500, points: -5 }));
	await outbox.voidEntry(voided.eventId);
	const refused = await record(recordings.refund(sale, { points: -42 }));
	await outbox.takeBatch(ALL);
	await outbox.settle([answer(refused.eventId, 'rejected'), applied(sale.eventId, 'm1', 1)], 0);
	await time.advance(86_400_000);
	const nextDay = await record(recordings.sale({ receipt: RECEIPT, points: 7 }));
	const taken = await record(recordings.sale({ receipt: RECEIPT }));
	await outbox.voidEntry(taken.eventId);
	const sales = await outbox.findSales(RECEIPT);
	expect(sales.map(({ entry, ...rest }) => ({ eventId: entry.eventId, ...rest }))).toEqual([
		{ eventId: nextDay.eventId, receipt: nextDay.receipt, pointsEarned: 7, refundedMinor: 0, pointsTakenBack: 0 },
		{ eventId: sale.eventId, receipt: sale.receipt, pointsEarned: 42, refundedMinor: 1000, pointsTakenBack: 10 },
	]);
	expect(await outbox.findSales(ReceiptNumberSchema.parse('R-78'))).toEqual([]);
});

test('own events of a member are found by id, by card, and by who got them, without refused ones', async () => {
	const { outbox, recordings, record } = await openFresh();
	const byId = await record(recordings.sale({ memberId: 'm1', points: 1 }));
	const byCard = await record(recordings.sale({ barcode: 'C100', points: 2 }));
	const moved = await record(recordings.sale({ memberId: 'm2', points: 4 }));
	await record(recordings.sale({ memberId: 'm3', points: 8 }));
	const voided = await record(recordings.sale({ memberId: 'm1', points: 16 }));
	const refused = await record(recordings.sale({ memberId: 'm1', points: 32 }));
	await record(recordings.profile('m1', 'Ann'));
	await outbox.voidEntry(voided.eventId);
	await outbox.takeBatch(ALL);
	await outbox.settle([applied(moved.eventId, 'm1', 9), answer(refused.eventId, 'rejected')], 0);
	const found = await outbox.pendingPoints({ memberIds: [asMember('m1')], barcodes: [LoyaltyBarcodeSchema.parse('C100')] });
	expect(found.toSorted((left, right) => left.points - right.points)).toEqual([
		{ eventId: byId.eventId, memberId: 'm1', barcode: null, points: 1, status: 'sending', appliedTo: null, appliedVer: null },
		{ eventId: byCard.eventId, memberId: null, barcode: 'C100', points: 2, status: 'sending', appliedTo: null, appliedVer: null },
		{ eventId: moved.eventId, memberId: 'm2', barcode: null, points: 42, status: 'applied', appliedTo: 'm1', appliedVer: 9 },
	]);
	expect(await outbox.pendingPoints({ memberIds: [], barcodes: [] })).toEqual([]);
});

test('the sum on a member’s screen reads three indexes and no table', async () => {
	const { folder } = await openFresh();
	const connection = await openConnection({ file: path.join(folder, 'outbox.db'), mode: 'read_only', pragmas: {} });
	const plan = await connection.all(`EXPLAIN QUERY PLAN ${PENDING_POINTS}`, ['[]', '[]']);
	await connection.close();
	const steps = plan.map(({ detail }) => String(detail));
	for (const index of ['entry_member', 'entry_applied_to', 'entry_barcode']) expect(steps.some((step) => step.includes(index))).toBe(true);
	expect(steps.filter((step) => step.startsWith('SCAN') && !step.includes('json_each'))).toEqual([]);
});

test('I10: after an opt-out no name or contact is left in entries, enrolments, file or log', async () => {
	const { outbox, recordings, record, folder } = await openFresh();
	const secret = { firstName: 'Xenophonia', lastName: 'Quetzalcoatl', mobile: '+36309998877', email: 'xenophonia@quetzal.example' };
	const enrolment = await record(recordings.enrolment({ memberId: 'gone', barcode: 'CARD-9', ...secret }));
	await record(recordings.profile('gone', 'Xenophonia-Maria'));
	const other = await record(recordings.enrolment({ memberId: 'stays', firstName: 'Zebedee' }));
	await outbox.scrubMembers([asMember('gone')]);
	const bytes = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'latin1'));
	for (const text of ['Xenophonia', 'xenophonia', 'Quetzalcoatl', 'quetzal', '309998877', 'CARD-9']) {
		expect(bytes.some((file) => file.includes(text))).toBe(false);
	}
	expect(bytes.some((file) => file.includes('Zebedee'))).toBe(true);
	expect(await outbox.findEnrolment({ memberId: asMember('gone') })).toBeNull();
	expect(await outbox.get(enrolment.eventId)).toMatchObject({ memberId: 'gone', event: { action: 'opt_in', customer: 'gone', data: {} } });
	expect(await outbox.get(other.eventId)).toMatchObject({ event: { data: { first_name: 'Zebedee' } } });
	expect(await outbox.takeBatch(ALL)).toHaveLength(3);
});

test('I10: the opt-out of whoever headquarters took an enrolled id for takes the names of that enrolment too', async () => {
	const { outbox, recordings, record, folder } = await openFresh();
	const enrolment = await record(recordings.enrolment({ memberId: 'second', barcode: 'CARD-9', firstName: 'Xenophonia' }));
	await outbox.takeBatch(ALL);
	await outbox.settle([applied(enrolment.eventId, 'owner', 2)], 0);
	await outbox.scrubMembers([asMember('owner')]);
	const bytes = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'latin1'));
	expect(bytes.some((file) => file.includes('Xenophonia'))).toBe(false);
	expect(await outbox.findEnrolment({ memberId: asMember('second') })).toBeNull();
	expect(await outbox.get(enrolment.eventId)).toMatchObject({ memberId: 'second', status: 'applied', event: { data: {} } });
});
