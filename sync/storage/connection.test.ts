import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isTrustedSqlite, openConnection } from './connection.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { createFolder } from './fake-folder.ts';
import { SqliteError } from './sqlite-error.ts';

async function open(options: Partial<ConnectionOptions> = {}): Promise<Connection> {
	const connection = await openConnection({
		file: path.join(createFolder(), 'test.db'),
		mode: 'create',
		pragmas: { journal_mode: 'WAL' },
		...options,
	});
	onTestFinished(() => connection.close());
	return connection;
}

async function failureOf(call: Promise<unknown>): Promise<string> {
	return call.then(
		() => 'none',
		(cause: unknown) => {
			if (cause instanceof SqliteError) return cause.failure;
			throw cause;
		},
	);
}

test.each([
	['3.51.2', false],
	['3.51.3', true],
	['3.51.10', true],
	['3.52.0', false],
	['3.52.1', true],
	['3.53.4', true],
	['3.7.0', false],
	['4.0.0', false],
])('SQLite %s is trusted: %s', (version, isTrusted) => {
	expect(isTrustedSqlite(version)).toBe(isTrusted);
});

test('values come back as they went in', async () => {
	const connection = await open();
	await connection.execute('CREATE TABLE t (i INTEGER, s TEXT, b BLOB, n TEXT) STRICT');
	const bytes = new Uint8Array([0, 1, 255]);
	const big = Date.UTC(2026, 10, 22);
	expect(await connection.run('INSERT INTO t VALUES (?1, ?2, ?3, ?4)', [big, 'Őry \u0000 \u{1F600}', bytes, null])).toEqual({
		changes: 1,
		lastId: 1,
	});
	const row = await connection.get('SELECT *, typeof(i) AS type FROM t');
	expect(row).toEqual({ i: big, s: 'Őry \u0000 \u{1F600}', b: Buffer.from(bytes), n: null, type: 'integer' });
	expect(await connection.get('SELECT 1 FROM t WHERE i = 5')).toBeNull();
	expect(await connection.all('SELECT value FROM json_each(?1)', ['[1,2]'])).toEqual([{ value: 1 }, { value: 2 }]);
});

test('a statement is prepared once for all its calls, and sees a later change of the schema', async () => {
	const connection = await open();
	await connection.execute('CREATE TABLE t (i INTEGER)');
	await connection.run('INSERT INTO t VALUES (?1)', [1]);
	expect(await connection.all('SELECT * FROM t')).toEqual([{ i: 1 }]);
	await connection.execute('ALTER TABLE t ADD COLUMN j INTEGER DEFAULT 7');
	expect(await connection.all('SELECT * FROM t')).toEqual([{ i: 1, j: 7 }]);
});

test('a transaction has the connection to itself: what others write meanwhile survives its rollback', async () => {
	const connection = await open();
	await connection.execute('CREATE TABLE t (who TEXT)');
	let begun = (): void => {};
	const hasBegun = new Promise<void>((resolve) => {
		begun = resolve;
	});
	const rolledBack = connection.transaction(async (tx) => {
		await tx.run('INSERT INTO t VALUES (?1)', ['A']);
		begun();
		// Long enough for the other's statement to slip in, if it could.
		for (let turn = 0; turn < 50; turn += 1) await tx.all('SELECT count(*) FROM t');
		throw new Error('changed its mind');
	});
	await hasBegun;
	const written = connection.run('INSERT INTO t VALUES (?1)', ['B']);
	await expect(rolledBack).rejects.toThrow('changed its mind');
	await written;
	expect(await connection.all('SELECT who FROM t')).toEqual([{ who: 'B' }]);
});

test('transactions of many callers never interleave', async () => {
	const connection = await open();
	await connection.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, caller INTEGER)');
	const callers = Array.from({ length: 20 }, (_, caller) =>
		connection
			.transaction(async (tx) => {
				for (let step = 0; step < 5; step += 1) {
					await tx.run('INSERT INTO t (caller) VALUES (?1)', [caller]);
					await Promise.resolve();
				}
				if (caller % 3 === 0) throw new Error('rolled back');
			})
			.catch((cause: unknown) => {
				if (!(cause instanceof Error && cause.message === 'rolled back')) throw cause;
			}),
	);
	const singles = Array.from({ length: 20 }, (_, index) => connection.run('INSERT INTO t (caller) VALUES (?1)', [100 + index]));
	await Promise.all([...callers, ...singles]);
	const order = (await connection.all('SELECT caller FROM t ORDER BY id')).map(({ caller }) => Number(caller));
	const kept = Array.from({ length: 20 }, (_, caller) => caller).filter((caller) => caller % 3 !== 0);
	expect(order).toEqual([
		...kept.flatMap((caller) => Array.from({ length: 5 }, () => caller)),
		...Array.from({ length: 20 }, (_, i) => 100 + i),
	]);
});

test('a transaction’s handle is worthless after it, and takes one statement at a time', async () => {
	const connection = await open();
	await connection.execute('CREATE TABLE t (i INTEGER)');
	const tx = await connection.transaction((lent) => Promise.resolve(lent));
	await expect(tx.run('INSERT INTO t VALUES (1)')).rejects.toThrow('the connection is still ours');
	const both = connection.transaction((lent) => Promise.all([lent.run('INSERT INTO t VALUES (1)'), lent.run('INSERT INTO t VALUES (2)')]));
	await expect(both).rejects.toThrow('one statement at a time');
	expect(await connection.all('SELECT * FROM t')).toEqual([]);
});

test('what follows a commit runs before anybody else’s statement', async () => {
	const connection = await open();
	await connection.execute('CREATE TABLE t (i INTEGER)');
	const order: string[] = [];
	await Promise.all([
		connection.transaction(
			(tx) => tx.run('INSERT INTO t VALUES (1)'),
			() => order.push('committed'),
		),
		connection.exclusively(async (executor) => {
			order.push('next');
			await executor.all('SELECT 1');
		}),
	]);
	expect(order).toEqual(['committed', 'next']);
});

test('failures are told apart by SQLite’s codes', async () => {
	const connection = await open({ pragmas: { journal_mode: 'WAL', max_page_count: 8 } });
	await connection.execute('CREATE TABLE t (i INTEGER PRIMARY KEY, s TEXT NOT NULL) STRICT');
	await connection.run('INSERT INTO t VALUES (1, ?1)', ['x']);
	expect(await failureOf(connection.run('INSERT INTO t VALUES (1, ?1)', ['x']))).toBe('constraint');
	expect(await failureOf(connection.run('INSERT INTO t VALUES (2, ?1)', [null]))).toBe('constraint');
	expect(await failureOf(connection.all('SELECT nothing'))).toBe('statement');
	expect(await failureOf(connection.all('SELECT * FROM json_each(?1)', ['{']))).toBe('statement');
	expect(await failureOf(connection.run('INSERT INTO t VALUES (3, ?1)', ['x'.repeat(100_000)]))).toBe('full');
	expect(await connection.all('SELECT i FROM t')).toEqual([{ i: 1 }]);
});

test('a full disk in a transaction rolls all of it back and leaves the connection usable', async () => {
	const connection = await open({ pragmas: { journal_mode: 'WAL', max_page_count: 8 } });
	await connection.execute('CREATE TABLE t (s TEXT)');
	const tooMuch = connection.transaction(async (tx) => {
		await tx.run('INSERT INTO t VALUES (?1)', ['first']);
		await tx.run('INSERT INTO t VALUES (?1)', ['x'.repeat(100_000)]);
	});
	expect(await failureOf(tooMuch)).toBe('full');
	await connection.transaction((tx) => tx.run('INSERT INTO t VALUES (?1)', ['second']));
	expect(await connection.all('SELECT s FROM t')).toEqual([{ s: 'second' }]);
});

test('a file that is no database, a missing one and a busy one are told apart', async () => {
	const folder = createFolder();
	const garbage = path.join(folder, 'garbage.db');
	writeFileSync(garbage, 'x'.repeat(10_000));
	expect(await failureOf(openConnection({ file: garbage, mode: 'existing', pragmas: { journal_mode: 'WAL' } }))).toBe('damaged');
	expect(readFileSync(garbage, 'utf8')).toBe('x'.repeat(10_000));
	expect(await failureOf(openConnection({ file: path.join(folder, 'none.db'), mode: 'existing', pragmas: {} }))).toBe('io');

	const first = await open();
	const second = await openConnection({ file: first.file, mode: 'existing', pragmas: { busy_timeout: 0 } });
	onTestFinished(() => second.close());
	await first.execute('CREATE TABLE t (i INTEGER)');
	await first.transaction(async () => {
		expect(await failureOf(second.run('INSERT INTO t VALUES (1)'))).toBe('busy');
	});
	expect(await second.run('INSERT INTO t VALUES (1)')).toMatchObject({ changes: 1 });
});

test('closing waits for what was asked before, finalises all statements and empties the log', async () => {
	const connection = await open();
	await connection.execute('CREATE TABLE t (i INTEGER)');
	const late = connection.run('INSERT INTO t VALUES (?1)', [1]);
	await connection.close();
	await late;
	expect(existsSync(`${connection.file}-wal`)).toBe(false);
	await connection.close();
	expect(() => connection.all('SELECT 1')).toThrow('is open');
	const again = await openConnection({ file: connection.file, mode: 'read_only', pragmas: {} });
	expect(await again.all('SELECT i FROM t')).toEqual([{ i: 1 }]);
	expect(await failureOf(again.run('INSERT INTO t VALUES (2)'))).toBe('io');
	await again.close();
});

test('a running statement can be interrupted', async () => {
	const connection = await open();
	const endless = connection.all('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n');
	const failure = failureOf(endless);
	// Asked again until the statement is running: before that there is nothing to interrupt.
	const timer = setInterval(() => connection.interrupt(), 5);
	onTestFinished(() => clearInterval(timer));
	expect(await failure).toBe('interrupted');
});
