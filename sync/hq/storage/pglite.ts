import { PGlite } from '@electric-sql/pglite';
import PQueue from 'p-queue';
import type { Database, Queryable } from './database.ts';
import { DurableFolder, durableStartParams } from './durable-folder.ts';
import { nextTurn } from './system-turn.ts';

/**
 * PostgreSQL in this process, in the folder `dataDir` or, without one, in memory. One connection: statements and transactions queue up,
 * the urgent ones before all others that wait. The folder is one process's alone: take the lock of `folder-lock.ts` first. A commit is on
 * disk before it is answered.
 */
export async function openPglite(dataDir?: string): Promise<Database> {
	return openPgliteIn(dataDir === undefined ? null : new DurableFolder(dataDir));
}

/** As `openPglite`, in a folder that is already described. */
export async function openPgliteIn(folder: DurableFolder | null): Promise<Database> {
	const pglite = await PGlite.create(folder === null ? {} : { fs: folder, startParams: durableStartParams(PGlite.defaultStartParams) });
	// PGlite's own lock knows no order of importance: under a steady flow of pushes the publisher waited for seconds.
	const queue = new PQueue({ concurrency: 1 });
	let closing: Promise<void> | null = null;
	const close = async (): Promise<void> => {
		await queue.onIdle();
		await pglite.close();
	};
	return {
		kind: 'pglite',
		...queued(queryableOf(pglite), queue, { priority: 0 }),
		urgent: queued(queryableOf(pglite), queue, { priority: 1 }),
		tx: (run) => queue.add(afterOthers(() => pglite.transaction((tx) => run(queryableOf(tx))))),
		close: () => (closing ??= close()),
	};
}

function queued({ query, exec }: Queryable, queue: PQueue, turn: { readonly priority: number }): Queryable {
	return {
		query: <T>(sql: string, params?: readonly unknown[]) =>
			queue.add(
				afterOthers(() => query<T>(sql, params)),
				turn,
			),
		exec: (sql) =>
			queue.add(
				afterOthers(() => exec(sql)),
				turn,
			),
	};
}

/**
 * The database works in this thread and answers without leaving it. As long as anybody queued, no timer and no socket would have its turn:
 * the publisher's rounds, which a timer begins, stood still for seconds.
 */
function afterOthers<T>(work: () => Promise<T>): () => Promise<T> {
	return async () => {
		await nextTurn();
		return work();
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
