import { z } from 'zod';
import { LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { MEMBER_COLUMNS } from '#shared/wire/member-row.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { Forget, GoneMember } from '../../replica/replica.ts';
import { jsonIn } from '../columns.ts';
import type { Connection, Executor, SqlRow } from '../connection.ts';
import { INDEXED_COLUMNS, PLAIN_COLUMNS } from './apply-page.ts';
import { readSyncState } from './live-replica.ts';
import type { FeedPlace, LiveReplica } from './live-replica.ts';
import { COLUMN_NAMES } from './replica-schema.ts';

/** Members in one call of `forget`. */
const GONE_BATCH = 500;

const ATTACH = 'ATTACH DATABASE ?1 AS loaded';
const DETACH = 'DETACH DATABASE loaded';

/** A row that is as new as ours is written too: in shards that were found to differ it may say something else. */
const UPDATE_INDEXED = `
	UPDATE main.member SET ${INDEXED_COLUMNS.map((column) => `${column} = line.${column}`).join(', ')}
	FROM loaded.member AS line
	WHERE member.id = line.id AND line.ver >= member.ver
		AND (${INDEXED_COLUMNS.map((column) => `line.${column} IS NOT member.${column}`).join(' OR ')})`;

const UPSERT = `
	INSERT INTO main.member (${COLUMN_NAMES}) SELECT ${MEMBER_COLUMNS.join(', ')} FROM loaded.member WHERE true ORDER BY rid
	ON CONFLICT (id) DO UPDATE SET ${PLAIN_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}
	WHERE excluded.ver >= member.ver`;

/**
 * Whoever is in one of the shards (?1: JSON array of [shard, seq]), not in the load, and whose row is not younger than it: headquarters does
 * not know them any more. In a whole load (?1 NULL) that is everybody who is not in it.
 */
const IS_GONE = `
	(?1 IS NULL OR (
		member.shard IN (SELECT value->>0 FROM json_each(?1))
		AND EXISTS (SELECT 1 FROM json_each(?1) AS part WHERE part.value->>0 = member.shard AND part.value->>1 >= member.seq)
	)) AND NOT EXISTS (SELECT 1 FROM loaded.member AS line WHERE line.id = member.id)`;

const BARCODES = `(SELECT json_group_array(value) FROM (SELECT card AS value WHERE card IS NOT NULL UNION ALL SELECT value->>0 FROM json_each(aliases)))`;
const GONE = `
	SELECT json_array(id, mobile, email, ${BARCODES}) AS gone
	FROM main.member WHERE ${IS_GONE} AND status NOT IN ('opted_out', 'merged') AND id > ?2 ORDER BY id LIMIT ${GONE_BATCH}`;
const REMOVE = `DELETE FROM main.member WHERE ${IS_GONE}`;
/** Rows are counted by the highest rid, which may be one of those that went. */
const COUNT_REMOVED = `
	UPDATE main.sync_state SET rows_removed = coalesce((SELECT max(rid) FROM main.member), 0) - (SELECT count(*) FROM main.member) WHERE id = 1`;
const SAVE_PLACE = 'UPDATE main.sync_state SET cursor = ?1 WHERE id = 1';

const GoneSchema = z.tuple([MemberIdSchema, z.string().nullable(), z.string().nullable(), z.array(LoyaltyBarcodeSchema)]);

/** Runs `work` while the loaded file is attached to the connection as `loaded`. */
function withLoaded<T>(connection: Connection, file: string, work: (executor: Executor) => Promise<T>): Promise<T> {
	return connection.exclusively(async (executor) => {
		await executor.run(ATTACH, [file]);
		try {
			return await work(executor);
		} finally {
			await executor.execute(DETACH);
		}
	});
}

function readGone(row: SqlRow): GoneMember {
	const [id, mobile, email, barcodes] = GoneSchema.parse(jsonIn(row, 'gone'));
	return { id, mobile, email, barcodes };
}

/** The members of `live` who are not in the loaded file although they should be, in portions, by `visit`. */
export async function visitGone(
	live: LiveReplica,
	{ file, shards }: { readonly file: string; readonly shards: SnapshotManifest['shards'] },
	visit: Forget,
): Promise<void> {
	let after = '';
	for (;;) {
		const rows = await withLoaded(live.writer, file, (executor) => executor.all(GONE, [partsOf(shards), after]));
		const gone = rows.map(readGone);
		if (gone.length > 0) await visit(gone);
		after = gone.at(-1)?.id ?? after;
		if (gone.length < GONE_BATCH) return;
	}
}

/**
 * Puts the rows of the loaded file in the place of the shards', in one transaction together with the cursor that goes with them; look-ups
 * answer from the old rows until it is committed. The log is emptied: a removed name is gone from the disk.
 */
export async function replaceShards(
	live: LiveReplica,
	{ file, manifest }: { readonly file: string; readonly manifest: SnapshotManifest },
): Promise<void> {
	const place = await withLoaded(live.writer, file, async (executor): Promise<FeedPlace> => {
		await executor.execute('BEGIN IMMEDIATE');
		try {
			await executor.run(UPDATE_INDEXED);
			await executor.run(UPSERT);
			await executor.run(REMOVE, [partsOf(manifest.shards)]);
			await executor.run(COUNT_REMOVED);
			await executor.run(SAVE_PLACE, [manifest.cursor]);
			const state = await readSyncState(executor);
			await executor.execute('COMMIT');
			return { hqEpoch: state.hq_epoch, cursor: state.cursor, asOfMs: state.as_of, rows: state.rows };
		} catch (cause) {
			await executor.execute('ROLLBACK');
			throw cause;
		}
	});
	live.place = place;
	await live.checkpointer.truncate();
}

function partsOf(shards: SnapshotManifest['shards']): string | null {
	return shards === undefined ? null : JSON.stringify(shards.map(({ shard, seq }) => [shard, seq]));
}
