import pg from 'pg';
import { sqlStateOf } from './database.ts';
import type { Database, Queryable } from './database.ts';

/** Connections of one headquarters process. Above the number of cores of a small server more of them only wait on each other. */
const CONNECTIONS_MAX = 16;
/** Besides them: one for the publisher, and one so that a heads' reading never waits for its round. */
const URGENT_CONNECTIONS_MAX = 2;
const CONNECT_TIMEOUT_MS = 10_000;
/** A statement that runs longer has lost its caller. */
const STATEMENT_TIMEOUT_MS = 60_000;
const INT8 = 20;
/** Texts of transactions that each connection keeps prepared. They are constants of this program; any beyond are planned each time. */
const PREPARED_MAX = 200;

/** A PostgreSQL server (15 or later), by its `postgresql://…` address. `onError` hears of idle connections that break. */
export function openPostgres(url: string, onError: (error: Error) => void): Database {
	const types = {
		getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
	};
	const openPool = (max: number): pg.Pool => {
		const pool = new pg.Pool({
			connectionString: url,
			max,
			connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
			statement_timeout: STATEMENT_TIMEOUT_MS,
			application_name: 'regulars-hq',
			types,
		});
		pool.on('error', onError);
		return pool;
	};
	const nameOf = createNames();
	const [pool, urgentPool] = [openPool(CONNECTIONS_MAX), openPool(URGENT_CONNECTIONS_MAX)];
	let closing: Promise<void> | null = null;
	return {
		kind: 'postgresql',
		...queryableOfPool(pool),
		urgent: queryableOfPool(urgentPool),
		tx: (run) => withConnection(pool, (connection, discard) => runInTransaction({ connection, discard, nameOf }, run)),
		close: () => (closing ??= Promise.all([pool.end(), urgentPool.end()]).then(() => undefined)),
	};
}

function queryableOfPool(pool: pg.Pool): Queryable {
	return {
		query: (sql, params) =>
			withConnection(
				pool,
				runAlone((connection) => connection.query(sql, params)),
			),
		exec: (sql) =>
			withConnection(
				pool,
				runAlone((connection) => connection.exec(sql)),
			),
	};
}

async function withConnection<T>(pool: pg.Pool, run: Run<T>): Promise<T> {
	const connection = await connect(pool);
	let isBroken = false;
	const discard = (): void => {
		isBroken = true;
	};
	// The pool hears of idle ones only. What breaks while it is ours between two statements would otherwise end the process.
	connection.on('error', discard);
	try {
		return await run(connection, discard);
	} finally {
		connection.off('error', discard);
		// One in an unknown state is thrown away, not given to the next caller.
		connection.release(isBroken);
	}
}

/** Work with one connection. `discard` says that it cannot be used again. */
type Run<T> = (connection: pg.PoolClient, discard: () => void) => Promise<T>;

/** No connection to be had: the server is away, or all connections stayed busy for too long. `code` says so in SQL's way (08000). */
export class ConnectionFailed extends Error {
	override readonly name = 'ConnectionFailed';
	readonly code = '08000';
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
	try {
		return await pool.connect();
	} catch (error) {
		throw new ConnectionFailed('no connection to the database', { cause: error });
	}
}

function runAlone<T>(run: (connection: Queryable) => Promise<T>): Run<T> {
	return async (connection, discard) => {
		try {
			return await run(queryableOf(connection));
		} catch (error) {
			// The server's own errors leave a connection as it was; anything else happened to the connection.
			if (sqlStateOf(error) === null) discard();
			throw error;
		}
	};
}

/** The name under which a connection keeps a statement, or nothing when there are too many. */
type NameOf = (sql: string) => string | undefined;

function createNames(): NameOf {
	const names = new Map<string, string>();
	return (sql) => {
		if (!names.has(sql) && names.size < PREPARED_MAX) names.set(sql, `regulars_${names.size}`);
		return names.get(sql);
	};
}

type Held = { readonly connection: pg.PoolClient; readonly discard: () => void; readonly nameOf: NameOf };

/** Its statements are planned once per connection: planning was a sixth of a push. */
async function runInTransaction<T>({ connection, discard, nameOf }: Held, run: (tx: Queryable) => Promise<T>): Promise<T> {
	try {
		await connection.query('BEGIN');
		const value = await run(queryableOf(connection, nameOf));
		await connection.query('COMMIT');
		return value;
	} catch (error) {
		// When this fails too, the connection is dead, and the transaction with it.
		await connection.query('ROLLBACK').catch(discard);
		throw error;
	}
}

function queryableOf(connection: pg.PoolClient, nameOf: NameOf = () => undefined): Queryable {
	return {
		query: async <T>(sql: string, params: readonly unknown[] = []) => {
			const name = nameOf(sql);
			const result = await connection.query({ text: sql, values: [...params], ...(name === undefined ? {} : { name }) });
			// The driver's rows are untyped; the statement's column list promises `T`.
			return result.rows as T[];
		},
		exec: async (sql) => {
			await connection.query(sql);
		},
	};
}
