import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import {
	EventIdSchema,
	IncarnationSchema,
	LoyaltyBarcodeSchema,
	MemberIdSchema,
	ReceiptNumberSchema,
	ShortCodeSchema,
	TransactionIdSchema,
} from './ids.ts';

const cases: readonly (readonly [string, z.ZodType, { readonly right: readonly string[]; readonly wrong: readonly string[] }])[] = [
	[
		'a member id',
		MemberIdSchema,
		{
			right: ['CUST000001', '0519001', '017f22e2-79b0-7cc3-98c4-dc0c0c07398f', 'a_b-C', 'x'.repeat(64)],
			wrong: ['', 'x'.repeat(65), 'a b', 'á', 'a/b', 'test@antavo.com'],
		},
	],
	[
		'an event id',
		EventIdSchema,
		{
			right: ['017f22e2-79b0-7cc3-98c4-dc0c0c07398f', '3b241101-e2bb-4255-8caf-4136c566a962'],
			wrong: ['', 'CUST000001', '017f22e279b07cc398c4dc0c0c07398f'],
		},
	],
	['an incarnation', IncarnationSchema, { right: ['0123456789abcdef'], wrong: ['0123456789ABCDEF', '0123456789abcde', ''] }],
	['an outlet or terminal code', ShortCodeSchema, { right: ['K', 'KOSS', 'W1T12345'], wrong: ['', 'koss', 'KOSS-1', 'ABCDEFGHI'] }],
	[
		'a transaction id',
		TransactionIdSchema,
		{ right: ['KOSS-T1-20261122-17-7KQ2M9', 'x'.repeat(50), 'a.b:c/d_e'], wrong: ['', 'x'.repeat(51), 'a b', 'a+b'] },
	],
	[
		'a loyalty barcode',
		LoyaltyBarcodeSchema,
		{ right: ['123', '4006381333931', '1234-5678-9123', '!~"', 'x'.repeat(64)], wrong: ['12', 'x'.repeat(65), '12 34', 'á12', '123\n'] },
	],
	[
		'a receipt number',
		ReceiptNumberSchema,
		{ right: ['1', 'A-2026/000123', '0001.17_2', 'x'.repeat(32)], wrong: ['', '-1', 'x'.repeat(33), 'A 1', '№17', '1\n'] },
	],
];

test.each(cases)('%s is told from what is none', (_what, schema, { right, wrong }) => {
	expect(right.filter((value) => !schema.safeParse(value).success)).toEqual([]);
	expect(wrong.filter((value) => schema.safeParse(value).success)).toEqual([]);
});

test('no id has a character that would need escaping in a path, a log line or SQL', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (text) => {
			fc.pre(!/^[A-Za-z0-9_.:/-]+$/.test(text));
			expect(
				MemberIdSchema.safeParse(text).success ||
					ReceiptNumberSchema.safeParse(text).success ||
					TransactionIdSchema.safeParse(text).success,
			).toBe(false);
		}),
	);
});
