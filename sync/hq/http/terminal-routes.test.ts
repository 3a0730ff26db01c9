import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { ErrorEnvelopeSchema, WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { HelloResponseSchema } from '#shared/wire/hello.ts';
import { NewTerminalResponseSchema, PAIRING_CODE_VALID_MS, PairResponseSchema } from '#shared/wire/pairing.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { OPERATOR_KEY, keyOf, startFakeHeadquarters } from '../fake-running.ts';
import type { RunningHeadquarters } from '../fake-running.ts';
import type { Answer } from './fake-client.ts';

const time = createFakeTime({ settle: () => Promise.resolve() });
let hq: RunningHeadquarters;
beforeAll(async () => {
	hq = await startFakeHeadquarters({ clock: time.clock });
});
afterAll(() => hq.close());

const OUTLET = { id: 'S01', code: 'S01', name: 'Station Road' };
const HELLO = { incarnation: '0123456789abcdef', app_version: '1', protocol: 1, hq_epoch: 1, max_seq: 0, programme_version: 0 };
const post = (path: string, body: unknown, key: { apiKey: string; apiSecret: string } | null = OPERATOR_KEY): Promise<Answer> =>
	hq.call({ method: 'POST', path, body, key, signedAtMs: time.clock.nowMs() });
const pair = (code: string): Promise<Answer> => post('/terminals/pair', { code, app_version: '1', protocol: 1 }, null);

async function newCode(terminalCode: string): Promise<string> {
	const answer = await post('/terminals', { outlet: OUTLET, terminal_code: terminalCode, terminal_name: `Counter ${terminalCode}` });
	return NewTerminalResponseSchema.parse(answer.body).code;
}

async function newTerminal(terminalCode: string): Promise<PairResponse> {
	return PairResponseSchema.parse((await pair(await newCode(terminalCode))).body);
}

function codeOf(answer: Answer): [number, number] {
	return [answer.status, ErrorEnvelopeSchema.parse(answer.body).error.code];
}

describe('a used pairing code', () => {
	test('answers the device that used it the same again, while it is valid and no newer one was made', async () => {
		const code = await newCode('B2');
		const attempt = 'a'.repeat(40);
		const again = (secret: string): Promise<Answer> =>
			post('/terminals/pair', { code, app_version: '1', protocol: 1, attempt: secret }, null);
		const first = await again(attempt);
		expect(first.status).toBe(200);
		expect((await again(attempt)).body).toEqual(first.body);
		const paired = PairResponseSchema.parse(first.body);
		expect((await hq.call({ path: '/outcomes', key: keyOf(paired), signedAtMs: time.clock.nowMs() })).status).toBe(200);
		// Neither without the secret of the first call, nor with another one.
		expect((await pair(code)).status).toBe(404);
		expect((await again('b'.repeat(40))).status).toBe(404);
		await newCode('B2');
		expect((await again(attempt)).status).toBe(404);

		const [late, lateAttempt] = [await newCode('B3'), 'c'.repeat(40)];
		const body = { code: late, app_version: '1', protocol: 1, attempt: lateAttempt };
		expect((await post('/terminals/pair', body, null)).status).toBe(200);
		await time.advance(PAIRING_CODE_VALID_MS);
		expect((await post('/terminals/pair', body, null)).status).toBe(404);
	});
});

describe('pairing', () => {
	test('gives a terminal its key, its outlet and card numbers of its own', async () => {
		const [first, second] = [await newTerminal('A1'), await newTerminal('A2')];
		expect(first).toMatchObject({ terminal_code: 'A1', terminal_name: 'Counter A1', outlet: OUTLET, hq_epoch: 1 });
		expect(second.card_block?.prefix).toBe('29');
		expect(second.card_block?.first).toBe((first.card_block?.last ?? 0) + 1);
		expect((second.card_block?.last ?? 0) - (second.card_block?.first ?? 0)).toBe(99_999);
		expect((await hq.call({ path: '/outcomes', key: keyOf(first), signedAtMs: time.clock.nowMs() })).status).toBe(200);
	});

	test('takes a code once, with or without its hyphen', async () => {
		const code = await newCode('B1');
		expect((await pair(code.replace('-', ''))).status).toBe(200);
		expect(codeOf(await pair(code))).toEqual([404, WIRE_CODES.pairingCodeWrong]);
	});

	test('takes a code for ten minutes', async () => {
		const [inTime, tooLate] = [await newCode('C1'), await newCode('C2')];
		await time.advance(PAIRING_CODE_VALID_MS - 1);
		expect((await pair(inTime)).status).toBe(200);
		await time.advance(1);
		expect(codeOf(await pair(tooLate))).toEqual([404, WIRE_CODES.pairingCodeWrong]);
	});

	test('of the same terminal anew keeps its id and ends its old key and code', async () => {
		const first = await newTerminal('D1');
		const unused = await newCode('D1');
		const second = await newTerminal('D1');
		expect(second.terminal).toBe(first.terminal);
		expect(second.card_block).toEqual(first.card_block);
		expect((await pair(unused)).status).toBe(404);
		expect((await post('/events/bulk', { events: [{}] }, keyOf(first))).status).toBe(401);
	});

	test('after a revocation makes another terminal under the same code', async () => {
		const lost = await newTerminal('E1');
		await post(`/terminals/${lost.terminal}/revoke`, {});
		const next = await newTerminal('E1');
		expect(next.terminal).not.toBe(lost.terminal);
		expect((await post('/events/bulk', { events: [{}] }, keyOf(lost))).status).toBe(403);
		expect((await post('/events/bulk', { events: [{}] }, keyOf(next))).status).toBe(200);
	});

	test('stores no code that could be read', async () => {
		const code = await newCode('F1');
		expect(JSON.stringify(await hq.context.database.query('SELECT * FROM pairing_code'))).not.toContain(code.replace('-', ''));
	});

	test.each<[string, unknown, [number, number]]>([
		['a code of another form', { code: 'OOOO-0000', app_version: '1', protocol: 1 }, [400, WIRE_CODES.bodyMalformed]],
		['no code', { app_version: '1', protocol: 1 }, [400, WIRE_CODES.bodyMalformed]],
		['a version without end', { code: 'AAAA-BBBB', app_version: 'x'.repeat(33), protocol: 1 }, [400, WIRE_CODES.bodyMalformed]],
	])('%s is malformed', async (_what, body, expected) => {
		expect(codeOf(await post('/terminals/pair', body, null))).toEqual(expected);
	});

	test('stops who guesses, and lets go after a minute', async () => {
		await time.advance(60_000);
		for (let guess = 0; guess < 10; guess += 1) expect((await pair('AAAA-BBBB')).status).toBe(404);
		const answer = await pair(await newCode('G1'));
		expect(codeOf(answer)).toEqual([429, WIRE_CODES.rateLimited]);
		expect(ErrorEnvelopeSchema.parse(answer.body).retry_after_ms).toBeLessThanOrEqual(60_000);
		expect(answer.headers['retry-after']).toBe('60');
		await time.advance(60_000);
		expect((await pair(await newCode('G1'))).status).toBe(200);
	});
});

describe('POST /terminals', () => {
	test('is for operators', async () => {
		const { api_key: apiKey, api_secret: apiSecret, terminal } = await newTerminal('H1');
		expect(codeOf(await post('/terminals', { outlet: OUTLET, terminal_code: 'H2', terminal_name: 'x' }, { apiKey, apiSecret }))).toEqual([
			403,
			WIRE_CODES.signatureWrong,
		]);
		expect(codeOf(await post(`/terminals/${terminal}/revoke`, {}, { apiKey, apiSecret }))).toEqual([403, WIRE_CODES.signatureWrong]);
	});

	test('does not give one outlet’s code to another', async () => {
		expect(codeOf(await post('/terminals', { outlet: { ...OUTLET, id: 'other' }, terminal_code: 'I1', terminal_name: 'x' }))).toEqual([
			409,
			WIRE_CODES.propertyInvalid,
		]);
	});

	test.each([
		['a lower-case code', { outlet: OUTLET, terminal_code: 't1', terminal_name: 'x' }],
		['no name', { outlet: OUTLET, terminal_code: 'T1', terminal_name: '' }],
		['no outlet', { terminal_code: 'T1', terminal_name: 'x' }],
	])('with %s is malformed', async (_what, body) => {
		expect(codeOf(await post('/terminals', body))).toEqual([400, WIRE_CODES.bodyMalformed]);
	});

	test('cannot revoke what is not there', async () => {
		expect(codeOf(await post('/terminals/018f0000-0000-7000-8000-000000000001/revoke', {}))).toEqual([404, WIRE_CODES.notFound]);
		expect(codeOf(await post('/terminals/x/revoke', {}))).toEqual([400, WIRE_CODES.propertyInvalid]);
	});
});

describe('POST /terminals/hello', () => {
	let terminal: PairResponse;
	beforeAll(async () => {
		terminal = await newTerminal('J1');
	});
	const hello = (changes: object = {}) =>
		post('/terminals/hello', { ...HELLO, terminal: terminal.terminal, sent_at: time.clock.nowMs() - 1500, ...changes }, keyOf(terminal));

	test('brings the programme to who has another, and nothing to who has it', async () => {
		const first = HelloResponseSchema.parse((await hello()).body);
		expect(first).toMatchObject({
			hq_epoch: 1,
			known_max_seq: 0,
			server_time: time.clock.nowMs(),
			programme: { name: 'Regulars', currency: 'EUR' },
			cashiers: [],
		});
		const second = HelloResponseSchema.parse((await hello({ programme_version: first.programme?.version })).body);
		expect(second).not.toHaveProperty('programme');
		expect(second).not.toHaveProperty('cashiers');
	});

	test('says how far the order of this incarnation is known', async () => {
		const event = { customer: 'M', action: 'opt_in', event_id: '018f0000-0000-7000-8000-000000000001', seq: 7, data: {} };
		await post('/events/bulk', { terminal: terminal.terminal, incarnation: HELLO.incarnation, events: [event] }, keyOf(terminal));
		expect((await hello()).body).toMatchObject({ known_max_seq: 7 });
		expect((await hello({ incarnation: 'ffffffffffffffff' })).body).toMatchObject({ known_max_seq: 0 });
	});

	test('remembers the clock and the program of the terminal', async () => {
		await hello();
		const rows = await hq.context.database.query('SELECT clock_skew_ms, app_version, protocol, incarnation FROM terminal WHERE id = $1', [
			terminal.terminal,
		]);
		expect(rows).toEqual([{ clock_skew_ms: 1500, app_version: '1', protocol: 1, incarnation: HELLO.incarnation }]);
	});

	test('with a higher epoch than ours is not served', async () => {
		const answer = await hello({ hq_epoch: 2 });
		expect(codeOf(answer)).toEqual([503, WIRE_CODES.internal]);
		expect(ErrorEnvelopeSchema.parse(answer.body).retry_after_ms).toBe(60_000);
	});

	test('for another terminal is refused', async () => {
		const other = await newTerminal('J2');
		expect(codeOf(await hello({ terminal: other.terminal }))).toEqual([403, WIRE_CODES.signatureWrong]);
	});
});
