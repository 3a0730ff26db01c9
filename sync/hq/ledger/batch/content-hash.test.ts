import fc from 'fast-check';
import { expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { contentHashOf, isSameContent } from './content-hash.ts';

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

const hashOf = (item: Readonly<Record<string, unknown>>): string => must(contentHashOf(item), 'an event that can be stored');
const ENROLMENT = { customer: 'M', action: 'opt_in', data: { first_name: 'Ann', email: 'ann@example.com', cashier: 'c1' } };

test('the part that outlives an opt-out says nothing about the person', () => {
	const partsOf = (item: Readonly<Record<string, unknown>>): string[] => hashOf(item).split('.');
	const [whole, rest] = partsOf(ENROLMENT);
	const [otherWhole, otherRest] = partsOf({ ...ENROLMENT, data: { first_name: 'Bea', mobile_phone: '+36201234567' } });
	expect(otherWhole).not.toBe(whole);
	expect(otherRest).toBe(rest);
	const byCard = { ...EVENT, customer: '2900000000018', external_id: 'loyalty_barcode' };
	expect(partsOf(byCard)[1]).toBe(partsOf({ ...byCard, customer: '2900000000025', data: { ...EVENT.data, note: 'for Ann' } })[1]);
});

test.each([
	['an enrolment and its emptied copy', ENROLMENT, { ...ENROLMENT, data: {} }, true],
	['what a terminal and what headquarters keep of one', { ...ENROLMENT, data: { cashier: 'c1' } }, { ...ENROLMENT, data: {} }, true],
	['two enrolments with names', ENROLMENT, { ...ENROLMENT, data: { first_name: 'Bea' } }, false],
	['an enrolment and the emptied one of somebody else', ENROLMENT, { ...ENROLMENT, customer: 'N', data: {} }, false],
	['an enrolment and an emptied change', ENROLMENT, { ...ENROLMENT, action: 'profile', data: {} }, false],
	['a sale with and without its lines', { ...EVENT, data: { ...EVENT.data, items: [] } }, EVENT, true],
	['a sale and that of somebody else without lines', { ...EVENT, customer: 'N', data: { ...EVENT.data, items: [] } }, EVENT, false],
	['two sales with lines', { ...EVENT, data: { ...EVENT.data, items: [] } }, { ...EVENT, data: { ...EVENT.data, items: [{}] } }, false],
	['two sales without lines', EVENT, { ...EVENT, data: { ...EVENT.data, total: 41.91 } }, false],
	['a sale and another without lines', { ...EVENT, data: { ...EVENT.data, items: [], total: 1 } }, EVENT, false],
	['a sale by card and by the member of it', { ...EVENT, customer: '29', external_id: 'loyalty_barcode' }, EVENT, true],
	['sales by two cards', { ...EVENT, customer: '29', external_id: 'x' }, { ...EVENT, customer: '30', external_id: 'x' }, false],
])('%s are compared by what both have', (_what, left, right, isSame) => {
	expect(isSameContent(hashOf(left), hashOf(right))).toBe(isSame);
	expect(isSameContent(hashOf(right), hashOf(left))).toBe(isSame);
});

test('an event of headquarters itself is no copy of anything', () => {
	expect(isSameContent('', hashOf({ ...ENROLMENT, data: {} }))).toBe(false);
	expect(isSameContent('', hashOf(EVENT))).toBe(false);
});
