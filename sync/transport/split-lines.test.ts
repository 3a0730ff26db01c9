import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWholeRows, splitLines } from './split-lines.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test('gives the non-empty lines in order, whatever stands at the end', () => {
	fc.assert(
		fc.property(fc.array(fc.string().map((text) => text.replaceAll('\n', ' '))), fc.boolean(), (texts, endsWithNewline) => {
			const whole = texts.join('\n') + (endsWithNewline ? '\n' : '');
			expect(splitLines(encode(whole)).map(decode)).toEqual(texts.filter((text) => text !== ''));
		}),
	);
});

test('lines are views on the same memory', () => {
	const bytes = encode('[1]\n[2]\n');
	for (const line of splitLines(bytes)) expect(line.buffer).toBe(bytes.buffer);
});

test.each([
	['[[1,2]]', true],
	['[[1], [2]]', true],
	['[]', true],
	['[', false],
	['[]]', false],
	['[[]', false],
	['[[1,2]', false],
	['[[1,"a', false],
	['1]]', false],
	['[1,2]', false],
	['', false],
])('%s is a whole line of rows by its ends: %s', (text, expected) => {
	expect(isWholeRows(encode(text))).toBe(expected);
});
