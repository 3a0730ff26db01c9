import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLocalCalendar } from './local-day.ts';

test.each([
	['Europe/Budapest', '2026-11-22T22:59:59Z', '20261122', '2026-11-21T23:00:00Z'],
	['Europe/Budapest', '2026-11-22T23:00:00Z', '20261123', '2026-11-22T23:00:00Z'],
	['UTC', '2026-11-22T23:59:59.999Z', '20261122', '2026-11-22T00:00:00Z'],
	['America/New_York', '2026-11-23T04:59:59Z', '20261122', '2026-11-22T05:00:00Z'],
	['Asia/Kathmandu', '2026-11-22T18:15:00Z', '20261123', '2026-11-22T18:15:00Z'],
	['Pacific/Kiritimati', '2026-11-22T10:00:00Z', '20261123', '2026-11-22T10:00:00Z'],
] as const)('in %s %s belongs to %s', (...[timeZone, at, day, start]) => {
	const calendar = createLocalCalendar(timeZone);
	expect(calendar.dayOf(Date.parse(at))).toBe(day);
	expect(calendar.startOfDayMs(Date.parse(at))).toBe(Date.parse(start));
});

test.each([
	{ what: 'put forward in the night', timeZone: 'Europe/Budapest', at: '2026-03-29T12:00:00Z', start: '2026-03-28T23:00:00Z' },
	{ what: 'put back in the night', timeZone: 'Europe/Budapest', at: '2026-10-25T12:00:00Z', start: '2026-10-24T22:00:00Z' },
	{
		what: 'put forward at midnight: the day begins at one',
		timeZone: 'Africa/Cairo',
		at: '2026-04-24T12:00:00Z',
		start: '2026-04-23T22:00:00Z',
	},
	{ what: 'put back by half an hour', timeZone: 'Australia/Lord_Howe', at: '2026-04-05T06:00:00Z', start: '2026-04-04T13:00:00Z' },
])('a day on which clocks are $what', ({ timeZone, at, start }) => {
	expect(new Date(createLocalCalendar(timeZone).startOfDayMs(Date.parse(at))).toISOString()).toBe(new Date(start).toISOString());
});

test('a day begins with its first moment, whatever the zone and the season', () => {
	const zones = ['UTC', 'Europe/Budapest', 'America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Kolkata'];
	const anyMoment = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2040-01-01') });
	fc.assert(
		fc.property(fc.constantFrom(...zones), anyMoment, (timeZone, atMs) => {
			const calendar = createLocalCalendar(timeZone);
			const startMs = calendar.startOfDayMs(atMs);
			expect(startMs).toBeLessThanOrEqual(atMs);
			expect(calendar.dayOf(startMs)).toBe(calendar.dayOf(atMs));
			expect(calendar.dayOf(startMs - 1)).not.toBe(calendar.dayOf(atMs));
		}),
		{ numRuns: 300 },
	);
});
