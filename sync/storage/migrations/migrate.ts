import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { assert, must } from '#shared/lib/assert.ts';
import type { Connection } from '../connection.ts';
import { sizeOfFile, syncFile, syncFolder } from '../data-folder.ts';
import type { Migration } from './migration.ts';

/**
 * Brings a database from its `user_version` to that of the last migration, forward only, each step with its version in one transaction:
 * after a crash the next start goes on with the step that is missing. A database that has content is first copied whole to `backupFile`;
 * a copy of an earlier try at the same step is kept, since it is from before the step.
 */
export async function migrate(
	connection: Connection,
	migrations: readonly Migration[],
	backupFile: (version: number) => string,
): Promise<void> {
	assert(
		migrations.every(({ version }, index) => version === index + 1),
		'migrations count from 1 without gaps',
	);
	const current = await readVersion(connection);
	assert(current <= migrations.length, 'a newer database was refused before');
	const missing = migrations.slice(current);
	if (missing.length > 0 && current > 0) await backUp(connection, backupFile(current));
	for (const { version, run } of missing) {
		await connection.transaction(async (tx) => {
			await run(tx);
			await tx.execute(`PRAGMA user_version=${version}`);
		});
	}
}

/** The schema's version; 0 of a new file. */
export async function readVersion(connection: Connection): Promise<number> {
	const version = must(await connection.get('PRAGMA user_version'), 'the version of the schema')['user_version'];
	assert(typeof version === 'number', 'a version is a number');
	return version;
}

/** The copy gets its name when it is whole and on the disk (VACUUM INTO flushes nothing by itself). */
async function backUp(connection: Connection, file: string): Promise<void> {
	if ((await sizeOfFile(file)) !== null) return;
	const part = `${file}.part`;
	await rm(part, { force: true });
	await connection.all('VACUUM INTO ?1', [part]);
	await syncFile(part);
	await rename(part, file);
	await syncFolder(path.dirname(file));
}
