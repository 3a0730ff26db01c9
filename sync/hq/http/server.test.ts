import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorEnvelopeSchema, WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { HealthResponseSchema } from '#shared/wire/health.ts';
import { BODY_BYTES_MAX, PUSH_EVENTS_MAX } from '#shared/wire/limits.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { OPERATOR_KEY, keyOf, startFakeHeadquarters } from '../fake-running.ts';
import type { RunningHeadquarters } from '../fake-running.ts';
import type { Answer, Call } from './fake-client.ts';

let hq: RunningHeadquarters;
let terminal: PairResponse;
beforeAll(async () => {
	hq = await startFakeHeadquarters();
	terminal = await hq.pair('T1');
});
afterAll(() => hq.close());

/** Status and code of a refusal, which must be an envelope. */
function refusalOf(answer: Answer): [status: number, code: number] {
	return [answer.status, ErrorEnvelopeSchema.parse(answer.body).error.code];
}

const SIGNED_ROUTES: readonly Call[] = [
	{ method: 'POST', path: '/events' },
	{ method: 'POST', path: '/events/bulk' },
	{ path: '/customers/M' },
	{ path: '/outcomes' },
	{ method: 'POST', path: '/terminals' },
	{ method: 'POST', path: '/terminals/hello' },
	{ path: '/ledger/check' },
	{ path: '/feed' },
	{ path: '/snapshot/manifest' },
	{ path: '/snapshot/x.json.gz' },
];

describe('every route but health and pairing', () => {
	test.each(SIGNED_ROUTES)('$path asks for a signature', async (route) => {
		expect(refusalOf(await hq.call({ ...route, body: '{}' }))).toEqual([401, WIRE_CODES.authorizationMalformed]);
	});

	test.each(SIGNED_ROUTES)('$path refuses a wrong secret', async (route) => {
		const key = { ...OPERATOR_KEY, apiSecret: 'another-secret' };
		expect(refusalOf(await hq.call({ ...route, body: '{}', key }))).toEqual([401, WIRE_CODES.signatureWrong]);
	});
});

describe('signatures', () => {
	const sale = {
		method: 'POST',
		path: '/events/bulk',
		key: OPERATOR_KEY,
		body: { events: [{ customer: 'X', action: 'point_add', data: { points: 1 } }] },
	};

	test('an unknown key is answered like a wrong signature', async () => {
		expect(refusalOf(await hq.call({ ...sale, key: { apiKey: 'nobody', apiSecret: 'x' } }))).toEqual([401, WIRE_CODES.signatureWrong]);
	});

	test('a request of yesterday is not taken again', async () => {
		expect(refusalOf(await hq.call({ ...sale, signedAtMs: Date.now() - 86_400_000 }))).toEqual([401, WIRE_CODES.signatureWrong]);
	});

	test('a signature for another body does not pass', async () => {
		const answer = await hq.call({ ...sale, body: '{"events":[1]}' });
		expect(answer.status).toBe(200);
		const other = await hq.call({ ...sale, headers: { 'x-unsigned': 'may change' } });
		expect(other.status).toBe(200);
		expect(refusalOf(await hq.call({ ...sale, headers: { authorization: 'ANTAVO-HMAC-SHA256 nonsense' } }))).toEqual([
			401,
			WIRE_CODES.authorizationMalformed,
		]);
	});

	test('an api_key in the query is no signature here', async () => {
		expect(refusalOf(await hq.call({ path: '/ledger/check?api_key=operator' }))).toEqual([401, WIRE_CODES.authorizationMalformed]);
	});

	test('a query is part of what is signed', async () => {
		expect((await hq.call({ path: '/outcomes?after=0', key: keyOf(terminal) })).status).toBe(200);
	});

	test('a revoked terminal is told so, on every route', async () => {
		const lost = await hq.pair('T9');
		expect((await hq.call({ method: 'POST', path: `/terminals/${lost.terminal}/revoke`, key: OPERATOR_KEY })).status).toBe(200);
		for (const route of SIGNED_ROUTES)
			expect(refusalOf(await hq.call({ ...route, ...(route.method === 'POST' ? { body: '{}' } : {}), key: keyOf(lost) }))).toEqual([
				403,
				WIRE_CODES.terminalRevoked,
			]);
		expect(refusalOf(await hq.call({ path: '/outcomes', key: { ...keyOf(lost), apiSecret: 'guessed' } }))).toEqual([
			401,
			WIRE_CODES.signatureWrong,
		]);
	});
});

describe('bodies', () => {
	const bulk = { method: 'POST', path: '/events/bulk', key: OPERATOR_KEY };

	test.each<[string, unknown]>([
		['nothing', undefined],
		['no JSON', '{'],
		['no text', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
		['JSON nested without end', '['.repeat(500_000)],
		['a list', []],
		['no events', {}],
		['an empty list of events', { events: [] }],
		['more events than a request has', { events: Array.from({ length: PUSH_EVENTS_MAX + 1 }, () => ({})) }],
		['a terminal that is no UUID', { terminal: 'T1', events: [{}] }],
		['an incarnation of another form', { incarnation: 'x', events: [{}] }],
		['a time that is no number', { sent_at: 'now', events: [{}] }],
	])('%s is a malformed request', async (_what, body) => {
		expect(refusalOf(await hq.call({ ...bulk, body }))).toEqual([400, WIRE_CODES.bodyMalformed]);
	});

	test('one byte above the limit is too large, the limit itself is read', async () => {
		expect(refusalOf(await hq.call({ ...bulk, body: 'x'.repeat(BODY_BYTES_MAX + 1) }))).toEqual([413, WIRE_CODES.bodyTooLarge]);
		expect(refusalOf(await hq.call({ ...bulk, body: 'x'.repeat(BODY_BYTES_MAX) }))).toEqual([400, WIRE_CODES.bodyMalformed]);
	});

	test('any content type is read as JSON', async () => {
		const body = { events: [{ nonsense: true }] };
		for (const type of ['text/plain', 'application/json; charset="UTF-8"', undefined]) {
			expect((await hq.call({ ...bulk, body, headers: { 'content-type': type } })).status).toBe(200);
		}
	});

	test('members named like parts of JavaScript are only names', async () => {
		const body = '{"events":[{"customer":"PROTO","action":"opt_in","data":{"__proto__":{"polluted":true},"constructor":{"prototype":1}}}]}';
		const answer = await hq.call({ ...bulk, body });
		expect(answer.body).toMatchObject({ results: [{ status: 'applied' }] });
		expect({}).not.toHaveProperty('polluted');
	});
});

describe('paths', () => {
	test.each([
		['GET', '/'],
		['GET', '/nothing'],
		['DELETE', '/events'],
		['GET', '/events/bulk'],
		['GET', '/customers'],
		['GET', '/../etc/passwd'],
	])('%s %s is not there', async (method, path) => {
		expect(refusalOf(await hq.call({ method, path, key: OPERATOR_KEY }))).toEqual([404, WIRE_CODES.notFound]);
	});

	test.each([
		['that cannot be decoded', '/customers/%ff'],
		['longer than any id', `/customers/${'x'.repeat(300)}`],
	])('a path %s is malformed', async (_what, path) => {
		expect(refusalOf(await hq.call({ path, key: OPERATOR_KEY }))).toEqual([400, WIRE_CODES.bodyMalformed]);
	});

	test('what is no HTTP is answered with an envelope too', async () => {
		const { hostname, port } = new URL(hq.url);
		const socket = connect(Number(port), hostname);
		socket.end('NONSENSE\r\n\r\n');
		let text = '';
		socket.on('data', (chunk) => (text += String(chunk)));
		await once(socket, 'close');
		expect(text).toMatch(/^HTTP\/1\.1 400 /);
		expect(ErrorEnvelopeSchema.parse(JSON.parse(text.slice(text.indexOf('{')))).error.code).toBe(WIRE_CODES.bodyMalformed);
	});
});

test('health is open to everybody and says what it is', async () => {
	const answer = await hq.call({ path: '/health' });
	expect(answer.status).toBe(200);
	expect(HealthResponseSchema.parse(answer.body)).toMatchObject({ status: 'ok', storage: 'pglite', hq_epoch: 1, is_signed: true });
});

test('a database that fails is an error of headquarters, without its words', async () => {
	await hq.context.database.exec('ALTER TABLE member RENAME TO member_away');
	const answer = await hq.call({ path: '/customers/M', key: OPERATOR_KEY });
	await hq.context.database.exec('ALTER TABLE member_away RENAME TO member');
	expect(refusalOf(answer)).toEqual([500, WIRE_CODES.internal]);
	expect(JSON.stringify(answer.body)).not.toContain('member');
});
