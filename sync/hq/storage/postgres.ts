import pg from 'pg';
import { sqlStateOf } from './database.ts';
import type { Database, Queryable } from './database.ts';

/** Connections of one headquarters process. Above the number of cores of a small server more of them only wait on each other. */
const CONNECTIONS_MAX = 16;
const CONNECT_TIMEOUT_MS = 10_000;
/** A statement that runs longer has lost its caller. */
const STATEMENT_TIMEOUT_MS = 60_000;
const INT8 = 20;

/** A PostgreSQL server (15 or later), by its `postgresql://…` address. `onError` hears of idle connections that break. */
export function openPostgres(url: string, onError: (error: Error) => void): Database {
	const types = {
		getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
	};
	const pool = new pg.Pool({
		connectionString: url,
		max: CONNECTIONS_MAX,
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		statement_timeout: STATEMENT_TIMEOUT_MS,
		application_name: 'regulars-hq',
		types,
	});
	pool.on('error', onError);
	let closing: Promise<void> | null = null;
	const withConnection = async <T>(run: Run<T>): Promise<T> => {
		const connection = await connect(pool);
		let isBroken = false;
		try {
			return await run(connection, () => {
				isBroken = true;
			});
		} finally {
			// One in an unknown state is thrown away, not given to the next caller.
			connection.release(isBroken);
		}
	};
	return {
		kind: 'postgresql',
		query: (sql, params) => withConnection(runAlone((connection) => connection.query(sql, params))),
		exec: (sql) => withConnection(runAlone((connection) => connection.exec(sql))),
		tx: (run) => withConnection((connection, discard) => runInTransaction({ connection, discard }, run)),
		close: () => (closing ??= pool.end()),
	};
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

type Held = { readonly connection: pg.PoolClient; readonly discard: () => void };

async function runInTransaction<T>({ connection, discard }: Held, run: (tx: Queryable) => Promise<T>): Promise<T> {
	try {
		await connection.query('BEGIN');
		const value = await run(queryableOf(connection));
		await connection.query('COMMIT');
		return value;
	} catch (error) {
		// When this fails too, the connection is dead, and the transaction with it.
		await connection.query('ROLLBACK').catch(discard);
		throw error;
	}
}

function queryableOf(connection: pg.PoolClient): Queryable {
	return {
		query: async <T>(sql: string, params: readonly unknown[] = []) => {
			const result = await connection.query(sql, [...params]);
			// The driver's rows are untyped; the statement's column list promises `T`.
			return result.rows as T[];
		},
		exec: async (sql) => {
			await connection.query(sql);
		},
	};
}
