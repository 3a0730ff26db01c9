import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallInput } from '#shared/bridge/contract.ts';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import { must } from '#shared/lib/assert.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { card, memberRow, NOON_MS, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { identify } from '../member/identify.ts';
import { earn } from '../sale/earn.ts';
import { enrol } from './enrol.ts';

type Input = CallInput<'member.enrol'>;
const TERMS = { purpose: 'terms', granted: true, version: 3, language: 'hu' } as const;
const EMPTY = { barcode: '', firstName: '', lastName: '', mobile: '', email: '' };
const AGNES = { ...EMPTY, barcode: card(60), firstName: 'Ágnes', mobile: '06 30 555 1234' };

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([
		memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'], mobile: '+36201112233', aliases: [[card(901), 'old_card', 'replaced']] }),
		memberRow({ id: 'STUB', status: 'stub', card: card(7), points: 41 }),
	]);
});
afterEach(async () => fake.close());

function input(form: Partial<Input['form']>, more: Partial<Input> = {}): Input {
	requests += 1;
	return { requestId: requestId(requests), form: { ...EMPTY, ...form }, consents: [TERMS], ...more };
}

async function recorded(): Promise<readonly unknown[]> {
	return (await fake.context.outbox.list({ limit: 100 })).map(({ event }) => event);
}

test('a walk-in is a member with the form as it is stored, the evidence of the consents, and a card on the screen', async () => {
	fake.world.cashier = { id: 'c-17', displayName: 'Réka', role: 'cashier', pinSalt: '', pinHash: '' };
	const form = {
		barcode: ` ${card(50)} `,
		firstName: ' A\u0301gnes\u0007 ',
		lastName: 'Kovács',
		mobile: '06 30 555 1234',
		email: ' Agnes@Example.ORG ',
	};
	const consents = [TERMS, { purpose: 'email', granted: false, version: 1, language: 'hu' } as const];
	const { eventId, member } = orThrow(await enrol(fake.context, input(form, { consents })));
	expect(member).toMatchObject({
		name: 'Kovács Ágnes',
		initials: 'KÁ',
		barcode: card(50),
		points: 0,
		pendingPoints: 0,
		tierId: 'basic',
		isLocal: true,
	});
	expect(member).toMatchObject({ consents: { terms: true, email: false }, asOfMs: 0, memberSinceMs: NOON_MS });
	expect(member.memberId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
	const [event] = await recorded();
	expect(event).toEqual({
		customer: member.memberId,
		action: 'opt_in',
		event_id: eventId,
		seq: 1,
		occurred_at: NOON_MS,
		data: {
			loyalty_barcode: card(50),
			first_name: 'Ágnes',
			last_name: 'Kovács',
			email: 'Agnes@example.org',
			mobile_phone: '+36305551234',
			language: 'hu',
			consents: [
				{ purpose: 'terms', granted: true, version: 3, language: 'hu', at: NOON_MS, cashier: 'c-17' },
				{ purpose: 'email', granted: false, version: 1, language: 'hu', at: NOON_MS, cashier: 'c-17' },
			],
			cashier: 'c-17',
		},
	});
	expect(WireEventSchema.safeParse(event).success).toBe(true);
});

test('the new member earns at once, by card and by id, also after a restart', async () => {
	const { member } = orThrow(await enrol(fake.context, input({ ...AGNES, barcode: card(50) })));
	const sale = { receiptNumber: '1', amountMinor: 1000, currency: 'EUR', isRepeatConfirmed: true };
	orThrow(await earn(fake.context, { ...sale, requestId: requestId(9001), member: { memberId: member.memberId } }));
	await fake.restart();
	const earned = orThrow(await earn(fake.context, { ...sale, requestId: requestId(9002), member: { barcode: card(50) } }));
	expect(earned.member).toMatchObject({ memberId: member.memberId, points: 0, pendingPoints: 20, isLocal: true });
	const found = orThrow(await identify(fake.context, { text: card(50), source: 'scan' }));
	expect(found).toMatchObject({ kind: 'found', member: { memberId: member.memberId, pendingPoints: 20 } });
});

test('once headquarters has the member, the replica’s row is shown and nothing is counted twice', async () => {
	const { member, eventId } = orThrow(await enrol(fake.context, input({ ...AGNES, barcode: card(50) })));
	const sale = { requestId: requestId(9003), receiptNumber: '1', amountMinor: 1000, currency: 'EUR', isRepeatConfirmed: true };
	const earned = orThrow(await earn(fake.context, { ...sale, member: { memberId: member.memberId } }));
	const applied = { status: 'applied', applied_to: member.memberId } as const;
	await fake.context.outbox.takeBatch({ events: 10, bytes: 100_000, nowMs: NOON_MS });
	await fake.context.outbox.settle(
		[
			{ ...applied, event_id: eventId, applied_ver: 1, points: 0 },
			{ ...applied, event_id: earned.eventId, applied_ver: 2, points: 10 },
		],
		NOON_MS,
	);
	await fake.change([memberRow({ id: member.memberId, ver: 1, card: card(50), name: ['Ágnes', null], points: 0 })]);
	expect(orThrow(await identify(fake.context, { text: card(50), source: 'scan' }))).toMatchObject({
		member: { points: 0, pendingPoints: 10, isLocal: false },
	});
	await fake.change([memberRow({ id: member.memberId, ver: 2, card: card(50), name: ['Ágnes', null], points: 10 })]);
	expect(orThrow(await identify(fake.context, { text: card(50), source: 'scan' }))).toMatchObject({
		member: { points: 10, pendingPoints: 0 },
	});
});

test.each([
	['no name', { ...AGNES, firstName: '' }, { code: 'ENROL-102', values: { field: 'firstName' } }],
	['a last name alone', { ...AGNES, firstName: ' ', lastName: 'Kovács' }, { code: 'ENROL-102', values: { field: 'firstName' } }],
	['a name of control characters', { ...AGNES, firstName: '\u0000\u0007' }, { code: 'ENROL-102', values: { field: 'firstName' } }],
	['no contact', { ...AGNES, mobile: ' ' }, { code: 'ENROL-102', values: { field: 'contact' } }],
	['no card', { ...AGNES, barcode: ' ' }, { code: 'ENROL-102', values: { field: 'card' } }],
	['a mobile number that is none', { ...AGNES, mobile: '123' }, { code: 'ENROL-104', values: { field: 'mobile' } }],
	['an address that is none', { ...AGNES, email: 'agnes@' }, { code: 'ENROL-104', values: { field: 'email' } }],
	['a misread card', { ...AGNES, barcode: `${card(50).slice(0, -1)}${(Number(card(50).at(-1)) + 1) % 10}` }, { code: 'SCAN-102' }],
	['a coupon', { ...AGNES, barcode: withCheckDigit('990000000001', 'mod10') }, { code: 'SCAN-103' }],
	['a book', { ...AGNES, barcode: '9783161484100' }, { code: 'SCAN-104' }],
	['two characters for a card', { ...AGNES, barcode: 'ab' }, { code: 'SCAN-101' }],
	['somebody’s card', { ...AGNES, barcode: card(1) }, { code: 'ENROL-101' }],
	['somebody’s replaced card', { ...AGNES, barcode: card(901) }, { code: 'ENROL-101' }],
])('%s is refused and nothing is recorded', async (_what, form, error) => {
	expect(await enrol(fake.context, input(form))).toMatchObject({ ok: false, error });
	expect(await recorded()).toEqual([]);
});

test.each([
	['a mobile number', AGNES],
	['an address', { ...AGNES, mobile: '', email: 'agnes@example.org' }],
])('a card, a first name and %s are enough', async (_what, form) => {
	expect((await enrol(fake.context, input(form))).ok).toBe(true);
});

test.each([
	['no answer to the terms', [], 'ENROL-103'],
	['a no to the terms', [{ ...TERMS, granted: false }], 'ENROL-103'],
	['a yes to something else', [{ ...TERMS, purpose: 'email' as const }], 'ENROL-103'],
	['two answers to one question', [TERMS, { ...TERMS, granted: false }], 'BRIDGE-101'],
])('%s is refused', async (_what, consents, code) => {
	expect(await enrol(fake.context, input(AGNES, { consents }))).toMatchObject({ ok: false, error: { code } });
});

test('a card that was given out here is somebody’s before headquarters knows', async () => {
	orThrow(await enrol(fake.context, input({ ...AGNES, barcode: card(50) })));
	expect(await enrol(fake.context, input({ ...AGNES, barcode: card(50) }))).toMatchObject({ ok: false, error: { code: 'ENROL-101' } });
});

test('one card at two windows at once is given out once', async () => {
	const both = [input({ ...AGNES, barcode: card(50) }), input({ ...AGNES, firstName: 'Béla', barcode: card(50) })];
	const results = await Promise.all(both.map((one) => enrol(fake.context, one)));
	expect(results.map((result) => (result.ok ? 'member' : result.error.code))).toEqual(['member', 'ENROL-101']);
});

test('the card of a stub is free: whoever enrols with it is its owner from then on', async () => {
	const { member } = orThrow(await enrol(fake.context, input({ ...AGNES, barcode: card(7) })));
	expect(orThrow(await identify(fake.context, { text: card(7), source: 'scan' }))).toMatchObject({
		kind: 'found',
		member: { memberId: member.memberId },
	});
});

test('a request is one member: again, at once, and after a restart', async () => {
	const request = input({ ...AGNES, barcode: card(50) });
	const [one, other] = await Promise.all([enrol(fake.context, request), enrol(fake.context, request)]);
	await fake.restart();
	const third = orThrow(await enrol(fake.context, request));
	expect([orThrow(one), orThrow(other)]).toEqual([third, third]);
	expect(await recorded()).toHaveLength(1);
});

test('a card out of this terminal’s own block is used up by the enrolment', async () => {
	const { context } = fake;
	orThrow(await enrol(context, input({ ...AGNES, barcode: card(2_000_000_001) })));
	expect(await context.outbox.lastCardNumber()).toBe(2_000_000_001);
	orThrow(await enrol(context, input({ ...AGNES, barcode: card(50) })));
	expect(await context.outbox.lastCardNumber()).toBe(2_000_000_001);
});

test('before the first contact nobody can be enrolled', async () => {
	Object.assign(fake.world, { identity: null });
	expect(await enrol(fake.context, input(AGNES))).toMatchObject({ ok: false, error: { code: 'LINE-101' } });
});

test('the language is that of the wording, and without one the programme’s', async () => {
	fake.world.programme = { ...must(fake.world.programme, 'a programme'), consents: [] };
	orThrow(await enrol(fake.context, input(AGNES, { consents: [] })));
	expect((await recorded())[0]).not.toHaveProperty('data.language');
});
