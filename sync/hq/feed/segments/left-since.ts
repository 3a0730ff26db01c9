import type { Queryable } from '../../storage/database.ts';
import type { FeedPlace } from '../cursor.ts';

// Who had been merged into them has opted out with them, in the same transaction (`ledger/batch/write-world.ts`).
const LEFT_SINCE = `
SELECT m.id FROM unnest(string_to_array($1, ',')::bigint[]) WITH ORDINALITY AS c(seq, place)
JOIN member m ON m.shard = c.place - 1 AND m.seq > 0 AND m.seq > c.seq AND m.status IN ('opted_out', 'merged')
WHERE m.status = 'opted_out'`;

/** The ids of members who have opted out behind `place`, in no order. */
export async function readLeftSince(database: Queryable, place: FeedPlace): Promise<readonly string[]> {
	const rows = await database.query<{ readonly id: string }>(LEFT_SINCE, [place.seqs.join(',')]);
	return rows.map(({ id }) => id);
}
