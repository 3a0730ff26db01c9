import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentHashOf } from './content-hash.ts';

const EVENT = { customer: 'M', action: 'checkout', data: { transaction_id: 'S-1', total: 41.9, currency: 'EUR' } };

test('does not depend on the order of keys', () => {
	fc.assert(
		fc.property(fc.dictionary(fc.string(), fc.jsonValue({ depthSize: 'small', maxDepth: 5 })), (data) => {
			const shuffled = Object.fromEntries(Object.entries(data).toReversed());
			expect(contentHashOf({ ...EVENT, data: shuffled })).toBe(contentHashOf({ ...EVENT, data }));
		}),
	);
});

test('does not depend on place, age or force', () => {
	expect(contentHashOf({ ...EVENT, event_id: 'x', seq: 9, occurred_at: 1, age_ms: 5, force_stub: true })).toBe(contentHashOf(EVENT));
});

test.each([
	['customer', { customer: 'N' }],
	['external_id', { external_id: 'loyalty_barcode' }],
	['action', { action: 'refund' }],
	['a value', { data: { ...EVENT.data, total: 41.91 } }],
	['an added value', { data: { ...EVENT.data, cashier: 'eva-k' } }],
	['the kind of a value', { data: { ...EVENT.data, total: '41.9' } }],
])('depends on %s', (_what, change) => {
	expect(contentHashOf({ ...EVENT, ...change })).not.toBe(contentHashOf(EVENT));
});

test('a list is not an object with the same values', () => {
	expect(contentHashOf({ ...EVENT, data: ['a', 'b'] })).not.toBe(contentHashOf({ ...EVENT, data: { 0: 'a', 1: 'b' } }));
});

test.each([
	['a zero character', { note: 'a\u0000b' }],
	['half a surrogate pair', { note: 'a\ud800b' }],
	['a zero character in a key', { 'a\u0000b': 1 }],
	['too deep a nesting', JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`)],
])('%s cannot be stored', (_what, data: unknown) => {
	expect(contentHashOf({ ...EVENT, data })).toBeNull();
});
