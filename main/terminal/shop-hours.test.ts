import { expect, test } from 'vitest';
import { USUAL_SHOP_HOURS } from '#shared/domain/shop-hours.ts';
import type { ShopHours } from '#shared/domain/shop-hours.ts';
import { longPollOf, nightlyWindowOf } from './shop-hours.ts';

const at = (hour: number, minute = 0): number => new Date(2026, 10, 22, hour, minute).getTime();

test('a terminal waits at headquarters in the opening hours of its own clock, and hears when they change', () => {
	let hours: ShopHours = USUAL_SHOP_HOURS;
	const longPoll = longPollOf(() => hours);
	expect([at(5, 59), at(6), at(22, 59), at(23)].map(longPoll.isOpen)).toEqual([false, true, true, false]);
	hours = { ...hours, opensMinute: 9 * 60, closesMinute: 18 * 60 };
	expect([at(8, 59), at(9), at(18)].map(longPoll.isOpen)).toEqual([false, true, false]);
});

test('the window of the night is the quiet hours', () => {
	expect(nightlyWindowOf({ ...USUAL_SHOP_HOURS, quietFromMinute: 60, quietMinutes: 90 })).toEqual({ startMinute: 60, lengthMinutes: 90 });
});
