import { statSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openCheckpointer } from './checkpointer.ts';
import type { Checkpointer } from './checkpointer.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { createFolder } from './fake-folder.ts';

const LOG_BYTES = 200_000;

async function openBoth(): Promise<{
	readonly writer: Connection;
	readonly checkpointer: Checkpointer;
	readonly write: () => Promise<void>;
}> {
	const file = path.join(createFolder(), 'test.db');
	const writer = await openConnection({ file, mode: 'create', pragmas: { journal_mode: 'WAL', wal_autocheckpoint: 0 } });
	await writer.execute('CREATE TABLE t (s TEXT)');
	const checkpointer = await openCheckpointer({ file, commitsPerLook: 4, logBytes: LOG_BYTES, pragmas: {} });
	onTestFinished(async () => {
		await checkpointer.close();
		await writer.close();
	});
	return {
		writer,
		checkpointer,
		write: async () => {
			await writer.run('INSERT INTO t VALUES (?1)', ['x'.repeat(20_000)]);
			checkpointer.noteCommit();
		},
	};
}

test('a log that grows is moved into the file by itself', async () => {
	const { writer, checkpointer, write } = await openBoth();
	const before = statSync(writer.file).size;
	for (let commit = 0; commit < 40; commit += 1) await write();
	await checkpointer.close();
	expect(statSync(writer.file).size).toBeGreaterThan(before);
});

test('a truncated log has no bytes', async () => {
	const { writer, checkpointer, write } = await openBoth();
	await write();
	expect(statSync(`${writer.file}-wal`).size).toBeGreaterThan(0);
	expect(await checkpointer.truncate()).toBe(true);
	expect(statSync(`${writer.file}-wal`).size).toBe(0);
});

test('a closed checkpointer does nothing more', async () => {
	const { writer, checkpointer, write } = await openBoth();
	await checkpointer.close();
	for (let commit = 0; commit < 8; commit += 1) await write();
	expect(await checkpointer.truncate()).toBe(false);
	expect(statSync(`${writer.file}-wal`).size).toBeGreaterThan(0);
});
