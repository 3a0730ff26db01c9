import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeExport } from './export-file.ts';

async function makeFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'regulars-exports-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

test('a file is written whole, for this account alone, into a folder that is made for it', async () => {
	const folder = join(await makeFolder(), 'exports');
	const written = await writeExport(folder, 'proof-1.csv', 'a,b\r\n');
	expect(written).toEqual({ ok: true, value: join(folder, 'proof-1.csv') });
	expect(await readFile(join(folder, 'proof-1.csv'), 'utf8')).toBe('a,b\r\n');
	expect((await stat(join(folder, 'proof-1.csv'))).mode & 0o077).toBe(0);
});

test('of more than fifty files the oldest go', async () => {
	const folder = await makeFolder();
	for (let index = 0; index < 52; index += 1) await writeExport(folder, `proof-${String(index).padStart(3, '0')}.csv`, '');
	const files = (await readdir(folder)).toSorted();
	expect([files.length, files[0]]).toEqual([50, 'proof-002.csv']);
});

test('a place that cannot be written to is DISK-102', async () => {
	const file = join(await makeFolder(), 'a-file');
	await writeFile(file, '');
	expect(await writeExport(file, 'proof-1.csv', '')).toMatchObject({ ok: false, error: { code: 'DISK-102' } });
});
