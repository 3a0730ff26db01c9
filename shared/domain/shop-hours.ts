import { z } from 'zod';

const MINUTES_PER_DAY = 24 * 60;
const MinuteOfDaySchema = z
	.int()
	.min(0)
	.max(MINUTES_PER_DAY - 1);

/** When shops are at work and when they are quiet: local time of each terminal, minutes after midnight. Either may pass midnight. */
export const ShopHoursSchema = z.object({
	/** From the one to the other terminals wait at headquarters for changes; otherwise they ask about once a minute. The same twice: never shut. */
	opensMinute: MinuteOfDaySchema,
	closesMinute: MinuteOfDaySchema,
	/** Over this time the heavy work of the night is spread. */
	quietFromMinute: MinuteOfDaySchema,
	quietMinutes: z.int().min(1).max(MINUTES_PER_DAY),
});
export type ShopHours = z.infer<typeof ShopHoursSchema>;

/** Of a programme that does not say: open from 6 to 23, quiet from 2 to 5. */
export const USUAL_SHOP_HOURS: ShopHours = { opensMinute: 6 * 60, closesMinute: 23 * 60, quietFromMinute: 2 * 60, quietMinutes: 3 * 60 };

/** Whether shops are open at a local minute after midnight, the opening included and the closing not. */
export function isOpenAt({ opensMinute, closesMinute }: ShopHours, minute: number): boolean {
	if (opensMinute === closesMinute) return true;
	if (opensMinute < closesMinute) return minute >= opensMinute && minute < closesMinute;
	return minute >= opensMinute || minute < closesMinute;
}
