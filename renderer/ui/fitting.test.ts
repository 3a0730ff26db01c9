import { expect, test } from 'vitest';
import { fitting } from './fitting.ts';

test('the longer the value the smaller the type, and never larger than its most', () => {
	expect(fitting('41.90', { maxRem: 5.25, takenRem: 10 })).toBe('min(5.25rem, calc((100cqi - 10rem) / 2.86))');
	expect(fitting('99,999,999.99', { maxRem: 5.25 })).toBe('min(5.25rem, calc((100cqi - 0rem) / 7.30))');
	expect(fitting('', { maxRem: 5.25 })).toBe('min(5.25rem, calc((100cqi - 0rem) / 1.00))');
});

test('marks of direction take no room', () => {
	expect(fitting('\u206841.90\u2069', { maxRem: 5 })).toBe(fitting('41.90', { maxRem: 5 }));
});
