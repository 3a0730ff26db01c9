import { z } from 'zod';
import { assert } from '#shared/lib/assert.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import { openConnection } from '../connection.ts';
import type { Connection, Executor } from '../connection.ts';
import { SqliteError } from '../sqlite-error.ts';
import { readSyncState } from './live-replica.ts';
import { removeDatabase } from './replica-files.ts';
import { toReplicaError } from './replica-error.ts';
import { COLUMN_NAMES, COLUMNS_OF_VALUE, FINISHING, ID_INDEX, REPLICA_APPLICATION_ID, REPLICA_VERSION, TABLES } from './replica-schema.ts';

/** Measured with a million rows: see README.md. */
const PAGE_BYTES = 8192;

/**
 * With a rollback journal and FULL every file of the snapshot is either in, with its mark, or not, whatever happens to the process or the
 * machine. It costs nothing measurable here: rows are only appended, and pages that did not exist before need no journal.
 */
const LOADING = {
	page_size: PAGE_BYTES,
	journal_mode: 'TRUNCATE',
	synchronous: 'FULL',
	// 8 MiB: rows are only appended, and the sorts for the indexes spill at this size. 64 MiB took 130 MiB more memory and no time less.
	cache_size: -8192,
};

const INSERT = `INSERT INTO member (${COLUMN_NAMES}) SELECT ${COLUMNS_OF_VALUE.join(', ')} FROM jsonb_each(?1)`;

/** Of rows that are twice in a snapshot (a member moved in its order while it was written) the newer stays. */
const REMOVE_DOUBLES = `
	DELETE FROM member WHERE rid IN (
		SELECT rid FROM (SELECT rid, row_number() OVER (PARTITION BY id ORDER BY ver DESC, rid) AS place FROM member) WHERE place > 1
	)`;

/** A file that is being filled. Owns `replica.loading.db` while it is open; what is in it survives everything but `discard`. */
export type FirstLoad = {
	readonly isLoaded: (path: string) => boolean;
	readonly addFile: (path: string, lines: readonly Uint8Array[]) => Promise<Result<{ readonly rows: number }, LoyaltyError>>;
	/** Makes the file complete and closes it. Afterwards it only has to be put in its place. */
	readonly complete: () => Promise<Result<{ readonly rows: number }, LoyaltyError>>;
	/** For a load of shards: only checks that all rows are there and makes ids unique, and closes the file. */
	readonly gather: () => Promise<Result<{ readonly rows: number }, LoyaltyError>>;
	/** Interrupts what runs and closes the file; calls afterwards fail. */
	readonly end: () => Promise<void>;
};

/** Goes on with the load of this snapshot if one was begun in `file`, otherwise begins anew. Rejects with `SqliteError`. */
export async function openFirstLoad(file: string, manifest: SnapshotManifest): Promise<FirstLoad> {
	const begun = await resume(file, manifest);
	if (begun !== null) return createFirstLoad(file, { manifest, ...begun });
	await removeDatabase(file);
	const connection = await openConnection({ file, mode: 'create', pragmas: LOADING });
	try {
		await connection.transaction(async (tx) => {
			await tx.execute(TABLES);
			await tx.run('INSERT INTO sync_state (id, snapshot, hq_epoch, cursor, as_of) VALUES (1, ?1, ?2, ?3, ?4)', [
				nameOf(manifest),
				manifest.hq_epoch,
				manifest.cursor,
				manifest.created_at,
			]);
			await tx.execute(`PRAGMA application_id=${REPLICA_APPLICATION_ID}; PRAGMA user_version=${REPLICA_VERSION}`);
		});
	} catch (cause) {
		await connection.close();
		throw cause;
	}
	return createFirstLoad(file, { manifest, connection, loaded: new Set() });
}

type Begun = { readonly connection: Connection; readonly loaded: Set<string> };

/** A load that was broken off, or `null` when there is none, or it is of another snapshot or version, or it cannot be read. */
async function resume(file: string, manifest: SnapshotManifest): Promise<Begun | null> {
	let connection: Connection | null = null;
	try {
		connection = await openConnection({ file, mode: 'existing', pragmas: LOADING });
		const version = (await connection.get('PRAGMA user_version'))?.['user_version'];
		const state = version === REPLICA_VERSION ? await readSyncState(connection) : null;
		if (state?.snapshot === nameOf(manifest) && state.hq_epoch === manifest.hq_epoch) {
			const files = await connection.all('SELECT path FROM loaded_file');
			return { connection, loaded: new Set(files.map((row) => z.string().parse(row['path']))) };
		}
	} catch (cause) {
		if (!(cause instanceof SqliteError || cause instanceof z.ZodError)) throw cause;
	}
	await connection?.close();
	return null;
}

/** What a load that is gone on with must have been begun for: the snapshot, and which of its shards from which place of ours. */
function nameOf({ snapshot, shards, cursor }: SnapshotManifest): string {
	return shards === undefined ? snapshot : `${snapshot} ${shards.map(({ shard }) => shard).join(',')} ${cursor}`;
}

const HAS_ENDED = terminalError('DISK-102', { verdict: 'retry_later', detail: 'the load has ended' });

type Loading = Begun & { readonly manifest: SnapshotManifest };

function createFirstLoad(file: string, { manifest, connection, loaded }: Loading): FirstLoad {
	const rowsOf = new Map(manifest.files.map(({ path, rows }) => [path, rows]));
	let isOpen = true;
	const hasEnded = (): boolean => !isOpen;

	async function whileOpen<T>(work: () => Promise<Result<T, LoyaltyError>>): Promise<Result<T, LoyaltyError>> {
		if (hasEnded()) return fail(HAS_ENDED);
		try {
			return await work();
		} catch (cause) {
			// Ended meanwhile: whatever failed, failed because of that.
			if (hasEnded()) return fail(HAS_ENDED);
			// To go on with it would fail at the same place for ever.
			if (cause instanceof SqliteError && cause.failure === 'damaged') await discard();
			return fail(toReplicaError(cause));
		}
	}
	async function discard(): Promise<void> {
		await close();
		await removeDatabase(file);
	}
	async function close(): Promise<void> {
		isOpen = false;
		await connection.close();
	}

	const closeIf = async (step: (connection: Connection) => Promise<boolean>): Promise<Result<{ readonly rows: number }, LoyaltyError>> => {
		assert(
			manifest.files.every(({ path }) => loaded.has(path)),
			'all files of the snapshot are loaded',
		);
		const isComplete = (await indexMembers(connection, manifest)) && (await step(connection));
		const { rows } = await readSyncState(connection);
		if (isComplete) {
			await close();
			return ok({ rows });
		}
		await discard();
		return fail(terminalError('DISK-106', { verdict: 'retry_later', detail: `${rows} rows instead of ${manifest.rows}` }));
	};

	return {
		isLoaded: (path) => loaded.has(path),
		addFile: (path, lines) =>
			whileOpen(async () => {
				const expected = rowsOf.get(path);
				assert(expected !== undefined, 'a file is of the snapshot that is being loaded');
				if (loaded.has(path)) return ok({ rows: expected });
				const rows = await connection.transaction((tx) => insertFile(tx, { path, lines, expected }));
				if (rows !== expected)
					return fail(terminalError('DISK-106', { verdict: 'retry_later', detail: `${rows} rows instead of ${expected}` }));
				loaded.add(path);
				return ok({ rows });
			}),
		complete: () => whileOpen(() => closeIf(finish)),
		gather: () => whileOpen(() => closeIf(() => Promise.resolve(true))),
		end: async () => {
			if (!isOpen) return;
			isOpen = false;
			connection.interrupt();
			await connection.close();
		},
	};
}

type File = { readonly path: string; readonly lines: readonly Uint8Array[]; readonly expected: number };

/** Answers how many rows the file has; another number than expected leaves nothing of it. */
async function insertFile(tx: Executor, { path, lines, expected }: File): Promise<number> {
	await tx.execute('SAVEPOINT file');
	let rows = 0;
	for (const line of lines) rows += (await tx.run(INSERT, [line])).changes;
	if (rows !== expected) await tx.execute('ROLLBACK TO file');
	else await tx.run('INSERT INTO loaded_file (path, rows) VALUES (?1, ?2)', [path, rows]);
	return rows;
}

/** Counts the rows and makes ids unique. `false` when rows are missing or there are too many. After a crash it is known to be done. */
function indexMembers(connection: Connection, manifest: SnapshotManifest): Promise<boolean> {
	return connection.transaction(async (tx) => {
		if ((await tx.get(`SELECT 1 FROM sqlite_schema WHERE name = 'member_id'`)) !== null) return true;
		const { rows } = await readSyncState(tx);
		if (rows !== manifest.rows) return false;
		try {
			await tx.execute(ID_INDEX);
		} catch (cause) {
			if (!(cause instanceof SqliteError && cause.failure === 'constraint')) throw cause;
			const { changes } = await tx.run(REMOVE_DOUBLES);
			await tx.run('UPDATE sync_state SET rows_removed = ?1 WHERE id = 1', [changes]);
			await tx.execute(ID_INDEX);
		}
		return true;
	});
}

/** Indexes, search and triggers, then the mark that the file is complete, and the journal of a file that is in use. */
async function finish(connection: Connection): Promise<boolean> {
	for (const step of FINISHING) await connection.transaction((tx) => tx.execute(step));
	if (!(await isWhole(connection))) return false;
	await connection.run('UPDATE sync_state SET is_complete = 1 WHERE id = 1');
	await connection.execute('PRAGMA journal_mode=WAL');
	return true;
}

const CountsSchema = z.object({ members: z.int(), ids: z.int() });

/**
 * Whether the table can be walked and its index is of the same length. Both were written a moment ago from rows whose every value was
 * checked, so that a full check (four seconds per million) would look for nothing but a broken disk.
 */
async function isWhole(connection: Connection): Promise<boolean> {
	const { members, ids } = CountsSchema.parse(
		await connection.get(`
			SELECT (SELECT count(*) FROM member NOT INDEXED) AS members,
				(SELECT count(*) FROM member INDEXED BY member_id WHERE id >= '') AS ids`),
	);
	return members === ids;
}
