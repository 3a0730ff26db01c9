import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EnrolForm } from '#shared/bridge/member-calls.ts';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { listOutbox } from '../desk/outbox-view.ts';
import { enrol } from '../enrolment/enrol.ts';
import { card, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { closeEntry } from './close-entry.ts';
import { correctEnrolment } from './correct-enrolment.ts';
import { readDraft } from './draft.ts';

const MANAGER = { id: 'm-1', displayName: 'Judit', role: 'manager' as const, pinSalt: '', pinHash: '' };
const CASHIER = { ...MANAGER, id: 'c-17', displayName: 'Réka', role: 'cashier' as const };
const FORM: EnrolForm = { barcode: card(7), firstName: 'Márta', lastName: '', mobile: '+36 30 123 4567', email: '' };
const CONSENTS = [{ purpose: 'terms' as const, granted: true, version: 1, language: 'en' }];

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'] })]);
	Object.assign(fake.world, { cashier: CASHIER, cashiers: [MANAGER, CASHIER] });
});
afterEach(async () => fake.close());

function nextRequest(): string {
	requests += 1;
	return requestId(requests);
}

async function enrolRefused(): Promise<{ readonly eventId: EventId; readonly memberId: MemberId }> {
	const { eventId, member } = orThrow(await enrol(fake.context, { requestId: nextRequest(), form: FORM, consents: CONSENTS }));
	const { outbox } = fake.context;
	await outbox.takeBatch({ events: 100, bytes: 1_000_000, nowMs: fake.time.clock.nowMs() });
	const error = { type: 'x', code: WIRE_CODES.propertyInvalid, message: 'the customer has too many cards' };
	await outbox.settle([{ event_id: eventId, status: 'rejected', error }], fake.time.clock.nowMs());
	fake.world.cashier = MANAGER;
	return { eventId, memberId: member.memberId };
}

const correct = (eventId: EventId, change: Partial<EnrolForm> = {}) =>
	correctEnrolment(fake.context, { requestId: nextRequest(), eventId, form: { ...FORM, ...change } });

test('a refused enrolment is recorded anew for the same member, with the consents as they were given, and both name each other', async () => {
	const { eventId: old, memberId } = await enrolRefused();
	await fake.time.pass(60_000);
	const { eventId } = orThrow(await correct(old, { barcode: card(8), firstName: ' Mária ', email: 'maria@example.org' }));
	const [before, entry] = [must(await fake.context.outbox.get(old), 'the old'), must(await fake.context.outbox.get(eventId), 'the new')];
	expect(entry).toMatchObject({
		status: 'pending',
		memberId,
		cashier: 'm-1',
		event: {
			customer: memberId,
			action: 'opt_in',
			data: { loyalty_barcode: card(8), first_name: 'Mária', mobile_phone: '+36301234567', email: 'maria@example.org', corrects: old },
		},
	});
	expect(entry.event.data).toMatchObject({ consents: before.event.action === 'opt_in' ? before.event.data.consents : null });
	expect(before.status).toBe('rejected');
	const { lines } = orThrow(await listOutbox(fake.context, { show: 'all', limit: 10 }));
	expect(lines.map((line) => [line.eventId, line.displayStatus, line.correctedBy, line.corrects, line.canCorrect])).toEqual([
		[eventId, 'will_be_sent', null, old, false],
		[old, 'corrected', eventId, null, false],
	]);
	expect(await fake.context.outbox.findEnrolment({ memberId })).toMatchObject({ eventId, firstName: 'Mária', barcode: card(8) });
});

test('the form begins with what was recorded, and a manager alone sees it', async () => {
	const { eventId, memberId } = await enrolRefused();
	const form = { ...FORM, mobile: '+36301234567' };
	expect(orThrow(await readDraft(fake.context, { eventId }))).toEqual({ kind: 'enrolment', memberId, form });
	fake.world.cashier = CASHIER;
	expect(await readDraft(fake.context, { eventId })).toMatchObject({ ok: false, error: { code: 'SESSION-104' } });
	expect(await correct(eventId)).toMatchObject({ ok: false, error: { code: 'SESSION-104' } });
});

test('asking again is one correction, also after a restart; another one is refused', async () => {
	const { eventId: old } = await enrolRefused();
	const first = orThrow(await correct(old, { barcode: card(8) }));
	await fake.restart();
	Object.assign(fake.world, { cashier: MANAGER });
	expect(orThrow(await correct(old, { barcode: card(8) }))).toEqual(first);
	expect(await correct(old, { barcode: card(9) })).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
});

test.each<[string, Partial<EnrolForm>, string]>([
	['somebody’s card', { barcode: card(1) }, 'ENROL-101'],
	['no card', { barcode: '' }, 'ENROL-102'],
	['no name', { firstName: ' ' }, 'ENROL-102'],
	['no contact', { mobile: '' }, 'ENROL-102'],
	['half a number', { mobile: '+36 30' }, 'ENROL-104'],
	['a misread card', { barcode: '2900000000019' }, 'SCAN-102'],
])('%s is refused and nothing is recorded', async (_what, change, code) => {
	const { eventId } = await enrolRefused();
	expect(await correct(eventId, change)).toMatchObject({ ok: false, error: { code } });
	expect(await fake.context.outbox.counts()).toMatchObject({ pending: 0, rejected: 1 });
});

test('the card may stay: it is the member’s own', async () => {
	const { eventId } = await enrolRefused();
	expect((await correct(eventId, { mobile: '+36 30 765 4321' })).ok).toBe(true);
});

test('of a member who has left meanwhile there is nothing to correct', async () => {
	const { eventId, memberId } = await enrolRefused();
	await fake.context.outbox.scrubMembers([memberId]);
	expect(await correct(eventId)).toMatchObject({ ok: false, error: { code: 'OUTBOX-101' } });
	const { lines } = orThrow(await listOutbox(fake.context, { show: 'needs_person', limit: 10 }));
	expect(lines[0]).toMatchObject({ canCorrect: false, canClose: true });
});

test('a correction whose member has left keeps the old entry closed to work', async () => {
	const { eventId: old, memberId } = await enrolRefused();
	const { eventId } = orThrow(await correct(old, { barcode: card(8) }));
	await fake.context.outbox.scrubMembers([memberId]);
	const { lines } = orThrow(await listOutbox(fake.context, { show: 'all', limit: 10 }));
	expect(lines.at(-1)).toMatchObject({ displayStatus: 'corrected', correctedBy: eventId });
});

test('an enrolment that is closed gives its card back', async () => {
	const { eventId } = await enrolRefused();
	orThrow(await closeEntry(fake.context, { requestId: nextRequest(), eventId, because: 'mistake' }));
	expect((await enrol(fake.context, { requestId: nextRequest(), form: FORM, consents: CONSENTS })).ok).toBe(true);
});
