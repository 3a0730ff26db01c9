import { expect, test } from 'vitest';
import { DEFAULT_NIGHTLY_WINDOW, shareOf } from '#sync/engine/night/plan-night.ts';
import { describeNight } from './night.ts';

const TERMINAL = '018f0000-0000-7000-8000-000000000001';
const at = (day: number, hour: number, minute = 0): number => new Date(2026, 10, day, hour, minute).getTime();
const night = (nowMs: number, day: string | null) =>
	describeNight(
		{ terminal: TERMINAL, window: DEFAULT_NIGHTLY_WINDOW, nowMs },
		{ read: () => day, told: () => ({ doneAtMs: 7, compared: null }) },
	);

const MOMENT_MINUTES = DEFAULT_NIGHTLY_WINDOW.startMinute + shareOf(TERMINAL) * DEFAULT_NIGHTLY_WINDOW.lengthMinutes;
const momentOf = (day: number): number => at(day, 0) + Math.floor(MOMENT_MINUTES * 60_000);

test('the next moment is this terminal’s own in the window: tonight, or the night after when it has passed', () => {
	expect(night(at(10, 12), '2026-11-10')).toEqual({ nextAtMs: momentOf(11), isDue: false, doneAtMs: 7, compared: null });
	expect(night(at(11, 1), '2026-11-10')).toMatchObject({ nextAtMs: momentOf(11), isDue: false });
	expect(night(at(11, 6), '2026-11-11')).toMatchObject({ nextAtMs: momentOf(12), isDue: false });
});

test('a night that was missed is due, and the next one is told beside it', () => {
	expect(night(at(11, 9), '2026-11-10')).toMatchObject({ nextAtMs: momentOf(12), isDue: true });
	expect(night(at(11, 9), null)).toMatchObject({ isDue: true });
});
