import { PGlite } from '@electric-sql/pglite';
import type { Database, Queryable } from './database.ts';
import { DurableFolder, durableStartParams } from './durable-folder.ts';

/**
 * PostgreSQL in this process, in the folder `dataDir` or, without one, in memory. One connection: transactions queue up.
 * The folder is one process's alone: take the lock of `folder-lock.ts` first. A commit is on disk before it is answered.
 */
export async function openPglite(dataDir?: string): Promise<Database> {
	return openPgliteIn(dataDir === undefined ? null : new DurableFolder(dataDir));
}

/** As `openPglite`, in a folder that is already described. */
export async function openPgliteIn(folder: DurableFolder | null): Promise<Database> {
	const pglite = await PGlite.create(folder === null ? {} : { fs: folder, startParams: durableStartParams(PGlite.defaultStartParams) });
	let closing: Promise<void> | null = null;
	const queryable = queryableOf(pglite);
	return {
		kind: 'pglite',
		...queryable,
		urgent: queryable,
		tx: (run) => pglite.transaction((tx) => run(queryableOf(tx))),
		close: () => (closing ??= pglite.close()),
	};
}

function queryableOf(runner: Pick<PGlite, 'query' | 'exec'>): Queryable {
	return {
		query: async <T>(sql: string, params: readonly unknown[] = []) => (await runner.query<T>(sql, [...params])).rows,
		exec: async (sql) => {
			await runner.exec(sql);
		},
	};
}
