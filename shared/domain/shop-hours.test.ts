import { expect, test } from 'vitest';
import { isOpenAt, ShopHoursSchema, USUAL_SHOP_HOURS } from './shop-hours.ts';

const at = (hour: number, minute = 0): number => hour * 60 + minute;

test.each([
	['at the opening', at(6), true],
	['a minute before it', at(5, 59), false],
	['a minute before closing', at(22, 59), true],
	['at closing', at(23), false],
	['at midnight', 0, false],
])('the usual hours, %s', (_when, minute, isOpen) => {
	expect(isOpenAt(USUAL_SHOP_HOURS, minute)).toBe(isOpen);
});

test.each([
	['in the evening', at(22), true],
	['after midnight', at(1), true],
	['at closing', at(2), false],
	['in the morning', at(8), false],
])('hours past midnight, %s', (_when, minute, isOpen) => {
	expect(isOpenAt({ ...USUAL_SHOP_HOURS, opensMinute: at(10), closesMinute: at(2) }, minute)).toBe(isOpen);
});

test('a shop that opens when it closes is never shut', () => {
	const always = { ...USUAL_SHOP_HOURS, opensMinute: at(8), closesMinute: at(8) };
	expect([0, at(7, 59), at(8), at(23, 59)].map((minute) => isOpenAt(always, minute))).toEqual([true, true, true, true]);
});

test('a minute is one of the day', () => {
	expect(ShopHoursSchema.safeParse({ ...USUAL_SHOP_HOURS, closesMinute: 24 * 60 }).success).toBe(false);
	expect(ShopHoursSchema.safeParse(USUAL_SHOP_HOURS).success).toBe(true);
});
