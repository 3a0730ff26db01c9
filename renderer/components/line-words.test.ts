import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { NOW_MS, offline, status } from '../bridge/scripted/fixtures.ts';
import { createText } from '../text/text.ts';
import { clockWarning, lineBody, lineTitle } from './line-words.ts';

const text = createText('en-GB');

test.each([
	[status(), 'Connected'],
	[offline, 'Offline for 7 h 27 min'],
	[status({ line: 'connecting' }), 'Connecting'],
	[status({ line: 'refused' }), 'Headquarters refused this terminal'],
])('%# the line in words', (given, words) => {
	expect(lineTitle(given, NOW_MS, text)).toBe(words);
});

test('offline it says when it is tried again and that nothing is lost', () => {
	expect(lineBody(offline, NOW_MS, text)).toBe('Next try in 40 s. Nothing is lost: every sale is on this terminal’s disk.');
	expect(lineBody({ ...offline, nextTryAtMs: NOW_MS - 1 }, NOW_MS, text)).not.toContain('Next try');
});

test('a refusal is told with what to do', () => {
	const refused = status({ line: 'refused', error: terminalError('LINE-104') });
	expect(lineBody(refused, NOW_MS, text)).toBe(text.error('LINE-104').body);
});

test.each([
	[120_000, false],
	[-120_000, false],
	[120_001, true],
	[-190_000, true],
])('a clock that is %d ms off is told: %s', (clockSkewMs, isTold) => {
	expect(clockWarning(status({ clockSkewMs }), NOW_MS, text) !== null).toBe(isTold);
});
