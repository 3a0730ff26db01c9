import type { Status } from '#shared/bridge/session-calls.ts';
import type { Text } from '../text/text.ts';

/** A clock that differs from headquarters' by more than this is told: less is nothing that a receipt would show. */
export const CLOCK_TOLD_MS = 120_000;

/** How the line is, in a few words. */
export function lineTitle(status: Status, nowMs: number, { t, span }: Text): string {
	if (status.line === 'offline' && status.offlineSinceMs !== null)
		return t('line.offline_for', { span: span(nowMs - status.offlineSinceMs) });
	return t(`line.${status.line}`);
}

/** What follows from it for the shop. */
export function lineBody(status: Status, nowMs: number, { t, span, moment, error }: Text): string {
	if (status.line === 'refused' && status.error !== null) return error(status.error.code).body;
	if (status.line === 'online') {
		return status.lastPushAtMs === null ? t('line.nothing_sent') : t('line.last_push', { time: moment(status.lastPushAtMs, nowMs) });
	}
	const next = status.nextTryAtMs;
	const tries = next !== null && next > nowMs ? t('line.next_try', { span: span(next - nowMs) }) : '';
	return [tries, t('line.nothing_lost')].filter((part) => part !== '').join(' ');
}

/** What to say of a clock that is wrong, or `null`. */
export function clockWarning({ clockSkewMs }: Status, nowMs: number, { t, moment }: Text): string | null {
	if (Math.abs(clockSkewMs) <= CLOCK_TOLD_MS) return null;
	return t('sync.clock_warning', { time: moment(nowMs + clockSkewMs, nowMs) });
}
