import { expect, test } from 'vitest';
import { MEMBER_COLUMNS, MemberRowSchema } from './member-row.ts';

const row = ['CUST000001', 1, 'active', null, null, null, null, null, null, 0, 'T0', 0, 0, null, null, [], {}, 0, 0] as const;

function withColumn(column: (typeof MEMBER_COLUMNS)[number], value: unknown): unknown[] {
	return row.map((was, index) => (MEMBER_COLUMNS[index] === column ? value : was));
}

test('a row has one place per column', () => {
	expect(row).toHaveLength(MEMBER_COLUMNS.length);
	expect(MemberRowSchema.safeParse(row).success).toBe(true);
	expect(MemberRowSchema.safeParse(row.slice(0, -1)).success).toBe(false);
	expect(MemberRowSchema.safeParse([...row, 0]).success).toBe(false);
});

test.each([
	['ver', 0],
	['status', 'vip'],
	['card', 'a b'],
	['card_status', 'lost'],
	['points', 1.5],
	['points', 10 ** 13],
	['aliases', [['1234-5678-9123', 'ring', 'active']]],
	['aliases', [['1234-5678-9123', 'pass']]],
	['profile', { pending: 'many' }],
	['merged_into', 'a b'],
	['seq', -1],
] as const)('%s cannot be %j', (column, value) => {
	expect(MemberRowSchema.safeParse(withColumn(column, value)).success).toBe(false);
});

test('a balance may be negative after a refund', () => {
	expect(MemberRowSchema.safeParse(withColumn('points', -250)).success).toBe(true);
});
