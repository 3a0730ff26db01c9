import { z } from 'zod';
import { assert } from '../lib/assert.ts';

/** ISO 4217 code. */
export const CurrencySchema = z.string().regex(/^[A-Z]{3}$/);
export type Currency = z.infer<typeof CurrencySchema>;

/** The largest sale: 99,999,999.99 in a two-digit currency. A larger amount is a mistyped receipt number. */
export const AMOUNT_MINOR_MAX = 9_999_999_999;

/** An amount in minor units of a currency (cents). Never a float. */
export const AmountMinorSchema = z.int().min(0).max(AMOUNT_MINOR_MAX);

/**
 * Currencies whose digits after the point are not 2, as Unicode CLDR 48 has them for retail use (it leaves ISO 4217 where coins are gone: HUF 0).
 * Written down instead of asked of `Intl`: page, services and headquarters run on different ICU versions, which do not agree,
 * and one that says 2 where another says 0 makes an amount a hundredfold.
 */
const DIGITS_NOT_TWO: Readonly<Record<number, readonly string[]>> = {
	0: 'AFN ALL BIF CLP COP DJF GNF HUF IDR IQD IRR ISK JPY KMF KPW KRW LAK LBP MGA MMK PKR PYG RWF SLL SOS SYP UGX VND VUV XAF XOF XPF YER'.split(
		' ',
	),
	3: 'BHD JOD KWD LYD OMR TND'.split(' '),
};

/** Digits after the point of a currency (EUR 2, JPY 0, KWD 3). An unknown code has 2. */
export function minorDigits(currency: Currency): number {
	assert(/^[A-Z]{3}$/.test(currency), 'currency is an ISO 4217 code');
	for (const [digits, currencies] of Object.entries(DIGITS_NOT_TWO)) if (currencies.includes(currency)) return Number(digits);
	return 2;
}

/** Minor units to the decimal number that the wire carries (`total: 41.9`). */
export function toMajor(amountMinor: number, currency: Currency): number {
	assert(Number.isSafeInteger(amountMinor), 'an amount is a whole number of minor units');
	return Number((amountMinor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency)));
}

/**
 * The wire's decimal number to minor units, or `null` when it is no such amount:
 * negative, above the limit, or with more digits than the currency has.
 */
export function fromMajor(amountMajor: number, currency: Currency): number | null {
	if (!Number.isFinite(amountMajor) || amountMajor < 0) return null;
	const scaled = amountMajor * 10 ** minorDigits(currency);
	const amountMinor = Math.round(scaled);
	// The wire's number is binary: 41.9 * 100 is 4190.000000000001, while a real third digit is off by 0.1 or more.
	if (Math.abs(scaled - amountMinor) > 1e-3 || amountMinor > AMOUNT_MINOR_MAX) return null;
	return amountMinor;
}
