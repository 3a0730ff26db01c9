import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventId } from '#shared/domain/ids.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { readEntryLife } from '../desk/entry-life.ts';
import { listOutbox, resend } from '../desk/outbox-view.ts';
import { exportProof, readProofSheet } from '../desk/proof-sheet.ts';
import { card, memberId, memberRow, NOON_MS, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { ok } from '#shared/lib/result.ts';
import { earn } from '../sale/earn.ts';
import { closeEntry } from './close-entry.ts';
import { correctSale } from './correct-sale.ts';

const MANAGER = { id: 'm-1', displayName: 'Judit', role: 'manager' as const, pinSalt: '', pinHash: '' };
const PLACE = { outletName: 'Kossuth tér', terminalName: 'Terminal 2' };

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'] })]);
	Object.assign(fake.world, { cashier: MANAGER, cashiers: [MANAGER] });
});
afterEach(async () => fake.close());

function nextRequest(): string {
	requests += 1;
	return requestId(requests);
}

async function sellRefused(): Promise<EventId> {
	const sale = { requestId: nextRequest(), member: { memberId: memberId('EVA') }, receiptNumber: 'A-1', amountMinor: 1000 };
	const { eventId } = orThrow(await earn(fake.context, { ...sale, currency: 'EUR', isRepeatConfirmed: true }));
	const { outbox } = fake.context;
	await outbox.takeBatch({ events: 100, bytes: 1_000_000, nowMs: fake.time.clock.nowMs() });
	const error = { type: 'x', code: WIRE_CODES.optedOut, message: 'Customer has opted out' };
	await outbox.settle([{ event_id: eventId, status: 'rejected', error }], fake.time.clock.nowMs() + 2000);
	return eventId;
}

const close = (eventId: EventId, because: 'not_needed' | 'member_left' = 'member_left') =>
	closeEntry(fake.context, { requestId: nextRequest(), eventId, because });
const list = async (show: 'needs_person' | 'waiting' | 'all') => orThrow(await listOutbox(fake.context, { show, limit: 10 }));

test('a closed entry leaves the lists of what is open, and its life tells who closed it and why', async () => {
	const eventId = await sellRefused();
	expect((await list('needs_person')).lines[0]).toMatchObject({ canClose: true, closing: null });
	await fake.time.pass(60_000);
	orThrow(await close(eventId));
	expect((await list('needs_person')).lines).toEqual([]);
	expect((await list('waiting')).lines).toEqual([]);
	const closing = { by: 'Judit', atMs: NOON_MS + 60_000, because: 'member_left' };
	const [line] = (await list('all')).lines;
	expect(line).toMatchObject({ displayStatus: 'closed', closing, refusal: { kind: 'opted_out' } });
	expect(line).toMatchObject({ canClose: false, canResend: false, canCorrect: false, canVoid: false });
	expect(orThrow(await readEntryLife(fake.context, { eventId })).steps.slice(2)).toEqual([
		{ kind: 'refused', atMs: NOON_MS + 2000, code: WIRE_CODES.optedOut, said: 'Customer has opted out' },
		{ kind: 'closed', atMs: NOON_MS + 60_000, cashier: 'Judit', because: 'member_left' },
	]);
});

test('the proof of the day adds up as before, names what was closed, and has nothing open', async () => {
	const eventId = await sellRefused();
	expect((await list('all')).proof).toMatchObject({ recorded: 1, refused: 1, refusedOpen: 1 });
	orThrow(await close(eventId));
	expect((await list('all')).proof).toMatchObject({ recorded: 1, accepted: 0, refused: 1, waiting: 0, voided: 0, refusedOpen: 0 });
	const sheet = await readProofSheet(fake.context, PLACE);
	expect(sheet.entries).toEqual({ recorded: 1, accepted: 0, refused: 1, waiting: 0, voided: 0 });
	const told = { eventId, action: 'checkout', receiptNumber: 'A-1', points: 10, by: 'Judit', because: 'member_left' };
	expect(sheet.closed).toMatchObject([told]);
	const files: string[] = [];
	for (const format of ['csv', 'json'] as const) {
		await exportProof(sheet, { format }, async (name, text) => {
			files.push(text);
			return Promise.resolve(ok(name));
		});
	}
	expect(files[0]).toContain(`,"Judit",member_left,checkout,"A-1",10,${eventId}\r\n`);
	expect(JSON.parse(files[1] ?? '')).toMatchObject({ closed: [{ ...told, at: new Date(NOON_MS).toISOString() }] });
});

test('closing twice is closing once, also after a restart; another reason is too late', async () => {
	const eventId = await sellRefused();
	orThrow(await close(eventId));
	await fake.restart();
	Object.assign(fake.world, { cashier: MANAGER });
	expect((await close(eventId)).ok).toBe(true);
	expect(await close(eventId, 'not_needed')).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
});

test('what is closed is neither sent again nor corrected', async () => {
	const eventId = await sellRefused();
	orThrow(await close(eventId));
	expect(await resend(fake.context, { requestId: nextRequest(), eventId })).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	const sale = { barcode: '', receiptNumber: 'A-2', amountMinor: 900, isRepeatConfirmed: true };
	expect(await correctSale(fake.context, { requestId: nextRequest(), eventId, ...sale })).toMatchObject({
		ok: false,
		error: { code: 'OUTBOX-101' },
	});
});

test.each([
	['a cashier', { ...MANAGER, role: 'cashier' as const }],
	['nobody', null],
])('%s does not close', async (_who, cashier) => {
	const eventId = await sellRefused();
	fake.world.cashier = cashier;
	expect(await close(eventId)).toMatchObject({ ok: false, error: { code: 'SESSION-104' } });
	expect(await fake.context.outbox.counts()).toMatchObject({ rejected: 1, closed: 0 });
});
