import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AssertionError } from '../lib/assert.ts';
import { shardOf } from './shard.ts';

const SHARDS = 64;

// Fixed for ever: a changed value here would send a member's changes to a shard that no terminal reads them from.
test.each([
	['', 2166136261 % SHARDS],
	['a', 0xe40c292c % SHARDS],
	['foobar', 0xbf9cf968 % SHARDS],
	['CUST000001', 5],
	['0519001', 23],
	['017f22e2-79b0-7cc3-98c4-dc0c0c07398f', 10],
])('the shard of %j is %i', (id, shard) => {
	expect(shardOf(id, SHARDS)).toBe(shard);
});

test('is a whole number below the count', () => {
	fc.assert(
		fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), fc.integer({ min: 1, max: 1024 }), (id, count) => {
			const shard = shardOf(id, count);
			expect(Number.isInteger(shard)).toBe(true);
			expect(shard).toBeGreaterThanOrEqual(0);
			expect(shard).toBeLessThan(count);
		}),
	);
});

test('spreads neighbouring ids: no shard of 64 gets twice its share of 64,000', () => {
	const sizes = new Array<number>(SHARDS).fill(0);
	for (let index = 0; index < 64_000; index += 1) {
		const shard = shardOf(`CUST${String(index).padStart(6, '0')}`, SHARDS);
		sizes[shard] = (sizes[shard] ?? 0) + 1;
	}
	expect(Math.max(...sizes)).toBeLessThan(2000);
	expect(Math.min(...sizes)).toBeGreaterThan(500);
});

test('asserts that there is a shard', () => {
	expect(() => shardOf('a', 0)).toThrow(AssertionError);
});
