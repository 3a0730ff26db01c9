import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const seqArbitrary = fc.oneof(fc.nat(), fc.maxSafeNat());
const placeArbitrary = fc.record({
	epoch: fc.integer({ min: 1, max: 2 ** 40 }),
	seqs: fc.array(seqArbitrary, { minLength: SHARD_COUNT, maxLength: SHARD_COUNT }),
});

test('a cursor gives back the place that it was made from', () => {
	fc.assert(
		fc.property(placeArbitrary, (place) => {
			expect(decodeCursor(encodeCursor(place))).toEqual({ ok: true, value: place });
		}),
	);
});

test('a cursor with a million changes in every shard fits in 300 characters', () => {
	const seqs = Array.from({ length: SHARD_COUNT }, () => 1_000_000);
	expect(encodeCursor({ epoch: 7, seqs }).length).toBeLessThan(300);
});

test('decoding any text ends, and accepts only what encoding makes', () => {
	const textArbitrary = fc.oneof(
		fc.string(),
		fc.uint8Array({ maxLength: 800 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
		fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from([1, ...bytes]).toString('base64url')),
		fc.nat({ max: 900 }).map((count) => Buffer.from([1, ...Array.from({ length: count }, () => 0x80)]).toString('base64url')),
	);
	fc.assert(
		fc.property(textArbitrary, (text) => {
			const decoded = decodeCursor(text);
			expect(decoded.ok ? encodeCursor(decoded.value) : text).toBe(text);
		}),
		{ numRuns: 1000 },
	);
});

test('a cursor that was cut, lengthened or changed in one character is malformed or another place, never an error', () => {
	fc.assert(
		fc.property(placeArbitrary, fc.nat(), fc.constantFrom('', 'A', '_', 'AA'), (place, at, put) => {
			const cursor = encodeCursor(place);
			const index = at % cursor.length;
			const changed = cursor.slice(0, index) + put + cursor.slice(index + 1);
			const decoded = decodeCursor(changed);
			expect(decoded.ok && changed !== cursor ? decoded.value : null).not.toEqual(place);
		}),
	);
});

test.each(['', 'AQ', 'not a cursor', 'A'.repeat(5000), Buffer.from([2, ...Array.from({ length: 65 }, () => 1)]).toString('base64url')])(
	'the text %j is malformed',
	(text) => {
		expect(decodeCursor(text)).toEqual({ ok: false, error: 'malformed' });
	},
);
