import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { openPairingAttempt } from './pairing-attempt.ts';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'regulars-pairing-'));
});
afterEach(async () => rm(folder, { recursive: true }));

test('a code has one secret, also after a restart, and another code has another', async () => {
	const first = await openPairingAttempt(folder, seededRandom(1)).for('AAAA-BBBB');
	expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/);
	const restarted = openPairingAttempt(folder, seededRandom(2));
	expect(await restarted.for('AAAA-BBBB')).toBe(first);
	expect(await restarted.for('CCCC-DDDD')).not.toBe(first);
	await writeFile(join(folder, 'pairing.json'), 'torn');
	expect(await restarted.for('AAAA-BBBB')).toMatch(/^[A-Za-z0-9_-]{43}$/);
	await restarted.forget();
	expect(await openPairingAttempt(join(folder, 'missing'), seededRandom(3)).for('AAAA-BBBB')).toBeNull();
	expect(await readdir(folder)).toEqual([]);
});
