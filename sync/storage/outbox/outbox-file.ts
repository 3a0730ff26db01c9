/** What an `outbox.db` is, apart from anyone who works with it: its settings, how one is made, how one is judged. */
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Random } from '#shared/lib/clock.ts';
import { openConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { migrate, readVersion } from '../migrations/migrate.ts';
import type { Migration } from '../migrations/migration.ts';
import { newIncarnation } from './outbox-context.ts';

/** Marks the file as ours: `RgOb`. */
const APPLICATION_ID = 0x52_67_4f_62;

export const OUTBOX_PAGE_BYTES = 4096;

/** Only should the background fail: pages in the log at which a commit moves it itself. */
const LOG_PAGES_MAX = 16_384;

/** The settings of a connection that writes: a commit is on the disk when it resolves. */
export const DURABLE = {
	journal_mode: 'WAL',
	synchronous: 'FULL',
	// macOS: fsync alone stops at the drive's cache. Without effect elsewhere.
	fullfsync: 1,
	checkpoint_fullfsync: 1,
	secure_delete: 1,
	// A log that has been moved is written over and keeps its length (no journal_size_limit): to flush a file that grows takes twice as long.
	wal_autocheckpoint: LOG_PAGES_MAX,
	temp_store: 'MEMORY',
};

export type NewOutbox = { readonly file: string; readonly random: Random; readonly migrations: readonly Migration[] };

/** An empty outbox in a new file, open, with an incarnation of its own. Closing it leaves one file without a log. */
export async function createOutboxFile({ file, random, migrations }: NewOutbox): Promise<Connection> {
	const connection = await openConnection({ file, mode: 'create', pragmas: { page_size: OUTBOX_PAGE_BYTES, ...DURABLE } });
	try {
		await connection.execute(`PRAGMA application_id=${APPLICATION_ID}`);
		await migrate(connection, migrations, () => `${file}.backup`);
		await connection.run('INSERT INTO state (id, incarnation, max_seq, hq_epoch, outcomes_after, skew) VALUES (1, ?1, 0, 0, 0, 0)', [
			newIncarnation(random),
		]);
		return connection;
	} catch (cause) {
		await connection.close();
		throw cause;
	}
}

/**
 * Looks at the whole file without changing a byte of it, not even by moving its log. `null`: it is sound and of a version that this program
 * knows, up to `versions`. Rejects with `SqliteError` when SQLite itself refuses it.
 */
export async function judgeOutboxFile(file: string, versions: number): Promise<LoyaltyError | null> {
	const damaged = (detail: string): LoyaltyError => terminalError('DISK-103', { verdict: 'never', detail });
	const connection = await openConnection({ file, mode: 'read_only', pragmas: {} });
	try {
		const id = await connection.get('PRAGMA application_id');
		if (id?.['application_id'] !== APPLICATION_ID) return damaged('outbox.db is not ours');
		const version = await readVersion(connection);
		if (version > versions) return terminalError('DISK-104', { verdict: 'never', values: { version } });
		const check = await connection.get('PRAGMA integrity_check(1)');
		return check?.['integrity_check'] === 'ok' ? null : damaged('integrity_check found a fault');
	} finally {
		await connection.close();
	}
}
