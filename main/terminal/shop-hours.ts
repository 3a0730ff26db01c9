import { isOpenAt } from '#shared/domain/shop-hours.ts';
import type { ShopHours } from '#shared/domain/shop-hours.ts';
import type { LongPoll } from '#sync/engine/engine-context.ts';
import type { NightlyWindow } from '#sync/engine/night/plan-night.ts';

/** How long headquarters may hold an answer back, milliseconds. Below what proxies and middleboxes cut: often 30 s. */
const LONG_POLL_MS = 25_000;

/** Waiting at headquarters while the shop is open, by this machine's local time and the hours of the moment. */
export function longPollOf(hours: () => ShopHours): LongPoll {
	return {
		isOpen: (nowMs) => {
			const now = new Date(nowMs);
			return isOpenAt(hours(), now.getHours() * 60 + now.getMinutes());
		},
		waitMs: LONG_POLL_MS,
	};
}

/** The quiet hours, over which the terminals' nights are spread. */
export function nightlyWindowOf({ quietFromMinute, quietMinutes }: ShopHours): NightlyWindow {
	return { startMinute: quietFromMinute, lengthMinutes: quietMinutes };
}
