import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { enrol } from '../enrolment/enrol.ts';
import { card, memberId, memberRow, NOON_MS, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { earn } from '../sale/earn.ts';
import { voidEntry } from '../sale/void-entry.ts';
import { listOutbox, resend } from './outbox-view.ts';
import { readShift } from './shift.ts';

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'], points: 3840, profile: { language: 'hu' } })]);
	const reka = { id: 'c-17', displayName: 'Réka', role: 'cashier' as const, pinSalt: '', pinHash: '' };
	Object.assign(fake.world, { cashier: reka, cashiers: [reka] });
});
afterEach(async () => fake.close());

function nextRequest(): string {
	requests += 1;
	return requestId(requests);
}

async function sell(receiptNumber: string, member: CallInput<'sale.earn'>['member'] = { memberId: memberId('EVA') }): Promise<EventId> {
	const input = { requestId: nextRequest(), member, receiptNumber, amountMinor: 1000, currency: 'EUR', isRepeatConfirmed: true };
	return orThrow(await earn(fake.context, input)).eventId;
}

async function answer(eventId: EventId, result: Omit<EventResult, 'event_id'>): Promise<void> {
	await fake.context.outbox.takeBatch({ events: 100, bytes: 1_000_000, nowMs: fake.time.clock.nowMs() });
	await fake.context.outbox.settle([{ ...result, event_id: eventId }], fake.time.clock.nowMs());
	const rest = await fake.context.outbox.list({ statuses: ['sending'], limit: 100 });
	await fake.context.outbox.release(
		rest.map((entry) => entry.eventId),
		0,
	);
}

const refused = {
	status: 'rejected',
	error: { type: 'x', code: WIRE_CODES.transactionIdUsed, message: 'Transaction ID already used' },
} as const;
const accepted = { status: 'applied', applied_to: memberId('EVA'), applied_ver: 2, points: 12 } as const;

async function list(query: Partial<CallInput<'outbox.list'>> = {}): Promise<CallOutput<'outbox.list'>> {
	return orThrow(await listOutbox(fake.context, { show: 'all', limit: 50, ...query }));
}

function receipts(of: CallOutput<'outbox.list'>): readonly (string | null)[] {
	return of.lines.map(({ receiptNumber }) => receiptNumber);
}

test('an entry is told with who, what, by whom and what can be done', async () => {
	const eventId = await sell('A-1');
	expect((await list()).lines).toEqual([
		{
			position: expect.any(Number),
			eventId,
			action: 'checkout',
			displayStatus: 'will_be_sent',
			memberId: 'EVA',
			who: 'Nagy É.',
			atMs: NOON_MS,
			cashier: 'Réka',
			receiptNumber: 'A-1',
			amountMinor: 1000,
			currency: 'EUR',
			points: 12,
			refusal: null,
			attempts: 0,
			canVoid: true,
			canResend: false,
			canCorrect: false,
			canClose: false,
			closing: null,
			correctedBy: null,
			corrects: null,
		},
	]);
});

test('an unknown member is the card, an enrolled one the name, a cashier who has left the id', async () => {
	await sell('A-1', { barcode: card(777) });
	const form = { barcode: card(50), firstName: 'Ágnes', lastName: 'Kovács', mobile: '0630 555 1234', email: '' };
	orThrow(
		await enrol(fake.context, {
			requestId: nextRequest(),
			form,
			consents: [{ purpose: 'terms', granted: true, version: 1, language: 'hu' }],
		}),
	);
	fake.world.cashiers = [];
	const { lines } = await list();
	expect(lines.map(({ action, who, canVoid, cashier }) => [action, who, canVoid, cashier])).toEqual([
		['opt_in', 'Kovács Á.', false, 'c-17'],
		['checkout', card(777), true, 'c-17'],
	]);
});

test('each state has its word, and the proof counts every entry once', async () => {
	const [one, two, three] = [await sell('A-1'), await sell('A-2'), await sell('A-3')];
	await sell('A-4');
	await answer(one, accepted);
	await answer(two, refused);
	orThrow(await voidEntry(fake.context, { requestId: nextRequest(), eventId: await sell('A-5') }));
	await fake.context.outbox.park(three, terminalError('LINE-102'), NOON_MS + 1);
	const { lines, proof } = await list();
	expect(
		lines.map(({ receiptNumber, displayStatus, points, refusal }) => [receiptNumber, displayStatus, points, refusal?.kind ?? null]),
	).toEqual([
		['A-5', 'taken_back', 12, null],
		['A-4', 'will_be_sent', 12, null],
		['A-3', 'needs_person', 12, 'crashes_headquarters'],
		['A-2', 'needs_person', 12, 'transaction_used'],
		['A-1', 'accepted', 12, null],
	]);
	expect(proof).toEqual({
		recorded: 5,
		accepted: 1,
		refused: 1,
		waiting: 2,
		voided: 1,
		sinceMs: Date.parse('2026-11-21T23:00:00Z'),
		refusedOpen: 1,
	});
});

test('what was recorded yesterday is not in today’s proof, but still waits', async () => {
	await sell('A-1');
	await fake.time.pass(86_400_000);
	await sell('A-2');
	const { lines, proof } = await list({ show: 'waiting' });
	expect([lines.length, proof.recorded, proof.sinceMs]).toEqual([2, 1, Date.parse('2026-11-22T23:00:00Z')]);
});

test('waiting lists what needs a person first, each part newest first, and not what is done', async () => {
	const ids: EventId[] = [];
	for (let number = 1; number <= 6; number += 1) ids.push(await sell(`A-${number}`));
	await answer(must(ids[1], 'A-2'), refused);
	await answer(must(ids[3], 'A-4'), refused);
	await answer(must(ids[5], 'A-6'), accepted);
	expect(receipts(await list({ show: 'waiting' }))).toEqual(['A-4', 'A-2', 'A-5', 'A-3', 'A-1']);
});

test.each([1, 2, 3, 4, 7])('pages of %i lines show every entry once, in order, also across the two parts', async (limit) => {
	const ids: EventId[] = [];
	for (let number = 1; number <= 7; number += 1) ids.push(await sell(`A-${number}`));
	for (const index of [0, 2, 4]) await answer(must(ids[index], 'an entry'), refused);
	for (const show of ['waiting', 'all'] as const) {
		const seen: (string | null)[] = [];
		let before: number | undefined;
		for (let page = 0; page < 10; page += 1) {
			const answered = await list({ show, limit, ...(before === undefined ? {} : { before }) });
			seen.push(...receipts(answered));
			if (!answered.hasMore) break;
			before = must(answered.lines.at(-1), 'a line').position;
		}
		const expected = show === 'all' ? ['A-7', 'A-6', 'A-5', 'A-4', 'A-3', 'A-2', 'A-1'] : ['A-5', 'A-3', 'A-1', 'A-7', 'A-6', 'A-4', 'A-2'];
		expect(seen).toEqual(expected);
	}
});

test('a refused entry is offered again; asking twice is asking once', async () => {
	const eventId = await sell('A-1');
	await answer(eventId, refused);
	const request = { requestId: nextRequest(), eventId };
	expect(await Promise.all([resend(fake.context, request), resend(fake.context, request)])).toEqual(
		Array(2).fill({ ok: true, value: { eventId } }),
	);
	expect((await resend(fake.context, { requestId: nextRequest(), eventId })).ok).toBe(true);
	expect((await list()).lines[0]).toMatchObject({ displayStatus: 'will_be_sent', refusal: null, canVoid: false, canResend: false });
});

test.each(['accepted', 'taken back', 'never recorded'])('what is %s cannot be offered again', async (what) => {
	const eventId = await sell('A-1');
	if (what === 'accepted') await answer(eventId, accepted);
	if (what === 'taken back') orThrow(await voidEntry(fake.context, { requestId: nextRequest(), eventId }));
	const asked = what === 'never recorded' ? must((await list({ show: 'all' })).lines[0], 'a line').eventId.replace(/.$/, 'f') : eventId;
	const result = await resend(fake.context, { requestId: nextRequest(), eventId: asked as EventId });
	expect(result).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
});

test('the shift counts today’s sales and shows the last eight by their initials, without what was taken back', async () => {
	await sell('OLD');
	await fake.time.pass(86_400_000);
	for (let number = 1; number <= 9; number += 1) await sell(`A-${number}`);
	orThrow(await voidEntry(fake.context, { requestId: nextRequest(), eventId: await sell('A-10') }));
	await sell('A-11', { barcode: card(777) });
	const shift = orThrow(await readShift(fake.context));
	expect(shift).toMatchObject({ salesWithCard: 10, enrolled: 0, pointsGiven: 9 * 12 + 10 });
	expect(shift.justServed.map(({ receiptNumber, initials }) => [receiptNumber, initials])).toEqual([
		['A-11', ''],
		...[9, 8, 7, 6, 5, 4, 3].map((number) => [`A-${number}`, 'NÉ']),
	]);
	expect(JSON.stringify(shift)).not.toContain('Nagy');
});

test('a new day begins with an empty shift', async () => {
	await sell('A-1');
	await fake.time.pass(86_400_000);
	expect(orThrow(await readShift(fake.context))).toEqual({ salesWithCard: 0, enrolled: 0, pointsGiven: 0, justServed: [] });
});
