import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepEpoch, readKeptEpoch } from './kept-epoch.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'regulars-epoch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('nothing is kept at first, then the last one', () => {
	expect(readKeptEpoch(folder)).toBe(0);
	keepEpoch(folder, 1);
	keepEpoch(folder, 3);
	keepEpoch(folder, 3);
	expect(readKeptEpoch(folder)).toBe(3);
});

test('a file that is damaged is an error, not a guess', () => {
	writeFileSync(join(folder, 'epoch.json'), '{"epoch": 0}');
	expect(() => readKeptEpoch(folder)).toThrow(/epoch/);
});
