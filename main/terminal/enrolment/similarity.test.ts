import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldName } from '../member/names.ts';
import { nameSimilarity, similarity } from './similarity.ts';

test.each([
	['', '', 1],
	['abc', 'abc', 1],
	['abc', 'abd', 2 / 3],
	['abc', 'ab', 2 / 3],
	['abc', '', 0],
	['kitten', 'sitting', 1 - 3 / 7],
])('%j and %j are %d alike', (one, other, alike) => {
	expect(similarity(one, other)).toBeCloseTo(alike, 10);
});

test.each([
	[['Ágnes', 'Kovács'], ['Agnes', 'Kovacs'], true],
	[['Ágnes', 'Kovács'], ['Ágnes', 'Kováts'], true],
	[['Ágnes', 'Kovács'], ['Kovács', 'Ágnes'], true],
	[['Ágnes', 'Kovács'], ['Ágota', 'Kovács'], false],
	[['Ágnes', 'Kovács'], ['Ágnes', 'Nagy'], false],
	[['Anna', 'Kiss'], ['Anna', 'Kis'], true],
	[['Anna', 'Kiss'], ['Hanna', 'Nagy'], false],
] as const)('%j and %j may be one person: %s', ([first, last], [otherFirst, otherLast], mayBe) => {
	const alike = nameSimilarity([foldName(first), foldName(last)], [foldName(otherFirst), foldName(otherLast)]);
	expect(alike >= 0.8).toBe(mayBe);
});

test('is between 0 and 1, the same both ways, and 1 only for the same', () => {
	fc.assert(
		fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (one, other) => {
			const alike = similarity(one, other);
			expect(alike).toBeGreaterThanOrEqual(0);
			expect(alike).toBeLessThanOrEqual(1);
			expect(similarity(other, one)).toBe(alike);
			expect(alike === 1).toBe(one === other);
		}),
	);
});
