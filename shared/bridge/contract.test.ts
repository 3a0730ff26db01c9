import { expect, test } from 'vitest';
import { z } from 'zod';
import { calls, events } from './contract.ts';

/** What each call does: a new call must say whether it writes. */
const MUTATING: Record<keyof typeof calls, boolean> = {
	'session.open': false,
	'session.lock': false,
	'session.unlock': false,
	'session.setVolume': false,
	'session.shift': false,
	'status.get': false,
	'status.details': false,
	'status.syncNow': false,
	'member.identify': false,
	'member.open': false,
	'member.duplicates': false,
	'member.nextCard': false,
	'member.enrol': true,
	'sale.earn': true,
	'sale.void': true,
	'sale.find': false,
	'sale.refund': true,
	'outbox.list': false,
	'outbox.entry': false,
	'outbox.correct': true,
	'outbox.draft': false,
	'outbox.correctEnrolment': true,
	'outbox.correctRefund': true,
	'outbox.close': true,
	'outbox.proof': false,
	'outbox.export': false,
	'outbox.resend': true,
};

test('every call that writes carries a request id, and no other does', () => {
	const withRequestId = Object.entries(calls)
		.filter(([, call]) => 'requestId' in call.input.shape)
		.map(([name]) => name);
	const mutating = Object.entries(MUTATING)
		.filter(([, isMutating]) => isMutating)
		.map(([name]) => name);
	expect(withRequestId.toSorted()).toEqual(mutating.toSorted());
});

test('a request id is a UUID', () => {
	const wrong = calls['sale.refund'].input.safeParse({ requestId: '1', saleEventId: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f' });
	expect(wrong.success).toBe(false);
});

test('everything on the bridge can be written as JSON: no dates, no bigints, no transforms', () => {
	for (const call of Object.values(calls)) {
		expect(() => z.toJSONSchema(call.input, { io: 'input' })).not.toThrow();
		expect(() => z.toJSONSchema(call.output, { io: 'output' })).not.toThrow();
	}
	for (const event of Object.values(events)) expect(() => z.toJSONSchema(event)).not.toThrow();
});

test('zod runs without `new Function`: the page forbids it', () => {
	expect(z.config().jitless).toBe(true);
});

test('texts from the cashier are limited in every call', () => {
	const tooLong = 'x'.repeat(513);
	expect(calls['member.identify'].input.safeParse({ text: tooLong, source: 'scan' }).success).toBe(false);
	expect(calls['member.identify'].input.safeParse({ text: '', source: 'scan' }).success).toBe(false);
	expect(calls['sale.find'].input.safeParse({ receiptNumber: tooLong }).success).toBe(false);
	const form = { barcode: '', firstName: '', lastName: '', mobile: '', email: '' };
	expect(calls['member.duplicates'].input.safeParse(form).success).toBe(true);
	const unlimited = Object.keys(form).filter((field) => calls['member.duplicates'].input.safeParse({ ...form, [field]: tooLong }).success);
	expect(unlimited).toEqual([]);
});

test('a sale is for a member or for a card, and says which', () => {
	const sale = {
		requestId: '3b241101-e2bb-4255-8caf-4136c566a962',
		receiptNumber: '17',
		amountMinor: 4190,
		currency: 'EUR',
		isRepeatConfirmed: false,
	};
	const parse = (member: unknown): unknown => calls['sale.earn'].input.safeParse({ ...sale, member }).data?.member;
	expect(parse({ memberId: 'CUST000001' })).toEqual({ memberId: 'CUST000001' });
	expect(parse({ barcode: '1234-5678-9123' })).toEqual({ barcode: '1234-5678-9123' });
	expect(parse({})).toBeUndefined();
	expect(parse({ barcode: '12' })).toBeUndefined();
});
