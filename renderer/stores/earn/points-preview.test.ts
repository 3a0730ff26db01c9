import { expect, test } from 'vitest';
import { card, programme, unknownBarcode } from '../../bridge/scripted/fixtures.ts';
import { previewPoints, tierOf, tierProgress } from './points-preview.ts';

test('the tier that headquarters named counts, whatever the tier points say', () => {
	expect(tierOf({ kind: 'member', card: card({ tierId: 'platinum', tierPoints: 0 }) }, programme).id).toBe('platinum');
});

test('a tier that this terminal does not know yet is told by the tier points', () => {
	expect(tierOf({ kind: 'member', card: card({ tierId: 'ruby', tierPoints: 2100 }) }, programme).id).toBe('silver');
});

test('an unknown card earns as a new member', () => {
	expect(previewPoints({ kind: 'unknown', barcode: unknownBarcode, asOfMs: 0, isLoading: false }, programme, 4190)).toBe(41);
});

test('the tier multiplies', () => {
	expect(previewPoints({ kind: 'member', card: card({ tierId: 'platinum' }) }, programme, 4190)).toBe(62);
});

test('the way to the next tier is told as a part of it, and as nothing at the top', () => {
	expect(tierProgress(9000, programme)).toMatchObject({ missing: 4000, part: 0.5, next: { id: 'platinum' } });
	expect(tierProgress(-50, programme)).toMatchObject({ missing: 2050, part: 0 });
	expect(tierProgress(13_000, programme)).toBeNull();
});
