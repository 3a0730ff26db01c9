import { expect, test } from 'vitest';
import { PUSH_EVENTS_MAX } from './limits.ts';
import { WireEventSchema } from './event.ts';
import { PushRequestSchema } from './push.ts';

const sale = { transaction_id: 'KOSS-T1-20261122-2-7KQ2M9', total: 41.9, currency: 'EUR' };
const line = { product_id: '4006381333931', quantity: 1, price: 1, subtotal: 1 };
const consent = { purpose: 'terms', granted: true, version: 1, language: 'en', at: 0 };

test.each([
	['an action that nobody knows', 'transfer', {}],
	['a sale without a transaction id', 'checkout', { total: 1, currency: 'EUR' }],
	['a transaction id of 51 characters', 'checkout', { ...sale, transaction_id: 'x'.repeat(51) }],
	['a negative total', 'checkout', { ...sale, total: -0.01 }],
	['a total as text', 'checkout', { ...sale, total: '41.9' }],
	['a currency in small letters', 'checkout', { ...sale, currency: 'eur' }],
	['501 lines', 'checkout', { ...sale, items: Array.from({ length: 501 }, () => line) }],
	['a line without a product', 'checkout', { ...sale, items: [{ ...line, product_id: '' }] }],
	['a receipt number with a space', 'checkout', { ...sale, receipt_number: 'A 1' }],
	['a part of nothing', 'partial_refund', { transaction_id: sale.transaction_id, amount: 0 }],
	['a part without its amount', 'partial_refund', { transaction_id: sale.transaction_id }],
	['half a point', 'point_add', { points: 0.5 }],
	['no point', 'point_add', { points: 0 }],
	['a negative number of points to take', 'point_sub', { points: -5 }],
	['a reason of 201 characters', 'point_add', { points: 5, reason: 'x'.repeat(201) }],
	['a mobile number that is not E.164', 'opt_in', { mobile_phone: '06 30 123 4567' }],
	['an e-mail address that is none', 'profile', { email: 'an@' }],
	['a name of 101 characters', 'opt_in', { first_name: 'x'.repeat(101) }],
	['a barcode with a space', 'opt_in', { loyalty_barcode: '1234 5678' }],
	['21 consents', 'opt_in', { consents: Array.from({ length: 21 }, () => consent) }],
	['a consent without a version of its wording', 'opt_in', { consents: [{ ...consent, version: undefined }] }],
	['a time in milliseconds where seconds belong', 'opt_out', { effective_timestamp: 1_795_333_200_000_000 }],
])('%s is no event', (_what, action, data) => {
	expect(WireEventSchema.safeParse({ customer: 'CUST000001', action, data }).success).toBe(false);
});

test.each([
	['a customer that is neither id nor barcode', { customer: 'An Example' }],
	['an external id that we do not keep', { external_id: 'email' }],
	['an event id that is no UUID', { event_id: 'CUST000001' }],
	['a place before the first', { seq: 0 }],
	['an age below nothing', { age_ms: -1 }],
])('%s is no envelope', (_what, field) => {
	expect(WireEventSchema.safeParse({ customer: 'CUST000001', action: 'checkout', data: sale, ...field }).success).toBe(false);
});

test('a cleared attribute is null, an unchanged one is missing', () => {
	const { data } = WireEventSchema.parse({ customer: 'CUST000001', action: 'profile', data: { email: null } });
	expect(data).toEqual({ email: null });
});

test(`a request has 1 to ${PUSH_EVENTS_MAX} events`, () => {
	const of = (count: number): boolean => PushRequestSchema.safeParse({ events: Array.from({ length: count }, () => ({})) }).success;
	expect([of(0), of(1), of(PUSH_EVENTS_MAX), of(PUSH_EVENTS_MAX + 1)]).toEqual([false, true, true, false]);
});
