import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AMOUNT_MINOR_MAX } from '#shared/domain/money.ts';
import { amountFromText, digitsOf, pressPad } from './amount.ts';

test.each([
	['0.004', 4],
	['0.041', 41],
	['0.419', 419],
	['4.190', 4190],
	['41.9', 419],
	['', 0],
	['abc', 0],
	['1 284,50', 128_450],
	['٤١٫٩٠', 4190],
	['4190', 4190],
])('the field that reads %s holds %i minor units', (text, amountMinor) => {
	expect(amountFromText(text)).toBe(amountMinor);
});

test('digits shift in from the right, one by one, and out again', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: AMOUNT_MINOR_MAX }), (amountMinor) => {
			const shown = (minor: number) => (minor / 100).toFixed(2);
			let minor = 0;
			for (const digit of String(amountMinor)) minor = amountFromText(shown(minor) + digit) ?? Number.NaN;
			expect(minor).toBe(amountMinor);
			minor = amountFromText(shown(minor).slice(0, -1)) ?? Number.NaN;
			expect(minor).toBe(Math.floor(amountMinor / 10));
		}),
	);
});

test('an amount above the largest sale is refused', () => {
	expect(amountFromText(String(AMOUNT_MINOR_MAX))).toBe(AMOUNT_MINOR_MAX);
	expect(amountFromText(`${AMOUNT_MINOR_MAX}0`)).toBeNull();
});

test('the pad types at the end and deletes there', () => {
	expect(pressPad('41', '00')).toBe('4100');
	expect(pressPad('41', 'back')).toBe('4');
	expect(pressPad('', 'back')).toBe('');
});

test('digits of other scripts are read', () => {
	expect(digitsOf('۱۲ ३ ๔ 5x')).toBe('12345');
});
