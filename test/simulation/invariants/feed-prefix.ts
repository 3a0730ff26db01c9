import { assert } from '#shared/lib/assert.ts';
import { decodeCursor } from '#sync/hq/feed/cursor.ts';
import type { FeedPlace } from '#sync/hq/feed/cursor.ts';
import type { ReplicaMember } from '#sync/replica/replica.ts';
import type { Books, Publication } from './books.ts';
import type { Report } from './violation.ts';

export type Replicated = {
	readonly name: string;
	readonly rows: ReadonlyMap<string, ReplicaMember>;
	readonly cursor: string;
	/** Where the terminal was before, if it has only gone on since. */
	readonly since: string | null;
	/** Members of whom a row was damaged. */
	readonly damaged: ReadonlySet<string>;
};

/**
 * I6: with a cursor at `n` of a shard a replica lacks nothing that was published up to `n`, but for members that have moved on to a later place:
 * they are told of there.
 */
export function checkPrefix({ name, rows, cursor, since, damaged }: Replicated, books: Books, report: Report): void {
	const place = placeOf(cursor);
	const before = since === null ? null : placeOf(since);
	if (place.epoch !== books.epoch) report('I6', `${name}: rows of epoch ${books.epoch}, a cursor of epoch ${place.epoch}`);
	for (const [shard, seq] of place.seqs.entries()) {
		const from = before?.epoch === place.epoch ? (before.seqs[shard] ?? 0) : 0;
		if (seq < from) report('I6', `${name}: the cursor of shard ${shard} went from ${from} back to ${seq}`);
		const lacking = seq === from ? null : findLacking({ rows, damaged }, books.published.get(shard) ?? [], { from, seq });
		if (lacking !== null)
			report('I6', `${name} is at ${seq} of shard ${shard} and has not got version ${lacking.ver} of ${lacking.memberId}`);
	}
}

function findLacking(
	{ rows, damaged }: Pick<Replicated, 'rows' | 'damaged'>,
	publications: readonly Publication[],
	{ from, seq }: { readonly from: number; readonly seq: number },
): Publication | null {
	const later = new Set(publications.slice(seq).map(({ memberId }) => memberId));
	const isLacking = ({ memberId, ver }: Publication): boolean =>
		(rows.get(memberId)?.ver ?? 0) < ver && !later.has(memberId) && !damaged.has(memberId);
	return publications.slice(from, seq).find(isLacking) ?? null;
}

function placeOf(cursor: string): FeedPlace {
	const decoded = decodeCursor(cursor);
	assert(decoded.ok, 'a cursor of headquarters');
	return decoded.value;
}
