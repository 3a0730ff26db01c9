import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../lib/assert.ts';
import { AMOUNT_MINOR_MAX, AmountMinorSchema, CurrencySchema, fromMajor, minorDigits, toMajor } from './money.ts';

const CURRENCIES = ['EUR', 'GBP', 'JPY', 'HUF', 'KWD', 'TND', 'QQQ'] as const;

test.each([
	['EUR', 2],
	['USD', 2],
	['JPY', 0],
	['HUF', 0],
	['KRW', 0],
	['KWD', 3],
	['BHD', 3],
	['QQQ', 2],
])('%s has %i digits after the point', (currency, digits) => {
	expect(minorDigits(currency)).toBe(digits);
});

test('asserts that a currency is three capital letters', () => {
	expect(() => minorDigits('eur')).toThrow(AssertionError);
	expect(() => minorDigits('toString')).toThrow(AssertionError);
	expect(CurrencySchema.safeParse('EURO').success).toBe(false);
});

test('minor units survive the wire in every currency: fromMajor(JSON(toMajor(x))) is x', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: AMOUNT_MINOR_MAX }), fc.constantFrom(...CURRENCIES), (amountMinor, currency) => {
			const onTheWire: unknown = JSON.parse(JSON.stringify(toMajor(amountMinor, currency)));
			expect(fromMajor(Number(onTheWire), currency)).toBe(amountMinor);
		}),
		{ numRuns: 2000 },
	);
});

test('the wire number has no more digits than the currency', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: AMOUNT_MINOR_MAX }), fc.constantFrom(...CURRENCIES), (amountMinor, currency) => {
			const decimals = String(toMajor(amountMinor, currency)).split('.')[1] ?? '';
			expect(decimals.length).toBeLessThanOrEqual(minorDigits(currency));
		}),
	);
});

test.each([
	[41.9, 'EUR', 4190],
	[0, 'EUR', 0],
	[0.1 + 0.2, 'EUR', 30],
	[1.005, 'EUR', null],
	[41.905, 'EUR', null],
	[41.9001, 'EUR', null],
	[4190, 'HUF', 4190],
	[41.9, 'HUF', null],
	[41.905, 'KWD', 41_905],
	[99_999_999.99, 'EUR', 9_999_999_999],
	[100_000_000, 'EUR', null],
	[-0.01, 'EUR', null],
	[Number.NaN, 'EUR', null],
	[Number.POSITIVE_INFINITY, 'EUR', null],
])('%d %s on the wire is %j minor units', (amountMajor, currency, amountMinor) => {
	expect(fromMajor(amountMajor, currency)).toBe(amountMinor);
});

test('a refund below zero keeps its sign in major units', () => {
	expect(toMajor(-150, 'EUR')).toBe(-1.5);
});

test('asserts that minor units are whole', () => {
	expect(() => toMajor(0.5, 'EUR')).toThrow(AssertionError);
	expect(AmountMinorSchema.safeParse(-1).success).toBe(false);
	expect(AmountMinorSchema.safeParse(AMOUNT_MINOR_MAX + 1).success).toBe(false);
});
