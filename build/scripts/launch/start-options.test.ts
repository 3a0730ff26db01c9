import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../root.ts';
import { readStartOptions } from './start-options.ts';

test('nothing starts 50,000 invented members with a window', () => {
	expect(readStartOptions([], '/elsewhere')).toEqual({
		kind: 'start',
		options: { data: join(ROOT, '.data'), members: 50_000, importFile: null, isWindowWanted: true, isTraining: false, locale: null },
	});
});

test('every option is read, and paths begin where the person stands', () => {
	const args = ['--import', 'package.json', '--data', 'x', '--no-window', '--training', '--locale', 'hu'];
	expect(readStartOptions(args, ROOT)).toEqual({
		kind: 'start',
		options: {
			data: join(ROOT, 'x'),
			members: null,
			importFile: join(ROOT, 'package.json'),
			isWindowWanted: false,
			isTraining: true,
			locale: 'hu',
		},
	});
	expect(readStartOptions(['--members', '300'], ROOT)).toMatchObject({ options: { members: 300 } });
	expect(readStartOptions(['--help', '--members', '7'], ROOT)).toEqual({ kind: 'help' });
});

test.each([
	[['--members', 'many'], /whole number/],
	[['--members', '-1'], /--members/],
	[['--members', ''], /whole number/],
	[['--members', '1.5'], /whole number/],
	[['--members', '99999999'], /10,000,000/],
	[['--members', '5', '--import', 'package.json'], /exclude/],
	[['--import', 'missing.csv'], /no file .*missing\.csv/],
	[['--window'], /--window/],
	[['5000'], /5000/],
])('%j is refused with a sentence', (args, sentence) => {
	expect(readStartOptions(args, ROOT)).toEqual({ kind: 'wrong', sentence: expect.stringMatching(sentence) });
});
