import { z } from 'zod';
import { SHARD_COUNT } from './limits.ts';

/** Digests are below it; sums of digests are taken modulo it. 2^40. */
export const DIGEST_LIMIT = 1_099_511_627_776;

/** Statuses that a digest covers, with the number of each. Whoever has left is not covered: tombstones go at different times here and there. */
export const DIGEST_STATUSES = ['active', 'inactive', 'suspended', 'stub'] as const;

/** The largest prime below 2^40, and the two factors: with them no product of the formula reaches 2^63. */
export const DIGEST_PRIME = 1_099_511_627_689;
export const DIGEST_FOLD = 4_999_999;
export const DIGEST_VERSIONS = 4_000_037;

/** Hexadecimal digits of an id that count, from its end (its last 24 characters), in windows that fit an integer. */
export const DIGEST_WINDOW = 12;
export const DIGEST_WINDOWS = 4;

/** Of one shard: members who have not left, and the sum of their digests modulo `DIGEST_LIMIT`. */
export const ShardDigestSchema = z.object({
	shard: z
		.int()
		.min(0)
		.max(SHARD_COUNT - 1),
	rows: z.int().min(0),
	sum: z
		.int()
		.min(0)
		.max(DIGEST_LIMIT - 1),
});
export type ShardDigest = z.infer<typeof ShardDigestSchema>;

/**
 * `GET /feed/digests?cursor=…`: the digests of those shards whose feed ends at the place of `cursor` and in which nothing waits for a number.
 * For them a replica at that place must have the same. A shard that is missing cannot be compared now. 410 as for the feed.
 */
export const DigestsResponseSchema = z.object({ hq_epoch: z.int().min(1), shards: z.array(ShardDigestSchema).max(SHARD_COUNT) });
export type DigestsResponse = z.infer<typeof DigestsResponseSchema>;

type Digested = { readonly id: string; readonly ver: number; readonly status: string };

/**
 * The digest of a member in a version, or `null` for one who has left. The same formula stands in the SQL of headquarters
 * (`sync/hq/feed/digests.ts`) and of the replica (`sync/storage/replica/replica-digests.ts`), in 64-bit integers without overflow.
 */
export function memberDigest({ id, ver, status }: Digested): number | null {
	const statusNumber = DIGEST_STATUSES.findIndex((known) => known === status);
	if (statusNumber === -1) return null;
	const length = DIGEST_WINDOW * DIGEST_WINDOWS;
	// Ids are ASCII.
	const hex = Array.from(id, (sign) => sign.charCodeAt(0).toString(16).padStart(2, '0')).join('');
	const padded = `${'0'.repeat(length)}${hex}`.slice(-length);
	const prime = BigInt(DIGEST_PRIME);
	let key = 0n;
	for (let at = 0; at < length; at += DIGEST_WINDOW) {
		key = (key * BigInt(DIGEST_FOLD) + BigInt(`0x${padded.slice(at, at + DIGEST_WINDOW)}`)) % prime;
	}
	const version = 1n + ((BigInt(ver) * 8n + BigInt(statusNumber)) % BigInt(DIGEST_VERSIONS));
	return Number(((1n + (key % (prime - 1n))) * version) % prime);
}
