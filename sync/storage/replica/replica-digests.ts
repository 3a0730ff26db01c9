import { z } from 'zod';
import { CursorSchema } from '#shared/domain/ids.ts';
import type { Cursor } from '#shared/domain/ids.ts';
import {
	DIGEST_FOLD,
	DIGEST_LIMIT,
	DIGEST_PRIME,
	DIGEST_STATUSES,
	DIGEST_VERSIONS,
	DIGEST_WINDOW,
	DIGEST_WINDOWS,
	ShardDigestSchema,
} from '#shared/wire/digest.ts';
import type { ShardDigest } from '#shared/wire/digest.ts';
import { openConnection } from '../connection.ts';

const LENGTH = DIGEST_WINDOW * DIGEST_WINDOWS;
const STATUS_NUMBER = `CASE status ${DIGEST_STATUSES.map((status, index) => `WHEN '${status}' THEN ${index}`).join(' ')} END`;
/** JSON knows hexadecimal numbers, SQL does not. */
const KEY = Array.from({ length: DIGEST_WINDOWS }, (_, window) => window).reduce(
	(key, window) =>
		`((${key}) * ${DIGEST_FOLD} + (('0x' || substr(padded, ${1 + window * DIGEST_WINDOW}, ${DIGEST_WINDOW})) ->> '$')) % ${DIGEST_PRIME}`,
	'0',
);

/** `memberDigest` of the rows, summed up by shard. Sums of shards stay below 2^63 up to eight million members each. */
const DIGESTS = `
	SELECT shard, count(*) AS rows,
		sum(((1 + (${KEY}) % ${DIGEST_PRIME - 1}) * (1 + (ver * 8 + ${STATUS_NUMBER}) % ${DIGEST_VERSIONS})) % ${DIGEST_PRIME}) % ${DIGEST_LIMIT} AS sum
	FROM (
		SELECT shard, ver, status, substr('${'0'.repeat(LENGTH)}' || hex(id), -${LENGTH}) AS padded
		FROM member WHERE status IN (${DIGEST_STATUSES.map((status) => `'${status}'`).join(', ')})
	) GROUP BY shard`;

const PlaceSchema = z.object({ cursor: CursorSchema });

/** What the rows of a file come to, by shard, at the place that they are at. Shards without members are missing. */
export type ReplicaDigests = { readonly cursor: Cursor; readonly shards: readonly ShardDigest[] };

/** Reads every row, seconds for a million: over a connection of its own, so that no look-up waits for it. Rejects with `SqliteError`. */
export async function readDigests(file: string): Promise<ReplicaDigests> {
	const connection = await openConnection({ file, mode: 'existing', pragmas: { query_only: 1 } });
	try {
		return await connection.exclusively(async (executor) => {
			await executor.execute('BEGIN');
			const { cursor } = PlaceSchema.parse(await executor.get('SELECT cursor FROM sync_state WHERE id = 1'));
			const rows = await executor.all(DIGESTS);
			await executor.execute('COMMIT');
			return { cursor, shards: rows.map((row) => ShardDigestSchema.parse(row)) };
		});
	} finally {
		await connection.close();
	}
}
