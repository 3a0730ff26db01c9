import { z } from 'zod';
import { CursorSchema } from '#shared/domain/ids.ts';
import type { Cursor } from '#shared/domain/ids.ts';
import { openCheckpointer } from '../checkpointer.ts';
import type { Checkpointer } from '../checkpointer.ts';
import { openConnection } from '../connection.ts';
import type { Connection, Executor } from '../connection.ts';
import { SqliteError } from '../sqlite-error.ts';
import { REPLICA_APPLICATION_ID, REPLICA_VERSION } from './replica-schema.ts';

/** Where in the feed the rows are; stored with them. */
export type FeedPlace = { readonly hqEpoch: number; readonly cursor: Cursor; readonly asOfMs: number; readonly rows: number };

/** A complete replica, open: look-ups have a connection of their own and never wait for a page of changes. */
export type LiveReplica = {
	readonly reader: Connection;
	readonly writer: Connection;
	readonly checkpointer: Checkpointer;
	place: FeedPlace;
};

/** A log of this size is moved into the file in the background. */
const LOG_BYTES = 16 * 1024 ** 2;
const COMMITS_PER_LOOK = 16;
/** Only should the background fail: pages in the log at which a commit does it itself. */
const LOG_PAGES_MAX = 32_768;

/** The most that SQLite maps. Look-ups then read from the system's cache without a copy: a tenth less at the 99th percentile. */
const MMAP_BYTES = 0x7fff_0000;

const READING = { mmap_size: MMAP_BYTES, temp_store: 'MEMORY', query_only: 1 };
/** NORMAL: after a power cut the last pages of the feed may be missing, with their cursor. They are fetched again. */
const WRITING = {
	journal_mode: 'WAL',
	synchronous: 'NORMAL',
	secure_delete: 1,
	wal_autocheckpoint: LOG_PAGES_MAX,
	// A log that has been moved is cut when it is begun anew: its size tells what is still to be moved.
	journal_size_limit: LOG_BYTES / 4,
	cache_size: -8192,
	temp_store: 'MEMORY',
};

const StateSchema = z.object({
	snapshot: z.string(),
	hq_epoch: z.int(),
	cursor: CursorSchema,
	as_of: z.int(),
	is_complete: z.int(),
	rows: z.int(),
});

/** The one row of `sync_state` with the number of members. */
export async function readSyncState(executor: Executor): Promise<z.infer<typeof StateSchema>> {
	// Rows are removed by a replacement of shards alone, which counts, so that the highest rid tells their number without looking at a million.
	return StateSchema.parse(
		await executor.get(`
			SELECT snapshot, hq_epoch, cursor, as_of, is_complete,
				coalesce((SELECT max(rid) FROM main.member), 0) - rows_removed AS rows
			FROM main.sync_state WHERE id = 1`),
	);
}

export type FileJudgement = 'usable' | 'damaged' | 'newer_version' | 'older_version';

/**
 * What a file is, by its header, its length and its state; reading all of a large one at every start would take seconds, so that damage
 * further inside shows when it is met.
 */
export async function judgeFile(file: string): Promise<FileJudgement> {
	try {
		const connection = await openConnection({ file, mode: 'existing', pragmas: {} });
		try {
			const id = (await connection.get('PRAGMA application_id'))?.['application_id'];
			const version = Number((await connection.get('PRAGMA user_version'))?.['user_version']);
			if (id !== REPLICA_APPLICATION_ID) return 'damaged';
			if (version !== REPLICA_VERSION) return version > REPLICA_VERSION ? 'newer_version' : 'older_version';
			return (await readSyncState(connection)).is_complete === 1 ? 'usable' : 'damaged';
		} finally {
			await connection.close();
		}
	} catch (cause) {
		if (cause instanceof SqliteError || cause instanceof z.ZodError) return 'damaged';
		throw cause;
	}
}

export async function openLive(file: string): Promise<LiveReplica> {
	const opened: Connection[] = [];
	try {
		const writer = await openConnection({ file, mode: 'existing', pragmas: WRITING });
		opened.push(writer);
		const reader = await openConnection({ file, mode: 'existing', pragmas: READING });
		opened.push(reader);
		const state = await readSyncState(reader);
		const checkpointer = await openCheckpointer({ file, commitsPerLook: COMMITS_PER_LOOK, logBytes: LOG_BYTES, pragmas: WRITING });
		const place = { hqEpoch: state.hq_epoch, cursor: state.cursor, asOfMs: state.as_of, rows: state.rows };
		return { reader, writer, checkpointer, place };
	} catch (cause) {
		for (const connection of opened) await connection.close();
		throw cause;
	}
}

export async function closeLive({ reader, writer, checkpointer }: LiveReplica): Promise<void> {
	await checkpointer.close();
	await reader.close();
	await writer.close();
}
