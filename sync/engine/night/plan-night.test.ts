import { describe, expect, test } from 'vitest';
import { DEFAULT_NIGHTLY_WINDOW, planNight, shareOf } from './plan-night.ts';
import type { NightFacts } from './plan-night.ts';

const at = (day: number, hour: number, minute = 0): number => new Date(2026, 10, day, hour, minute).getTime();
const night = (facts: Partial<NightFacts>) =>
	planNight({
		nowMs: at(10, 12),
		lastDay: '2026-11-09',
		window: DEFAULT_NIGHTLY_WINDOW,
		share: 0.5,
		startedAtMs: at(1, 0),
		startDelayMs: 600_000,
		...facts,
	});

describe('the work of a night', () => {
	test.each<[string, Partial<NightFacts>, object]>([
		['is due at the terminal’s own moment of the window', { nowMs: at(10, 3, 30) }, { kind: 'run', day: '2026-11-10' }],
		['is waited for before it', { nowMs: at(10, 1) }, { kind: 'rest', untilMs: at(10, 3, 30) }],
		['is done once', { nowMs: at(10, 4), lastDay: '2026-11-10' }, { kind: 'rest', untilMs: at(11, 3, 30) }],
		[
			'that was missed is done a while after the next start',
			{ startedAtMs: at(10, 9), nowMs: at(10, 9, 9) },
			{ kind: 'rest', untilMs: at(10, 9, 10) },
		],
		['that was missed is due then', { startedAtMs: at(10, 9), nowMs: at(10, 9, 10) }, { kind: 'run', day: '2026-11-10' }],
		[
			'of yesterday that was missed is done before today’s',
			{ startedAtMs: at(10, 1), nowMs: at(10, 1, 10), lastDay: '2026-11-08' },
			{ kind: 'run', day: '2026-11-09' },
		],
		[
			'of a new terminal is done soon',
			{ startedAtMs: at(10, 12), nowMs: at(10, 12), lastDay: null },
			{ kind: 'rest', untilMs: at(10, 12, 10) },
		],
		['that lies ahead after the clock was set back is waited for', { nowMs: at(8, 12) }, { kind: 'rest', untilMs: at(9, 3, 30) }],
	])('%s', (_what, facts, step) => {
		expect(night(facts)).toEqual(step);
	});

	test('may begin before midnight', () => {
		const window = { startMinute: 23 * 60, lengthMinutes: 180 };
		expect(night({ window, nowMs: at(10, 23, 59) })).toEqual({ kind: 'rest', untilMs: at(11, 0, 30) });
		expect(night({ window, nowMs: at(11, 0, 30) })).toEqual({ kind: 'run', day: '2026-11-10' });
	});
});

test('terminals are spread over the window, each at the same place every night', () => {
	const shares = Array.from({ length: 1_000 }, (_, index) => shareOf(`018f0000-0000-7000-8000-${String(index).padStart(12, '0')}`));
	for (let tenth = 0; tenth < 10; tenth += 1) {
		expect(shares.filter((share) => share >= tenth / 10 && share < (tenth + 1) / 10).length).toBeGreaterThan(60);
	}
	expect(shareOf('a')).toBe(shareOf('a'));
});
