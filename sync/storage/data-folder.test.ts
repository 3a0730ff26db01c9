import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { prepareDataFolder, sizeOfFile } from './data-folder.ts';
import { createFolder } from './fake-folder.ts';

test('a missing folder is made for this account alone, with all folders above it', async () => {
	const folder = path.join(createFolder(), 'a', 'b');
	expect(await prepareDataFolder(folder)).toEqual({ ok: true, value: true });
	expect(statSync(folder).mode & 0o777).toBe(0o700);
	expect(existsSync(path.join(folder, 'write-probe'))).toBe(false);
});

test('a folder that others may read is closed to them, and keeps its files', async () => {
	const folder = path.join(createFolder(), 'data');
	mkdirSync(folder);
	chmodSync(folder, 0o755);
	writeFileSync(path.join(folder, 'outbox.db'), 'kept');
	expect(await prepareDataFolder(folder)).toEqual({ ok: true, value: true });
	expect(statSync(folder).mode & 0o777).toBe(0o700);
	expect(await sizeOfFile(path.join(folder, 'outbox.db'))).toBe(4);
});

test('a file in the place of the folder, or of one above it, is said', async () => {
	const folder = createFolder();
	writeFileSync(path.join(folder, 'file'), '');
	for (const place of ['file', 'file/below']) {
		expect(await prepareDataFolder(path.join(folder, place))).toMatchObject({ ok: false, error: { code: 'DISK-102' } });
	}
});

test('the size of a file that is not there is null', async () => {
	expect(await sizeOfFile(path.join(createFolder(), 'none'))).toBeNull();
});
