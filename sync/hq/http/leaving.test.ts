import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { DevicesResponseSchema } from '#shared/wire/devices.ts';
import { ErrorEnvelopeSchema, WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { HelloResponseSchema } from '#shared/wire/hello.ts';
import { OwnEventsResponseSchema } from '#shared/wire/own-events.ts';
import { NewTerminalResponseSchema, PairResponseSchema } from '#shared/wire/pairing.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import { OPERATOR_KEY, keyOf, startFakeHeadquarters } from '../fake-running.ts';
import type { RunningHeadquarters } from '../fake-running.ts';
import type { Answer } from './fake-client.ts';

const time = createFakeTime({ settle: () => Promise.resolve() });
let hq: RunningHeadquarters;
let terminal: PairResponse;
let made = 0;
beforeAll(async () => {
	hq = await startFakeHeadquarters({ clock: time.clock });
});
beforeEach(async () => {
	made += 1;
	const outlet = { id: 'S01', code: 'S01', name: 'Station Road' };
	const created = await post('/terminals', { outlet, terminal_code: `T${made}`, terminal_name: 'Counter' }, OPERATOR_KEY);
	const { code } = NewTerminalResponseSchema.parse(created.body);
	terminal = PairResponseSchema.parse((await post('/terminals/pair', { code, app_version: '1', protocol: 1 }, null)).body);
});
afterAll(() => hq.close());

const INCARNATION = '0123456789abcdef';
type Key = { readonly apiKey: string; readonly apiSecret: string } | null;
const post = (path: string, body: unknown, key: Key = keyOf(terminal)): Promise<Answer> =>
	hq.call({ method: 'POST', path, body, key, signedAtMs: time.clock.nowMs() });
const get = (path: string, key: Key = keyOf(terminal)): Promise<Answer> => hq.call({ path, key, signedAtMs: time.clock.nowMs() });
const hello = (more: object = {}): Promise<Answer> =>
	post('/terminals/hello', {
		terminal: terminal.terminal,
		incarnation: INCARNATION,
		app_version: '1',
		protocol: PROTOCOL_VERSION,
		hq_epoch: 1,
		max_seq: 0,
		sent_at: time.clock.nowMs(),
		programme_version: 0,
		...more,
	});
const eventOf = (seq: number, more: object = {}): object => ({
	customer: 'M',
	action: 'opt_in',
	data: {},
	event_id: uuidV7(time.clock.nowMs(), time.random),
	seq,
	age_ms: 0,
	...more,
});
const push = async (events: readonly object[]) =>
	PushResponseSchema.parse(
		(await post('/events/bulk', { terminal: terminal.terminal, incarnation: INCARNATION, sent_at: time.clock.nowMs(), events })).body,
	).results;
const codeOf = (answer: Answer): [number, number] => [answer.status, ErrorEnvelopeSchema.parse(answer.body).error.code];
const REVOKED = [403, WIRE_CODES.terminalRevoked];

describe('a sealed terminal', () => {
	test('may hand over what it recorded before, and nothing else', async () => {
		await time.advance(60_000);
		expect((await post(`/terminals/${terminal.terminal}/seal`, {}, OPERATOR_KEY)).status).toBe(200);
		await time.advance(10_000);
		const [before, after] = await push([eventOf(1, { age_ms: 30_000 }), eventOf(2, { customer: 'N', age_ms: 5_000 })]);
		expect(before).toMatchObject({ status: 'applied' });
		expect(after).toMatchObject({ status: 'rejected', error: { code: WIRE_CODES.terminalRevoked } });
		expect((await get('/outcomes')).status).toBe(200);
		for (const path of ['/feed', '/snapshot/manifest', '/customers/M', '/terminals/me/events'])
			expect(codeOf(await get(path))).toEqual(REVOKED);
	});

	test('is told so, without the programme, and is revoked once it has nothing left', async () => {
		await post(`/terminals/${terminal.terminal}/seal`, {}, OPERATOR_KEY);
		const told = HelloResponseSchema.parse((await hello({ waiting: 3 })).body);
		expect(told.sealing).toBe(true);
		expect(told.programme).toBeUndefined();
		expect(codeOf(await hello({ waiting: 0 }))).toEqual(REVOKED);
		expect(codeOf(await post('/events/bulk', { events: [eventOf(1)] }))).toEqual(REVOKED);
	});

	test('can be one that was revoked at once', async () => {
		await post(`/terminals/${terminal.terminal}/revoke`, {}, OPERATOR_KEY);
		expect(codeOf(await hello({ waiting: 3 }))).toEqual(REVOKED);
		await post(`/terminals/${terminal.terminal}/seal`, {}, OPERATOR_KEY);
		expect((await hello({ waiting: 3 })).status).toBe(200);
		await post(`/terminals/${terminal.terminal}/revoke`, {}, OPERATOR_KEY);
		expect(codeOf(await hello({ waiting: 3 }))).toEqual(REVOKED);
	});

	test('needs an operator and a terminal that is there', async () => {
		expect((await post(`/terminals/${terminal.terminal}/seal`, {})).status).toBe(403);
		expect((await post('/terminals/018f0000-0000-7000-8000-0000000000ff/seal', {}, OPERATOR_KEY)).status).toBe(404);
	});
});

describe('a second device of one terminal', () => {
	const [FIRST, SECOND] = ['device-one-000000', 'device-two-000000'];
	const devices = async () =>
		DevicesResponseSchema.parse((await get('/terminals/devices', OPERATOR_KEY)).body).devices.filter(
			({ terminal: id }) => id === terminal.terminal,
		);

	test('is served, and an operator is asked', async () => {
		await hello({ device_id: FIRST });
		expect(await devices()).toEqual([]);
		await time.advance(1_000);
		const answer = HelloResponseSchema.parse((await hello({ device_id: SECOND, incarnation: 'fedcba9876543210' })).body);
		expect(answer.sealing).toBeUndefined();
		expect(await devices()).toMatchObject([
			{ device_id: SECOND, verdict: 'asked', incarnation: 'fedcba9876543210' },
			{ device_id: FIRST, verdict: 'trusted' },
		]);
	});

	test('that is refused hands over what it has; the other one goes on', async () => {
		await hello({ device_id: FIRST });
		await hello({ device_id: SECOND });
		expect((await post(`/terminals/${terminal.terminal}/devices/${SECOND}`, { verdict: 'refused' }, OPERATOR_KEY)).status).toBe(200);
		expect((await hello({ device_id: SECOND, waiting: 1 })).body).toMatchObject({ sealing: true });
		expect(codeOf(await hello({ device_id: SECOND, waiting: 0 }))).toEqual(REVOKED);
		expect((await hello({ device_id: FIRST, waiting: 0 })).status).toBe(200);
	});

	test('that is trusted is served for good', async () => {
		await hello({ device_id: FIRST });
		await hello({ device_id: SECOND });
		await post(`/terminals/${terminal.terminal}/devices/${SECOND}`, { verdict: 'trusted' }, OPERATOR_KEY);
		expect((await hello({ device_id: SECOND, waiting: 0 })).status).toBe(200);
		expect((await devices()).map(({ verdict }) => verdict)).toEqual(['trusted', 'trusted']);
	});

	test('can be judged by an operator only, and only if it was seen', async () => {
		expect((await get('/terminals/devices')).status).toBe(403);
		expect((await post(`/terminals/${terminal.terminal}/devices/${SECOND}`, { verdict: 'trusted' }, OPERATOR_KEY)).status).toBe(404);
	});
});

describe('own events', () => {
	const CARD = '2900000000018';

	test('come back as they were sent, with outcome and receipt, page by page', async () => {
		const data = {
			transaction_id: `S-${made}`,
			total: 41.9,
			currency: 'EUR',
			receipt_number: 'R-7',
			items: [{ product_id: 'P', quantity: 1, price: 41.9, subtotal: 41.9 }],
		};
		const sent = [
			eventOf(1, { customer: `M${made}`, data: { loyalty_barcode: `${CARD}-${made}` } }),
			eventOf(2, { customer: `${CARD}-${made}`, external_id: 'loyalty_barcode', action: 'checkout', data, occurred_at: 5 }),
			eventOf(3, { customer: `M${made}`, action: 'partial_refund', data: { transaction_id: `S-${made}`, amount: 10 } }),
			eventOf(4, { customer: `M${made}`, action: 'checkout', data: { ...data, total: 1 } }),
		];
		await push(sent);
		const all = OwnEventsResponseSchema.parse((await get('/terminals/me/events')).body);
		expect(all).toMatchObject({ next: 4, has_more: false, hq_epoch: 1 });
		expect(all.events.map(({ event }) => event)).toEqual(sent.slice(0, 3).map(({ age_ms: _age, ...event }: { age_ms?: number }) => event));
		expect(all.events[1]).toMatchObject({
			outcome: { status: 'applied', applied_to: `M${made}`, points: 41, result_no: 2 },
			receipt: { receipt_number: 'R-7', amount_minor: 4190, currency: 'EUR' },
		});
		expect(all.events[2]?.receipt).toEqual({ receipt_number: 'R-7', amount_minor: 1000, currency: 'EUR' });
		const rest = OwnEventsResponseSchema.parse((await get('/terminals/me/events?after=2')).body);
		expect(rest.events.map(({ outcome }) => outcome.result_no)).toEqual([3]);
		// Sent again word for word they are repetitions, also the one that named a card.
		expect((await push(all.events.map(({ event }) => event))).map(({ status }) => status)).toEqual(['duplicate', 'duplicate', 'duplicate']);
	});

	test('say nothing of who has opted out', async () => {
		await push([
			eventOf(1, { customer: `M${made}`, data: { loyalty_barcode: `${CARD}-${made}`, first_name: 'Ann' } }),
			eventOf(2, { customer: `${CARD}-${made}`, external_id: 'loyalty_barcode', action: 'point_add', data: { points: 5 } }),
			eventOf(3, { customer: `M${made}`, action: 'opt_out', data: {} }),
		]);
		const text = JSON.stringify((await get('/terminals/me/events')).body);
		expect(text).toContain(`M${made}`);
		expect(text).not.toContain('Ann');
		expect(text).not.toContain(CARD);
	});

	test('are a terminal’s own', async () => {
		expect((await get('/terminals/me/events', OPERATOR_KEY)).status).toBe(400);
		expect((await get('/terminals/me/events', null)).status).toBe(401);
	});
});

test('an operator merges members; a terminal does not', async () => {
	await push([eventOf(1, { customer: `A${made}` }), eventOf(2, { customer: `B${made}` })]);
	const body = { merge_id: uuidV7(time.clock.nowMs(), time.random), loser: `A${made}`, winner: `B${made}` };
	expect((await post('/members/merge', body)).status).toBe(403);
	expect(await post('/members/merge', body, OPERATOR_KEY)).toMatchObject({ status: 200, body: { winner: `B${made}`, points: 0 } });
	expect(codeOf(await post('/members/merge', { ...body, merge_id: uuidV7(time.clock.nowMs(), time.random) }, OPERATOR_KEY))).toEqual([
		400,
		WIRE_CODES.identityConflict,
	]);
});
