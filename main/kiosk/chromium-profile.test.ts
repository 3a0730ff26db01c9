import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareProfile } from './chromium-profile.ts';

let folder: string;
const file = (): string => path.join(folder, 'Default', 'Preferences');
const read = async (): Promise<unknown> => JSON.parse(await readFile(file(), 'utf8'));

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'profile-'));
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

test('a new profile keeps no PIN', async () => {
	await prepareProfile(folder);
	expect(await read()).toMatchObject({ credentials_enable_service: false });
});

test('what Chromium keeps in a profile stays, except for what is ours', async () => {
	await prepareProfile(folder);
	await writeFile(file(), JSON.stringify({ browser: { window: 1 }, credentials_enable_service: true }));
	await prepareProfile(folder);
	expect(await read()).toMatchObject({ browser: { window: 1 }, credentials_enable_service: false });
});

test.each(['', '{"cut', '[1]'])('preferences that cannot be read (%j) are written anew', async (text) => {
	await prepareProfile(folder);
	await writeFile(file(), text);
	await prepareProfile(folder);
	expect(await read()).toMatchObject({ credentials_enable_service: false });
});
