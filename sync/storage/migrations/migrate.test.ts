import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { createFolder } from '../fake-folder.ts';
import { migrate, readVersion } from './migrate.ts';
import type { Migration } from './migration.ts';

const FIRST: Migration = { version: 1, run: (tx) => tx.execute('CREATE TABLE t (name TEXT)') };
const SECOND: Migration = {
	version: 2,
	run: (tx) => tx.execute('ALTER TABLE t ADD COLUMN folded TEXT; UPDATE t SET folded = lower(name)'),
};
const BROKEN: Migration = { version: 2, run: (tx) => tx.execute('ALTER TABLE t ADD COLUMN folded TEXT; UPDATE nothing SET x = 1') };

type Place = { readonly folder: string; readonly connection: Connection; readonly backup: (version: number) => string };

async function open(): Promise<Place> {
	const folder = createFolder();
	const connection = await openConnection({ file: path.join(folder, 'test.db'), mode: 'create', pragmas: { journal_mode: 'WAL' } });
	onTestFinished(() => connection.close());
	return { folder, connection, backup: (version) => path.join(folder, `test.pre-${version + 1}.db`) };
}

test('a new database runs all steps and has no copy made of it', async () => {
	const { folder, connection, backup } = await open();
	await migrate(connection, [FIRST, SECOND], backup);
	expect(await readVersion(connection)).toBe(2);
	expect(readdirSync(folder).filter((name) => name.includes('pre'))).toEqual([]);
});

test('an older database is copied whole and then brought up to date with its data', async () => {
	const { connection, backup } = await open();
	await migrate(connection, [FIRST], backup);
	await connection.run('INSERT INTO t VALUES (?1)', ['ANN']);
	await migrate(connection, [FIRST, SECOND], backup);
	expect(await connection.all('SELECT * FROM t')).toEqual([{ name: 'ANN', folded: 'ann' }]);
	const copy = await openConnection({ file: backup(1), mode: 'read_only', pragmas: {} });
	expect(await readVersion(copy)).toBe(1);
	expect(await copy.all('SELECT * FROM t')).toEqual([{ name: 'ANN' }]);
	await copy.close();
	expect(existsSync(`${backup(1)}.part`)).toBe(false);
});

test('a database that is up to date is left alone', async () => {
	const { folder, connection, backup } = await open();
	await migrate(connection, [FIRST], backup);
	await migrate(connection, [FIRST], backup);
	expect(readdirSync(folder).filter((name) => name.includes('pre'))).toEqual([]);
});

test('a step that fails leaves the version and the schema before it, and the copy of the first try', async () => {
	const { connection, backup } = await open();
	await migrate(connection, [FIRST], backup);
	await connection.run('INSERT INTO t VALUES (?1)', ['ANN']);
	// What is left of a copy that broke off is no copy.
	writeFileSync(`${backup(1)}.part`, 'half');
	await expect(migrate(connection, [FIRST, BROKEN], backup)).rejects.toThrow('nothing');
	expect(await readVersion(connection)).toBe(1);
	expect(await connection.all('SELECT * FROM t')).toEqual([{ name: 'ANN' }]);
	await connection.run('INSERT INTO t VALUES (?1)', ['BEN']);
	await migrate(connection, [FIRST, SECOND], backup);
	const copy = await openConnection({ file: backup(1), mode: 'read_only', pragmas: {} });
	expect(await copy.all('SELECT name FROM t')).toEqual([{ name: 'ANN' }]);
	await copy.close();
});

test('steps are numbered from 1, and a newer database is nothing to migrate', async () => {
	const { connection, backup } = await open();
	await expect(migrate(connection, [SECOND], backup)).rejects.toThrow('count from 1');
	await connection.execute('PRAGMA user_version=3');
	await expect(migrate(connection, [FIRST, SECOND], backup)).rejects.toThrow('refused before');
});
