/**
 * The port to headquarters' database: PostgreSQL's dialect, by two implementations (`pglite.ts` embedded, `postgres.ts` a server).
 * Both answer the same JavaScript values for the same SQL: `bigint` and `integer` as numbers (counters stay far inside 2^53),
 * `jsonb` parsed, `uuid` and `text` as strings, `boolean` as booleans. Cast every `sum()` and `count()` to `bigint` or `int`:
 * uncast they are `numeric` or string. A `jsonb` parameter is passed as a string that holds JSON.
 */

/** Runs SQL. Values go in as `$1`, `$2` …; `T` is the row that the statement's column list promises. */
export type Queryable = {
	/** One statement, its rows. Rejects with an error that has PostgreSQL's `code` (SQLSTATE). */
	readonly query: <T>(sql: string, params?: readonly unknown[]) => Promise<T[]>;
	/** Any number of statements without values, such as DDL or `SAVEPOINT`. */
	readonly exec: (sql: string) => Promise<void>;
};

/** The database itself. `tx` commits when `run` resolves, rolls back when it rejects, and rejects with the same error. READ COMMITTED. */
export type Database = Queryable & {
	readonly kind: 'pglite' | 'postgresql';
	readonly tx: <T>(run: (tx: Queryable) => Promise<T>) => Promise<T>;
	/** The same data by a connection that no request waits for or holds up, for what everybody waits for. The embedded database has but one. */
	readonly urgent: Queryable;
	/** Waits for what runs, then lets go of files and connections. May be called twice. */
	readonly close: () => Promise<void>;
};

/** The SQLSTATE of what a query rejected with, or `null` when the error is not the database's. */
export function sqlStateOf(error: unknown): string | null {
	if (!(error instanceof Error) || !('code' in error)) return null;
	return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

/**
 * Whether the transaction lost against another one and may be run again as it is: serialization failure (40001), deadlock (40P01),
 * and unique violation (23505), which is how two first sights of one id, card or sale meet. The second run sees what the first wrote.
 */
export function isRetryable(error: unknown): boolean {
	const state = sqlStateOf(error);
	return state === '40001' || state === '40P01' || state === '23505';
}

/** Whether the database refused because of the values of a statement: data exception (22…) or constraint (23…). */
export function isDataError(error: unknown): boolean {
	const state = sqlStateOf(error);
	return state !== null && (state.startsWith('22') || state.startsWith('23'));
}

/** Whether the database cannot be reached or is going down: connection (08…), resources (53…), operator intervention (57…). */
export function isUnavailable(error: unknown): boolean {
	const state = sqlStateOf(error);
	if (state !== null) return state.startsWith('08') || state.startsWith('53') || state.startsWith('57');
	if (!(error instanceof Error) || !('code' in error)) return false;
	return typeof error.code === 'string' && ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT'].includes(error.code);
}
