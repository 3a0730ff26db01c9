import { assert } from '../lib/assert.ts';

/**
 * The logical shard of a member: FNV-1a (32 bit) over the id's characters, modulo `count`.
 * Written down here because it is fixed for ever: headquarters and terminals must agree on it across versions.
 */
export function shardOf(memberId: string, count: number): number {
	assert(count > 0, 'there is a shard');
	let hash = 0x811c9dc5;
	for (let index = 0; index < memberId.length; index += 1) {
		hash ^= memberId.charCodeAt(index);
		hash = Math.imul(hash, 0x01000193);
	}
	return (hash >>> 0) % count;
}
