import { expect, test } from 'vitest';
import { parseRange } from './byte-range.ts';

test.each([
	[undefined, { kind: 'whole' }],
	['bytes=0-99', { kind: 'part', first: 0, last: 99 }],
	['bytes=10-', { kind: 'part', first: 10, last: 99 }],
	['bytes=10-10', { kind: 'part', first: 10, last: 10 }],
	['bytes=90-500', { kind: 'part', first: 90, last: 99 }],
	['bytes=-5', { kind: 'part', first: 95, last: 99 }],
	['bytes=-500', { kind: 'part', first: 0, last: 99 }],
	['bytes=100-', { kind: 'unsatisfiable' }],
	['bytes=-0', { kind: 'unsatisfiable' }],
	['bytes=-', { kind: 'whole' }],
	['bytes=9-5', { kind: 'whole' }],
	['bytes=0-1,5-6', { kind: 'whole' }],
	['lines=0-1', { kind: 'whole' }],
	['bytes=99999999999999999999-', { kind: 'whole' }],
])('of a hundred bytes, %j asks for %j', (header, range) => {
	expect(parseRange(header, 100)).toEqual(range);
});
