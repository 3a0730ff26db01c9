import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { correctionRequestId } from '../../outbox/correction.ts';
import type { Entry } from '../../outbox/entry.ts';
import type { EnrolmentOptions } from '../../outbox/fake-recordings.ts';
import type { PersonTrace } from '../../outbox/outbox.ts';
import { openConnection } from '../connection.ts';
import { openFresh } from './fake-opened-outbox.ts';
import type { OpenedOutbox } from './fake-opened-outbox.ts';
import { NAMING } from './scrub.ts';

const NOW_MS = 1_000;
const ALL = { events: 500, bytes: 1_000_000, nowMs: NOW_MS };
const GONE = MemberIdSchema.parse('gone');
/** Nobody else has any part of these. */
const PERSON = {
	firstName: 'Xenophonia',
	lastName: 'Quetzalcoatl',
	mobile: '+36309998877',
	email: 'xeno@quetzal.example',
	barcode: 'CARD-9',
};
const WORDS = ['Xenophonia', 'Quetzalcoatl', '309998877', 'quetzal.example', 'CARD-9'];

function bytesIn(folder: string): string {
	return readdirSync(folder)
		.map((name) => readFileSync(path.join(folder, name), 'latin1'))
		.join('\n');
}

function wordsIn(folder: string): readonly string[] {
	const bytes = bytesIn(folder);
	return WORDS.filter((word) => bytes.includes(word));
}

async function refuse({ outbox }: OpenedOutbox, entries: readonly Entry[], code: number): Promise<void> {
	await outbox.takeBatch(ALL);
	const error = { type: 'refused', code, message: 'no' };
	await outbox.settle(
		entries.map(({ eventId }) => ({ event_id: eventId, status: 'rejected' as const, error })),
		NOW_MS,
	);
}

/** An enrolment under an id of its own that headquarters refused. */
async function enrolRefused(opened: OpenedOutbox, person: EnrolmentOptions): Promise<Entry> {
	const entry = await opened.record(opened.recordings.enrolment({ memberId: 'minted', ...person }));
	await refuse(opened, [entry], WIRE_CODES.propertyInvalid);
	return entry;
}

function traceOf(trace: { readonly barcode?: string; readonly mobile?: string; readonly email?: string }): PersonTrace {
	const barcodes = trace.barcode === undefined ? [] : [LoyaltyBarcodeSchema.parse(trace.barcode)];
	return { barcodes, mobile: trace.mobile ?? null, email: trace.email ?? null };
}

test('I10: an enrolment that is refused because its person has left loses all names with that answer', async () => {
	const opened = await openFresh();
	const { outbox, recordings, record, folder } = opened;
	const enrolment = await record(recordings.enrolment({ memberId: 'gone', ...PERSON }));
	const profile = await record(recordings.profile('gone', PERSON.firstName));
	await record(recordings.enrolment({ memberId: 'stays', firstName: 'Zebedee' }));
	expect(wordsIn(folder)).toEqual(WORDS);
	await refuse(opened, [enrolment], WIRE_CODES.optedOut);
	expect(wordsIn(folder)).toEqual([]);
	expect(bytesIn(folder)).toContain('Zebedee');
	expect(await outbox.findEnrolment({ memberId: GONE })).toBeNull();
	expect(await outbox.get(enrolment.eventId)).toMatchObject({
		status: 'rejected',
		memberId: 'gone',
		event: { action: 'opt_in', data: {} },
	});
	expect(await outbox.get(profile.eventId)).toMatchObject({ status: 'sending', event: { data: {} } });
	expect(await outbox.counts()).toMatchObject({ rejected: 1, sending: 2 });
});

test('I10: so does what is here of a member of whom a sale is refused for that reason, and an answer that comes again', async () => {
	const opened = await openFresh();
	const { recordings, record, folder } = opened;
	const sale = await record(recordings.sale({ memberId: 'gone' }));
	await refuse(opened, [sale], WIRE_CODES.optedOut);
	await record(recordings.enrolment({ memberId: 'gone', ...PERSON }));
	expect(wordsIn(folder)).toEqual(WORDS);
	await refuse(opened, [sale], WIRE_CODES.optedOut);
	expect(wordsIn(folder)).toEqual([]);
});

test('a refusal for any other reason leaves an enrolment as it is: somebody has to correct it', async () => {
	const opened = await openFresh();
	const { eventId } = await enrolRefused(opened, PERSON);
	expect(await opened.outbox.get(eventId)).toMatchObject({ event: { data: { first_name: PERSON.firstName } } });
});

test.each([
	['card', traceOf({ barcode: 'CARD-9' })],
	['mobile number', traceOf({ mobile: PERSON.mobile })],
	['e-mail address, whatever its case', traceOf({ email: 'Xeno@Quetzal.Example' })],
])('I10: an opt-out finds what was refused earlier under another id by its %s', async (_what, trace) => {
	const opened = await openFresh();
	const { outbox, folder } = opened;
	await enrolRefused(opened, PERSON);
	await enrolRefused(opened, {
		memberId: 'other',
		firstName: 'Zebedee',
		mobile: '+36301112233',
		email: 'z@example.org',
		barcode: 'CARD-1',
	});
	await outbox.scrubMembers([GONE], [trace]);
	expect(wordsIn(folder)).toEqual([]);
	expect(bytesIn(folder)).toContain('Zebedee');
});

test('I10: an opt-out finds it by what the member’s own entries here say, too', async () => {
	const opened = await openFresh();
	const { outbox, recordings, record, folder } = opened;
	await enrolRefused(opened, PERSON);
	await record(recordings.enrolment({ memberId: 'gone', firstName: 'Xeno', mobile: PERSON.mobile }));
	await outbox.scrubMembers([GONE]);
	expect(wordsIn(folder)).toEqual([]);
});

test('I10: what was taken back or closed goes as well; what waits under another id stays, it may be the same person joining anew', async () => {
	const opened = await openFresh();
	const { outbox, recordings, record, folder } = opened;
	const closed = await enrolRefused(opened, PERSON);
	expect((await outbox.closeRefused({ eventId: closed.eventId, by: 'c1', because: 'mistake' })).ok).toBe(true);
	const voided = await record(recordings.enrolment({ memberId: 'second', ...PERSON }));
	expect((await outbox.voidEntry(voided.eventId)).ok).toBe(true);
	await outbox.scrubMembers([GONE], [traceOf({ mobile: PERSON.mobile })]);
	expect(wordsIn(folder)).toEqual([]);
	const anew = await record(recordings.enrolment({ memberId: 'third', ...PERSON }));
	await outbox.scrubMembers([GONE], [traceOf({ mobile: PERSON.mobile })]);
	expect(await outbox.get(anew.eventId)).toMatchObject({ event: { data: { first_name: PERSON.firstName } } });
});

test('I10: an entry goes with the one that corrects it, and that one with it', async () => {
	const opened = await openFresh();
	const { outbox, recordings, record, folder } = opened;
	const first = await enrolRefused(opened, { firstName: PERSON.firstName });
	const correction = recordings.enrolment({ memberId: 'second', lastName: PERSON.lastName });
	const second = await record({ ...correction, requestId: correctionRequestId(first.eventId, 1) });
	await refuse(opened, [second], WIRE_CODES.propertyInvalid);
	const last = recordings.enrolment({ memberId: 'gone', email: PERSON.email });
	await record({ ...last, requestId: correctionRequestId(second.eventId, 1) });
	expect(wordsIn(folder)).toHaveLength(3);
	await outbox.scrubMembers([GONE]);
	expect(wordsIn(folder)).toEqual([]);
	// The other way round.
	const other = await enrolRefused(opened, { memberId: 'fourth', barcode: 'CARD-9' });
	const newer = recordings.enrolment({ memberId: 'fifth', firstName: PERSON.firstName });
	await record({ ...newer, requestId: correctionRequestId(other.eventId, 1) });
	await outbox.scrubMembers([GONE], [traceOf({ barcode: 'CARD-9' })]);
	expect(wordsIn(folder)).toEqual([]);
});

test('a person who has left is looked for by indexes, and among what is not applied', async () => {
	const { folder } = await openFresh();
	const connection = await openConnection({ file: path.join(folder, 'outbox.db'), mode: 'read_only', pragmas: {} });
	const plan = (await connection.all(`EXPLAIN QUERY PLAN ${NAMING}`, ['[]', '[]', '[]'])).map(({ detail }) => String(detail));
	await connection.close();
	expect(
		must(
			plan.find((step) => step.includes('entry_open')),
			'the open ones',
		),
	).toMatch(/^(SCAN|SEARCH) entry USING INDEX entry_open/);
	expect(plan.filter((step) => /^SCAN (entry|older|newer)/.test(step) && !step.includes('entry_open'))).toEqual([]);
});
