import { describe, expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { DEFAULT_PROGRAMME } from '../../programme.ts';
import { parseItems } from './incoming.ts';
import type { ParsedItems, Sender } from './incoming.ts';

const TERMINAL: Sender = { terminal: '018f0000-0000-7000-8000-00000000000a', incarnation: '0123456789abcdef' };
const ID = '018f0000-0000-7000-8000-000000000001';
const SALE = { customer: 'M', action: 'checkout', event_id: ID, seq: 1, data: { transaction_id: 'S-1', total: 41.9, currency: 'EUR' } };

function parse(items: readonly unknown[], sender = TERMINAL): ParsedItems {
	const { random } = createFakeTime({ settle: () => Promise.resolve() });
	return parseItems(items, { sender, time: { receivedAtMs: 1_000_000, skewMs: 0 }, programme: DEFAULT_PROGRAMME, random, bootMark: null });
}

describe('items without an identity', () => {
	test.each<[string, unknown]>([
		['nothing', null],
		['a text', 'checkout'],
		['a list', [SALE]],
		['an unknown action', { ...SALE, event_id: undefined, action: 'dance' }],
		['no data', { customer: 'M', action: 'checkout' }],
		['an id that is no UUID', { ...SALE, event_id: 'x' }],
		['an external id of another kind', { ...SALE, event_id: undefined, external_id: 'passport' }],
		['a customer that is no id', { ...SALE, event_id: undefined, customer: 'ann@example.com' }],
		['more bytes than an event has', { ...SALE, data: { ...SALE.data, note: 'x'.repeat(33_000) } }],
		['text that cannot be stored', { ...SALE, data: { ...SALE.data, note: '\u0000' } }],
	])('%s is answered as malformed at its index', (_what, item) => {
		const { incoming, answered } = parse([SALE, item]);
		expect(incoming.map(({ index }) => index)).toEqual([0]);
		expect(answered.get(1)).toMatchObject({ status: 'rejected', error: { code: WIRE_CODES.itemMalformed } });
	});

	test('nesting without end costs nobody else anything', () => {
		const deep: unknown = JSON.parse(`{"event_id":"${ID}","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
		expect(parse([deep, SALE]).answered.get(0)?.status).toBe('rejected');
	});

	test('values of a malformed item are not repeated', () => {
		const item = { ...SALE, event_id: undefined, data: { ...SALE.data, email: 'ann@example.com', total: 'secret' } };
		expect(JSON.stringify(parse([item]).answered.get(0))).not.toMatch(/ann|secret/);
	});
});

test('a malformed item with event id and place is final', () => {
	const { incoming } = parse([{ ...SALE, data: {} }]);
	expect(incoming[0]).toMatchObject({ eventId: ID, seq: 1, body: { ok: false } });
});

test('a malformed item of a sender without an order only gets its id back', () => {
	const { answered } = parse([{ ...SALE, data: {} }], { terminal: null, incarnation: null });
	expect(answered.get(0)).toMatchObject({ event_id: ID, status: 'rejected' });
});

test('an item without an event id gets one of ours and is plain', () => {
	const { incoming } = parse([{ ...SALE, event_id: undefined }]);
	expect(incoming[0]?.isPlain).toBe(true);
	expect(incoming[0]?.eventId).toMatch(/^[0-9a-f-]{36}$/);
});

test('cards are read in their canonical form', () => {
	const named = { ...SALE, customer: ' https://card.regulars.example/2900000000018 ', external_id: 'loyalty_barcode' };
	const spaced = { customer: 'M', action: 'opt_in', data: { loyalty_barcode: 'old-77a' } };
	expect(
		parse([{ ...named, customer: 'card=2900000000018' }, spaced]).incoming.map(({ body }) => body.ok && [body.named, body.offered]),
	).toEqual([
		['2900000000018', null],
		[null, 'OLD-77A'],
	]);
});

test('a place counts only within an incarnation', () => {
	expect(parse([SALE], { ...TERMINAL, incarnation: null }).incoming[0]?.seq).toBeNull();
});

test('ages that contradict the order are corrected', () => {
	const items = [100, 300, 50].map((age, index) => ({ ...SALE, event_id: ID.replace(/1$/, String(index)), seq: index + 1, age_ms: age }));
	expect(parse(items).incoming.map((item) => item.effectiveAtMs)).toEqual([999_900, 999_900, 999_950]);
});
