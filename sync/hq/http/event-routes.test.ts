import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CustomerSchema } from '#shared/wire/customer.ts';
import { ErrorEnvelopeSchema, WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { OutcomesResponseSchema } from '#shared/wire/outcomes.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import { OPERATOR_KEY, keyOf, startFakeHeadquarters } from '../fake-running.ts';
import type { RunningHeadquarters } from '../fake-running.ts';
import type { Answer } from './fake-client.ts';

let hq: RunningHeadquarters;
let terminal: PairResponse;
beforeAll(async () => {
	hq = await startFakeHeadquarters();
	terminal = await hq.pair('T1');
});
afterAll(() => hq.close());

const INCARNATION = '0123456789abcdef';
const EVENT_ID = '018f0000-0000-7000-8000-000000000001';
const sale = {
	customer: 'M1',
	action: 'checkout',
	event_id: EVENT_ID,
	seq: 2,
	data: { transaction_id: 'S-1', total: 41.9, currency: 'EUR' },
};
const optIn = {
	customer: 'M1',
	action: 'opt_in',
	event_id: EVENT_ID.replace(/1$/, '2'),
	seq: 1,
	data: { loyalty_barcode: '2900000000018', first_name: 'Ann', birth_date: '1991-04-02', shoe_size: 38 },
};

const post = (path: string, body: unknown, key = keyOf(terminal)): Promise<Answer> => hq.call({ method: 'POST', path, body, key });
const get = (path: string, key = OPERATOR_KEY): Promise<Answer> => hq.call({ path, key });

function codeOf(answer: Answer): [number, number] {
	return [answer.status, ErrorEnvelopeSchema.parse(answer.body).error.code];
}

describe('POST /events/bulk', () => {
	test('of a terminal stores its events and their outcomes', async () => {
		const push = await post('/events/bulk', {
			terminal: terminal.terminal,
			incarnation: INCARNATION,
			sent_at: Date.now(),
			events: [optIn, sale],
		});
		expect(push.status).toBe(200);
		expect(PushResponseSchema.parse(push.body)).toMatchObject({
			total: 2,
			errors: 0,
			results: [{ status: 'applied' }, { status: 'applied', points: 41 }],
		});
		const outcomes = await get('/outcomes?after=1', keyOf(terminal));
		expect(OutcomesResponseSchema.parse(outcomes.body)).toMatchObject({
			results: [{ event_id: EVENT_ID, result_no: 2, applied_to: 'M1' }],
			next: 2,
			has_more: false,
		});
	});

	test('of a terminal for another one is refused', async () => {
		const other = await hq.pair('T2');
		expect(codeOf(await post('/events/bulk', { terminal: other.terminal, incarnation: INCARNATION, events: [sale] }))).toEqual([
			403,
			WIRE_CODES.signatureWrong,
		]);
		expect(codeOf(await get(`/outcomes?terminal=${other.terminal}`, keyOf(terminal)))).toEqual([403, WIRE_CODES.signatureWrong]);
	});

	test('of a terminal that does not know of a restore are not taken: it says hello first', async () => {
		const push = { terminal: terminal.terminal, incarnation: INCARNATION, hq_epoch: 2, events: [sale] };
		expect(codeOf(await post('/events/bulk', push))).toEqual([410, WIRE_CODES.resyncNeeded]);
		expect((await post('/events/bulk', { ...push, hq_epoch: 1 })).status).toBe(200);
	});

	test('of an operator may be for a terminal, if there is one', async () => {
		expect(
			(await post('/events/bulk', { terminal: terminal.terminal, incarnation: INCARNATION, events: [sale] }, OPERATOR_KEY)).body,
		).toMatchObject({ results: [{ status: 'duplicate' }] });
		expect(codeOf(await post('/events/bulk', { terminal: EVENT_ID, events: [sale] }, OPERATOR_KEY))).toEqual([404, WIRE_CODES.notFound]);
	});
});

describe('POST /events', () => {
	const send = (event: object) => post('/events', event, OPERATOR_KEY);

	test('answers the customer as it is now, with what changed the balance', async () => {
		const answer = await send({ customer: '2900000000018', external_id: 'loyalty_barcode', action: 'point_add', data: { points: 9 } });
		expect(answer.status).toBe(200);
		expect(CustomerSchema.parse(answer.body)).toMatchObject({ id: 'M1', spendable: 50, score: 50 });
		expect(answer.body).toMatchObject({ events: [{ action: 'point_add', points: 9 }] });
	});

	test.each<[string, object, [number, number]]>([
		['an unknown customer', { customer: 'NOBODY', action: 'point_add', data: { points: 1 } }, [404, WIRE_CODES.customerNotFound]],
		['a second opt-in', { customer: 'M1', action: 'opt_in', data: {} }, [400, WIRE_CODES.alreadyOptedIn]],
		['a used transaction id', { ...sale, event_id: undefined, seq: undefined }, [400, WIRE_CODES.transactionIdUsed]],
		[
			'a refund of more than was paid',
			{ customer: 'M1', action: 'partial_refund', data: { transaction_id: 'S-1', amount: 99 } },
			[400, WIRE_CODES.refundAboveTransaction],
		],
		['no event', { action: 'x' }, [400, WIRE_CODES.itemMalformed]],
		['a used event id', { ...sale, data: { ...sale.data, total: 1 } }, [409, WIRE_CODES.contentMismatch]],
		[
			'an event that came too early',
			{ ...sale, event_id: EVENT_ID.replace(/1$/, '9'), customer: 'NOBODY' },
			[404, WIRE_CODES.dependencyMissing],
		],
	])('%s is refused as Antavo does', async (_what, event, expected) => {
		expect(codeOf(await send(event))).toEqual(expected);
	});

	test('that ends a membership answers what is left', async () => {
		await send({ customer: 'LEAVER', action: 'opt_in', data: { first_name: 'Ann' } });
		const answer = await send({ customer: 'LEAVER', action: 'opt_out', data: {} });
		expect(answer.body).toMatchObject({ id: 'LEAVER', status: 'opted_out', first_name: null, events: [] });
		expect(codeOf(await get('/customers/LEAVER'))).toEqual([404, WIRE_CODES.customerNotFound]);
	});
});

describe('GET /customers', () => {
	test('by id and by barcode is the same customer, in the documented shape', async () => {
		const byId = await get('/customers/M1');
		const byBarcode = await get('/customers/loyalty_barcode:2900000000018');
		expect(byBarcode.body).toEqual(byId.body);
		expect(CustomerSchema.parse(byId.body)).toMatchObject({
			id: 'M1',
			first_name: 'Ann',
			birth_date: '1991-04-02',
			status: 'active',
			score: 50,
			spent: 0,
			spendable: 50,
			purchase_total: 41.9,
			purchase_count: 1,
			properties: { shoe_size: 38, loyalty_barcode: '2900000000018' },
			tiers: [{ id: 'basic', name: 'Basic', threshold: 0, points: 41, next: { id: 'silver', points: 459 } }],
		});
	});

	test('reads a barcode that is encoded in the path', async () => {
		expect((await get('/customers/loyalty_barcode%3A2900000000018')).status).toBe(200);
	});

	test.each<[string, [number, number]]>([
		['/customers/NOBODY', [404, WIRE_CODES.customerNotFound]],
		['/customers/loyalty_barcode:2900000000025', [404, WIRE_CODES.customerNotFound]],
		['/customers/loyalty_barcode:', [400, WIRE_CODES.searchEmpty]],
		['/customers/passport:1', [400, WIRE_CODES.searchEmpty]],
		['/customers/a%20b', [400, WIRE_CODES.searchEmpty]],
		['/outcomes?after=-1', [400, WIRE_CODES.propertyInvalid]],
		['/outcomes?after=x', [400, WIRE_CODES.propertyInvalid]],
		['/outcomes', [400, WIRE_CODES.propertyInvalid]],
	])('%s is refused', async (path, expected) => {
		expect(codeOf(await get(path))).toEqual(expected);
	});
});

test('the ledger can be checked by an operator only', async () => {
	expect((await get('/ledger/check')).body).toMatchObject({ isBalanced: true, members: 50 });
	expect(codeOf(await get('/ledger/check', keyOf(terminal)))).toEqual([403, WIRE_CODES.signatureWrong]);
});
