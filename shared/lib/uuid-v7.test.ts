import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from './assert.ts';
import type { Random } from './clock.ts';
import { uuidV7 } from './uuid-v7.ts';

function randomOf(byte: number): Random {
	return { fraction: () => 0, bytes: (count) => new Uint8Array(count).fill(byte) };
}

test('matches the example of RFC 9562, appendix A.6', () => {
	// 017F22E2-79B0-7CC3-98C4-DC0C0C07398F: rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F, at 2022-02-22T19:22:22Z.
	const bytes = Uint8Array.from([0, 0, 0, 0, 0, 0, 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
	const random: Random = { fraction: () => 0, bytes: () => bytes };
	expect(uuidV7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('has version 7 and the RFC variant whatever the randomness', () => {
	for (const byte of [0x00, 0x55, 0xaa, 0xff]) {
		expect(uuidV7(1_700_000_000_000, randomOf(byte))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	}
});

test('sorts by time as text', () => {
	const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
	fc.assert(
		fc.property(time, time, fc.integer({ min: 0, max: 255 }), (one, other, byte) => {
			const [early, late] = one < other ? [one, other] : [other, one];
			fc.pre(early !== late);
			expect(uuidV7(early, randomOf(0xff)) < uuidV7(late, randomOf(byte))).toBe(true);
		}),
	);
});

test('gives its time back', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (nowMs) => {
			expect(Number.parseInt(uuidV7(nowMs, randomOf(7)).replaceAll('-', '').slice(0, 12), 16)).toBe(nowMs);
		}),
	);
});

test('refuses a time that does not fit and randomness that is too short', () => {
	expect(() => uuidV7(2 ** 48, randomOf(0))).toThrow(AssertionError);
	expect(() => uuidV7(-1, randomOf(0))).toThrow(AssertionError);
	expect(() => uuidV7(1.5, randomOf(0))).toThrow(AssertionError);
	expect(() => uuidV7(1, { fraction: () => 0, bytes: () => new Uint8Array(15) })).toThrow(AssertionError);
});
