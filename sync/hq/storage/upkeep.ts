import type { HqContext } from '../context.ts';
import type { Database } from './database.ts';

const INTERVAL_MS = 10_000;
/** Written ahead since the last checkpoint. A crash is recovered from at some 20 MB a second, so that a start stays below ten seconds. */
const WAL_BYTES_MAX = 64 * 1024 * 1024;

/** A table is worth cleaning when this part of it, and at least this many rows, are dead; analysing likewise for changed rows. */
const DUE = `
SELECT relname AS name, n_dead_tup > 1000 + n_live_tup * 0.2 AS "isDirty" FROM pg_stat_user_tables
WHERE n_dead_tup > 1000 + n_live_tup * 0.2 OR n_mod_since_analyze > 1000 + n_live_tup * 0.2
ORDER BY n_dead_tup DESC, n_mod_since_analyze DESC LIMIT 1`;

export type UpkeepContext = Pick<HqContext, 'database' | 'timers' | 'logger' | 'stopping'>;

/**
 * Does for the embedded database what PostgreSQL's background processes do: PGlite has none, so that its log would grow without
 * end (13 GB after ten rewrites of a 1 GB table) and dead rows would stay. A server does this itself, and nothing runs for it.
 */
export function startUpkeep(context: UpkeepContext): void {
	const { database, timers, logger, stopping } = context;
	if (database.kind !== 'pglite') return;
	const round = async (): Promise<void> => {
		try {
			await keepUp(database);
		} catch (error) {
			if (!stopping.aborted) logger.error({ error }, 'upkeep of the database failed');
		}
		schedule();
	};
	const schedule = (): void => {
		if (stopping.aborted) return;
		const cancel = timers.after(INTERVAL_MS, () => void round());
		stopping.addEventListener('abort', cancel, { once: true });
	};
	schedule();
}

/** One round: a checkpoint if the log is long, then the table that needs it most. Exported for the test and for the end of an import. */
export async function keepUp(database: Database): Promise<void> {
	const [wal] = await database.query<{ bytes: number }>(
		'SELECT (pg_current_wal_insert_lsn() - redo_lsn)::bigint AS bytes FROM pg_control_checkpoint()',
	);
	if (wal !== undefined && wal.bytes > WAL_BYTES_MAX) await database.exec('CHECKPOINT');
	// What this session has changed is counted a second later otherwise.
	await database.exec('SELECT pg_stat_force_next_flush()');
	const [due] = await database.query<{ name: string; isDirty: boolean }>(DUE);
	if (due === undefined) return;
	// The name is a table's of ours, from the catalogue.
	await database.exec(due.isDirty ? `VACUUM (ANALYZE) "${due.name}"` : `ANALYZE "${due.name}"`);
}
