import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileSecretBox } from './file-secret-box.ts';

let folder: string;
let keyFile: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'secret-box-'));
	keyFile = path.join(folder, 'secrets', 'key');
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

test('what was sealed opens again in the next run', async () => {
	const sealed = await (await openFileSecretBox(keyFile)).seal('{"key":"ä"}');
	expect(Buffer.from(sealed).includes('key')).toBe(false);
	expect(await (await openFileSecretBox(keyFile)).open(sealed)).toEqual({ plain: '{"key":"ä"}', isStale: false });
});

test('two seals of one secret differ', async () => {
	const box = await openFileSecretBox(keyFile);
	expect(await box.seal('same')).not.toEqual(await box.seal('same'));
});

test('another machine, a flipped bit, a short text and a foreign version do not open', async () => {
	const box = await openFileSecretBox(keyFile);
	const sealed = await box.seal('secret');
	const other = await openFileSecretBox(path.join(folder, 'other'));
	expect(await other.open(sealed)).toBeNull();
	for (const index of [0, 1, 13, sealed.length - 1]) {
		const damaged = Uint8Array.from(sealed);
		damaged[index] = (damaged[index] ?? 0) ^ 1;
		expect(await box.open(damaged)).toBeNull();
	}
	expect(await box.open(sealed.subarray(0, 28))).toBeNull();
	expect(await box.open(new Uint8Array())).toBeNull();
});

test('only this account may read the key, also after a copy that widened its rights', async () => {
	await openFileSecretBox(keyFile);
	expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
	await chmod(keyFile, 0o644);
	await openFileSecretBox(keyFile);
	expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
});

test('two that start at once agree on one key and leave no draft', async () => {
	const boxes = await Promise.all(Array.from({ length: 8 }, async () => openFileSecretBox(keyFile)));
	const [first, ...rest] = boxes;
	const sealed = await first?.seal('one key');
	for (const box of rest) expect(await box.open(sealed ?? new Uint8Array())).toEqual({ plain: 'one key', isStale: false });
	expect(await readdir(path.dirname(keyFile))).toEqual(['key']);
});

test('a key of the wrong size stops the start and stays as it is', async () => {
	await openFileSecretBox(keyFile);
	await writeFile(keyFile, 'short');
	await expect(openFileSecretBox(keyFile)).rejects.toThrow('is no key of 32 bytes');
	expect(await readFile(keyFile, 'utf8')).toBe('short');
});
