import { expect, test } from 'vitest';
import { assert, AssertionError, must, unreachable } from './assert.ts';
import { fail, ok } from './result.ts';

test('assert passes what holds and stops what does not, building the message only then', () => {
	let built = 0;
	const message = (): string => {
		built += 1;
		return 'points are whole';
	};
	expect(() => assert(true, message)).not.toThrow();
	expect(built).toBe(0);
	expect(() => assert(0, message)).toThrow(new AssertionError('points are whole'));
	expect(built).toBe(1);
	expect(() => assert(null, 'plain')).toThrow('plain');
});

test('must gives back what is there, falsy or not, and names what is not', () => {
	expect(must(0, 'zero')).toBe(0);
	expect(must('', 'nothing typed')).toBe('');
	expect(must(false, 'no')).toBe(false);
	expect(() => must(null, 'the outlet')).toThrow('missing: the outlet');
	expect(() => must(undefined, 'the outlet')).toThrow(AssertionError);
});

test('unreachable names the value that nobody handles', () => {
	// What a caller without types could pass; TypeScript would not let it compile.
	const value: unknown = { kind: 'new' };
	expect(() => unreachable(value as never)).toThrow('unreachable: {"kind":"new"}');
});

test('a result is plain data', () => {
	expect(JSON.parse(JSON.stringify([ok(1), fail('no')]))).toEqual([
		{ ok: true, value: 1 },
		{ ok: false, error: 'no' },
	]);
});
