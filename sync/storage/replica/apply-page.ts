import { z } from 'zod';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { Cursor, MemberId } from '#shared/domain/ids.ts';
import { MEMBER_COLUMNS } from '#shared/wire/member-row.ts';
import type { Executor } from '../connection.ts';
import { readSyncState } from './live-replica.ts';
import type { FeedPlace, LiveReplica } from './live-replica.ts';
import { COLUMN_NAMES, COLUMNS_OF_VALUE } from './replica-schema.ts';

export type FeedPage = {
	readonly lines: readonly Uint8Array[];
	readonly next: Cursor;
	readonly hqEpoch: number;
	readonly asOfMs: number;
};

/** `rows` that were newer than ours, and the members among them who have opted out. */
export type AppliedPage = { readonly rows: number; readonly optedOut: readonly MemberId[] };

/**
 * Columns with an index or a trigger. Naming a column in an UPDATE rewrites its index entries even when the value is the same, and most
 * changes are of points alone, so that these are written in a statement of their own, only where one of them differs.
 */
export const INDEXED_COLUMNS: readonly string[] = ['card', 'first_name', 'last_name', 'mobile', 'email', 'aliases', 'merged_into'];

const AS_COLUMNS = COLUMNS_OF_VALUE.map((value, index) => `${value} AS ${MEMBER_COLUMNS[index]}`).join(', ');

export const UPDATE_INDEXED = `
	UPDATE member SET ${INDEXED_COLUMNS.map((column) => `${column} = line.${column}`).join(', ')}
	FROM (SELECT ${AS_COLUMNS} FROM jsonb_each(?1)) AS line
	WHERE member.id = line.id AND line.ver > member.ver
		AND (${INDEXED_COLUMNS.map((column) => `line.${column} IS NOT member.${column}`).join(' OR ')})`;

/** The others but the id. */
export const PLAIN_COLUMNS = MEMBER_COLUMNS.filter((column) => column !== 'id' && !INDEXED_COLUMNS.includes(column));

export const UPSERT = `
	INSERT INTO member (${COLUMN_NAMES}) SELECT ${COLUMNS_OF_VALUE.join(', ')} FROM jsonb_each(?1) WHERE true
	ON CONFLICT (id) DO UPDATE SET ${PLAIN_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}
	WHERE excluded.ver > member.ver
	RETURNING CASE status WHEN 'opted_out' THEN id END AS opted_out, status IN ('opted_out', 'merged') AS is_tombstone`;

const ChangedSchema = z.object({ opted_out: MemberIdSchema.nullable(), is_tombstone: z.int() });

const SAVE_PLACE = 'UPDATE sync_state SET hq_epoch = ?1, cursor = ?2, as_of = ?3 WHERE id = 1';

/**
 * Applies a page line by line, each line (at most a hundred rows) in a transaction of its own, so that a look-up or the next line never
 * waits long; the place in the feed goes with the last one. A crash in between leaves rows that are newer than the cursor, and the same
 * page again changes nothing in them. When somebody has left, the log is emptied too: a deleted name is gone from the disk.
 */
export async function applyPage(live: LiveReplica, page: FeedPage): Promise<AppliedPage> {
	let rows = 0;
	let hasTombstone = false;
	const optedOut: MemberId[] = [];
	const lines = page.lines.length === 0 ? [null] : page.lines;
	for (const [index, line] of lines.entries()) {
		const isLast = index === lines.length - 1;
		const changed = await live.writer.transaction(
			(tx) => applyLine(tx, { line, page: isLast ? page : null }),
			({ place }) => {
				if (place !== null) live.place = place;
			},
		);
		live.checkpointer.noteCommit();
		rows += changed.rows.length;
		for (const row of changed.rows) {
			if (row.opted_out !== null) optedOut.push(row.opted_out);
			hasTombstone ||= row.is_tombstone === 1;
		}
	}
	if (hasTombstone) await live.checkpointer.truncate();
	else await live.checkpointer.keepUp();
	return { rows, optedOut };
}

type Line = { readonly line: Uint8Array | null; readonly page: FeedPage | null };
type Changed = { readonly rows: readonly z.infer<typeof ChangedSchema>[]; readonly place: FeedPlace | null };

async function applyLine(tx: Executor, { line, page }: Line): Promise<Changed> {
	const rows = line === null ? [] : await applyRows(tx, line);
	if (page === null) return { rows, place: null };
	await tx.run(SAVE_PLACE, [page.hqEpoch, page.next, page.asOfMs]);
	const state = await readSyncState(tx);
	return { rows, place: { hqEpoch: page.hqEpoch, cursor: page.next, asOfMs: page.asOfMs, rows: state.rows } };
}

async function applyRows(tx: Executor, line: Uint8Array): Promise<readonly z.infer<typeof ChangedSchema>[]> {
	await tx.run(UPDATE_INDEXED, [line]);
	return (await tx.all(UPSERT, [line])).map((row) => ChangedSchema.parse(row));
}
