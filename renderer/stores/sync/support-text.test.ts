import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { lineDetails, NOW_MS, offline, status } from '../../bridge/scripted/fixtures.ts';
import { supportText } from './support-text.ts';

test('it says what support asks first', () => {
	const text = supportText(lineDetails(), { ...offline, error: terminalError('LINE-101', { verdict: 'retry_later' }) }, NOW_MS);
	expect(text.split('\n')).toEqual(
		expect.arrayContaining([
			'made: 2026-11-22T08:41:00.000Z',
			'version: 0.1.0',
			'terminal: KOSS-2',
			'incarnation: 9f3c2a71d05be846',
			'line: offline',
			'error: LINE-101 retry_later',
			'members: ready 1000000 2026-11-22T01:14:00.000Z',
			'entries: pending=37 applied=176 rejected=1',
			'refusals: 3007=1',
			'night: next 2026-11-23T01:37:00.000Z last 2026-11-22T01:38:00.000Z',
			'compared: 2026-11-22T01:39:00.000Z members=1000000 shards=256 differed=0 not=0',
		]),
	);
});

const PERSONAL = ['Nagy Éva', '+36 30 123 4567', '+36301234567', 'eva@example.hu', '2900000000018', '2900-0000-0001-8'];

test.each(PERSONAL)('%s is not copied, wherever it would come from', (personal) => {
	const error = terminalError('LINE-104', { detail: personal, values: { who: personal } });
	const details = lineDetails({ terminal: personal, outletCode: personal, appVersion: personal, incarnation: personal });
	const text = supportText(details, status({ error, line: 'refused' }), NOW_MS);
	expect(text).not.toContain(personal);
	expect(text.split('\n').every((line) => /^[a-z ]+: [\x20-\x7e]*$/.test(line))).toBe(true);
	expect(text).not.toMatch(/@|\+\d|\d{8,}(?![.:TZ-])(?!\d*\n?$)/);
});

test('before anything was loaded or paired it says so with hyphens', () => {
	const text = supportText(
		lineDetails({ terminal: null, outletCode: null, counts: {}, refusals: [], night: null }),
		status({ lastPushAtMs: null }),
		NOW_MS,
	);
	expect(text).toContain('terminal: -\n');
	expect(text).toContain('entries: -\n');
	expect(text).toContain('night: -\n');
	expect(text).toContain('last sent: -\n');
});
