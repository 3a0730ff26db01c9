import { expect, test } from 'vitest';
import { nextReceiptNumber } from './receipt-suggestion.ts';

test.each([
	['000731', '000732'],
	['000999', '001000'],
	['999', '1000'],
	['A-0099', 'A-0100'],
	['2026/11/22-7', '2026/11/22-8'],
	['12A', null],
	['', null],
	[null, null],
	['9'.repeat(15), `1${'0'.repeat(15)}`],
	[`${'X'.repeat(31)}9`, null],
])('after %s comes %s', (last, next) => {
	expect(nextReceiptNumber(last)).toBe(next);
});
