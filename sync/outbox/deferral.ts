/** After this long in `deferred` the member is not coming by itself: headquarters is told to open it without personal data (sync.md 1.6). */
export const FORCE_STUB_AFTER_MS = 86_400_000;

const FIRST_WAIT_MS = 60_000;
const WAIT_MS_MAX = 3_600_000;

/** The wait before a deferred entry is sent again: a minute, doubling to an hour. `deferrals` counts those before this one, from 0. */
export function deferralWaitMs(deferrals: number): number {
	// 2^6 minutes is beyond the hour.
	return Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** Math.min(deferrals, 6));
}

/** Whether an entry that headquarters first deferred at `sinceMs` is sent with `force_stub`. */
export function isStubForced(sinceMs: number | null, nowMs: number): boolean {
	return sinceMs !== null && nowMs - sinceMs >= FORCE_STUB_AFTER_MS;
}
