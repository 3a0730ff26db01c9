/**
 * The only file that knows the SQLite driver. A `Connection` owns one connection to one file and is reached through its queue alone:
 * a transaction has the connection from BEGIN to COMMIT or ROLLBACK, and nobody else's statement runs in between. (The driver itself
 * lets statements of concurrent callers slip into an open transaction; a ROLLBACK then takes acknowledged rows of others with it.)
 * It owns the prepared statements, made once per text and finalised before the file is closed. Nothing here survives a crash but the file.
 *
 * Each statement occupies one thread of libuv's pool while it runs; hosts start with UV_THREADPOOL_SIZE=8, so that statements of several
 * connections leave room for files, DNS and gzip.
 */
import { Database, OPEN_CREATE, OPEN_READONLY, OPEN_READWRITE } from 'sqlite3';
import type { RunResult, Statement } from 'sqlite3';
import { assert, must } from '#shared/lib/assert.ts';
import { createJobQueue } from './job-queue.ts';
import { SqliteError } from './sqlite-error.ts';

/**
 * Values as the driver binds them. Bytes are bound as a blob. A number beyond 32 bits is bound as a double: INTEGER columns of STRICT tables turn
 * it back without loss below 2^53, but in an expression it is a REAL.
 */
export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = Readonly<Record<string, unknown>>;

/** Statements with cached preparation: their texts are constants, values are bound. All of it rejects with `SqliteError`. */
export type Executor = {
	/** The rows of a statement that is run to its end, also of one with RETURNING. */
	readonly all: (sql: string, values?: readonly SqlValue[]) => Promise<readonly SqlRow[]>;
	/** The first row, or `null`. */
	readonly get: (sql: string, values?: readonly SqlValue[]) => Promise<SqlRow | null>;
	/** A statement without rows. `changes` counts its own rows, not those of triggers; `lastId` is the last rowid inserted. */
	readonly run: (sql: string, values?: readonly SqlValue[]) => Promise<{ readonly changes: number; readonly lastId: number }>;
	/** Any number of statements without values and without preparation: schema and pragmas. */
	readonly execute: (sql: string) => Promise<void>;
};

export type Connection = Executor & {
	readonly file: string;
	/**
	 * Runs `work` between BEGIN IMMEDIATE and COMMIT; rolls back when it rejects. `tx` is the only way to the connection meanwhile and is
	 * worthless afterwards; its statements are awaited one by one. Waiting for the connection itself inside `work` waits for ever.
	 * `committed` is called right after COMMIT, before anybody else's statement: the place to keep a mirror in memory in step.
	 */
	readonly transaction: <T>(work: (tx: Executor) => Promise<T>, committed?: (value: T) => void) => Promise<T>;
	/** Like `transaction` without BEGIN and COMMIT: several statements, each its own commit, with nobody else's in between. */
	readonly exclusively: <T>(work: (executor: Executor) => Promise<T>) => Promise<T>;
	/** Ends the statement that runs now, if one does, with failure `interrupted`. */
	readonly interrupt: () => void;
	/** After the jobs so far. The last connection of a WAL file also empties its log, unless it is `read_only`. */
	readonly close: () => Promise<void>;
};

export type ConnectionOptions = {
	readonly file: string;
	/** `create` makes a missing file, `existing` does not, `read_only` never changes it, not even its log. */
	readonly mode: 'create' | 'existing' | 'read_only';
	/** Applied in this order; `page_size` has an effect in a new file only. Values are ours, never input. */
	readonly pragmas: Readonly<Record<string, number | string>>;
};

/** Prepared statements per connection: all texts are constants of this folder. */
const STATEMENTS_MAX = 200;
const OPEN_FLAGS = { create: OPEN_READWRITE | OPEN_CREATE, existing: OPEN_READWRITE, read_only: OPEN_READONLY };

/**
 * Whether this SQLite may hold our data: below 3.51.3 two connections can corrupt a WAL file (https://www.sqlite.org/wal.html#walresetbug),
 * and 3.52.0 was withdrawn.
 */
export function isTrustedSqlite(version: string): boolean {
	const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
	if (major !== 3 || (minor === 52 && patch === 0)) return false;
	return minor > 51 || (minor === 51 && patch >= 3);
}

/** Opens `file`. Rejects with `SqliteError`, with nothing left open: a file that is no database is refused by the pragmas at the latest. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
	const driver = await openDatabase(options);
	const connection = createConnection(options.file, driver);
	try {
		await connection.execute(
			Object.entries({ busy_timeout: 5000, ...options.pragmas, trusted_schema: 'OFF' })
				.map(pragma)
				.join(''),
		);
		const row = must(await connection.get('SELECT sqlite_version() AS version'), 'the version of SQLite');
		assert(typeof row['version'] === 'string' && isTrustedSqlite(row['version']), 'SQLite is 3.51.3 or newer and not 3.52.0');
		return connection;
	} catch (cause) {
		await connection.close();
		throw cause;
	}
}

function pragma([name, value]: readonly [string, number | string]): string {
	assert(/^[a-z_]+$/.test(name) && /^[A-Za-z0-9-]+$/.test(String(value)), 'a pragma is a constant of ours');
	return `PRAGMA ${name}=${value};`;
}

function createConnection(file: string, driver: Database): Connection {
	const queue = createJobQueue();
	const statements = createStatements(driver);
	let isOpen = true;

	function queued<A extends unknown[], T>(job: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
		return (...args) => {
			assert(isOpen, () => `${file} is open`);
			return queue.run(() => job(...args));
		};
	}

	async function exclusively<T>(work: (executor: Executor) => Promise<T>): Promise<T> {
		const lease = leaseExecutor(statements);
		try {
			return await work(lease.executor);
		} finally {
			await lease.end();
		}
	}

	async function inTransaction<T>(work: (tx: Executor) => Promise<T>): Promise<T> {
		await statements.run('BEGIN IMMEDIATE');
		try {
			const value = await exclusively(work);
			await statements.run('COMMIT');
			return value;
		} catch (cause) {
			await rollBack(statements);
			throw cause;
		}
	}

	function transaction<T>(work: (tx: Executor) => Promise<T>, committed?: (value: T) => void): Promise<T> {
		assert(isOpen, () => `${file} is open`);
		return queue.run(async () => {
			const value = await inTransaction(work);
			committed?.(value);
			return value;
		});
	}

	return {
		file,
		all: queued(statements.all),
		get: queued(statements.get),
		run: queued(statements.run),
		execute: queued(statements.execute),
		transaction,
		exclusively: (work) => {
			assert(isOpen, () => `${file} is open`);
			return queue.run(() => exclusively(work));
		},
		interrupt: () => {
			if (isOpen) driver.interrupt();
		},
		close: async () => {
			if (!isOpen) return queue.settled();
			isOpen = false;
			return queue.run(async () => {
				await statements.finalizeAll();
				await closeDatabase(driver);
			});
		},
	};
}

/** After some failures (a full disk, for one) SQLite has rolled back by itself, and ROLLBACK answers that there is nothing to roll back. */
async function rollBack(statements: Executor): Promise<void> {
	try {
		await statements.run('ROLLBACK');
	} catch (cause) {
		if (!(cause instanceof SqliteError && cause.failure === 'statement')) throw cause;
	}
}

/** An executor that refuses to be used after its time, or for two statements at once, whose order the driver would not keep. */
function leaseExecutor(statements: Executor): { readonly executor: Executor; readonly end: () => Promise<void> } {
	let isEnded = false;
	let isBusy = false;
	let running: Promise<unknown> = Promise.resolve();

	function leased<A extends unknown[], T>(call: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
		return async (...args) => {
			assert(!isEnded, 'the connection is still ours');
			assert(!isBusy, 'one statement at a time');
			isBusy = true;
			try {
				const called = call(...args);
				running = called.catch(() => null);
				return await called;
			} finally {
				isBusy = false;
			}
		};
	}

	const executor = {
		all: leased(statements.all),
		get: leased(statements.get),
		run: leased(statements.run),
		execute: leased(statements.execute),
	};
	return {
		executor,
		// A statement that nobody awaited must not slip in behind the ROLLBACK and become a commit of its own.
		end: async () => {
			isEnded = true;
			await running;
		},
	};
}

function createStatements(driver: Database): Executor & { readonly finalizeAll: () => Promise<void> } {
	const prepared = new Map<string, Statement>();

	async function prepare(sql: string): Promise<Statement> {
		const known = prepared.get(sql);
		if (known !== undefined) return known;
		assert(prepared.size < STATEMENTS_MAX, 'texts of statements are constants');
		const statement = await new Promise<Statement>((resolve, reject) => {
			const made = driver.prepare(sql, (error) => {
				if (error === null) resolve(made);
				else reject(new SqliteError(error, sql));
			});
		});
		prepared.set(sql, statement);
		return statement;
	}

	// `Statement.get` of the driver is not used: it leaves the statement, and with it a read transaction, open after the first row.
	async function all(sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
		const statement = await prepare(sql);
		return new Promise((resolve, reject) => {
			statement.all<SqlRow>(values, (error, rows) => {
				if (error === null) resolve(rows);
				else reject(new SqliteError(error, sql));
			});
		});
	}

	async function run(sql: string, values: readonly SqlValue[] = []): Promise<{ changes: number; lastId: number }> {
		const statement = await prepare(sql);
		return new Promise((resolve, reject) => {
			statement.run(values, function (this: RunResult, error) {
				if (error === null) resolve({ changes: this.changes, lastId: this.lastID });
				else reject(new SqliteError(error, sql));
			});
		});
	}

	function execute(sql: string): Promise<void> {
		return new Promise((resolve, reject) => {
			driver.exec(sql, (error) => {
				if (error === null) resolve();
				else reject(new SqliteError(error, sql));
			});
		});
	}

	// A statement that is left makes closing fail with SQLITE_BUSY.
	async function finalizeAll(): Promise<void> {
		for (const statement of prepared.values()) {
			await new Promise<void>((resolve) => {
				statement.finalize(() => {
					resolve();
				});
			});
		}
		prepared.clear();
	}

	return { all, get: async (sql, values) => (await all(sql, values))[0] ?? null, run, execute, finalizeAll };
}

function openDatabase({ file, mode }: ConnectionOptions): Promise<Database> {
	return new Promise((resolve, reject) => {
		const driver: Database = new Database(file, OPEN_FLAGS[mode], (error) => {
			if (error === null) resolve(driver);
			else reject(new SqliteError(error, `open ${mode}`));
		});
	});
}

function closeDatabase(driver: Database): Promise<void> {
	return new Promise((resolve, reject) => {
		driver.close((error) => {
			if (error === null) resolve();
			else reject(new SqliteError(error, 'close'));
		});
	});
}
