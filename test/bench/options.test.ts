import { expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { readOptions, SCENARIOS } from './options.ts';
import type { BenchOptions } from './options.ts';

function read(...args: readonly string[]): BenchOptions {
	const options = readOptions(args);
	return must(options.ok ? options.value : null, 'options');
}

test('without a name everything but the quick look is run, in moderate sizes', () => {
	const options = read();
	expect(options.scenarios).toEqual(SCENARIOS.filter((name) => name !== 'quick'));
	expect(options).toMatchObject({ members: 100_000, peerMembers: 100_000, runs: 5, hasPeers: true, isRecorded: false });
});

test('the quick look alone is taken at a million', () => {
	expect(read('quick').members).toBe(1_000_000);
	expect(read('quick', '--members', '20000').members).toBe(20_000);
	expect(read('quick', 'lookup').members).toBe(100_000);
});

test('peers load as many members as asked for, up to what the weakest of them holds', () => {
	expect(read('hydrate', '--members', '50000').peerMembers).toBe(50_000);
	expect(read('hydrate', '--members', '1000000').peerMembers).toBe(200_000);
	expect(read('hydrate', '--members', '1000000', '--peer-members', '400000').peerMembers).toBe(400_000);
});

test.each([
	[['nothing'], /no such scenario/],
	[['--members', '12'], /--members is at least 1000/],
	[['--runs', 'many'], /--runs is a number/],
	[['--fast'], /fast/],
])('%j is refused with a sentence', (args, sentence) => {
	const options = readOptions(args);
	expect(options.ok ? '' : options.error).toMatch(sentence);
});
