import { expect, test } from 'vitest';
import { ERROR_CODES } from './error-codes.ts';
import { LoyaltyErrorSchema, terminalError } from './loyalty-error.ts';

test('every code is an area and three digits, and there is one of each', () => {
	for (const code of ERROR_CODES) expect(code).toMatch(/^[A-Z]+-\d{3}$/);
	expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
});

test('an error of this terminal asks for a change unless it says otherwise', () => {
	expect(terminalError('SALE-101')).toEqual({ code: 'SALE-101', origin: 'terminal', verdict: 'retry_after_change' });
	expect(terminalError('BRIDGE-102', { verdict: 'unknown' }).verdict).toBe('unknown');
});

test('an error passes JSON unchanged', () => {
	const error = terminalError('SALE-106', { values: { leftMinor: 250, currency: 'EUR' }, detail: 'x', retryAfterMs: 0 });
	expect(LoyaltyErrorSchema.parse(JSON.parse(JSON.stringify(error)))).toEqual(error);
});

test.each([
	['an unknown code', { code: 'SALE-999', origin: 'terminal', verdict: 'never' }],
	['an unknown verdict', { code: 'SALE-101', origin: 'terminal', verdict: 'later' }],
	['a negative wait', { code: 'LINE-103', origin: 'hq', verdict: 'retry_later', retryAfterMs: -1 }],
	['a detail of a thousand and one characters', { code: 'SALE-101', origin: 'terminal', verdict: 'never', detail: 'x'.repeat(1001) }],
])('%s is no error of ours', (_what, error) => {
	expect(LoyaltyErrorSchema.safeParse(error).success).toBe(false);
});
