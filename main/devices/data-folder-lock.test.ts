import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataFolder } from './data-folder-lock.ts';
import { systemTimers } from './system-clock.ts';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'lock-'));
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

/** Another process that has the lock. */
async function startHolder() {
	const script = path.join(folder, 'holder.ts');
	const lock = new URL('data-folder-lock.ts', import.meta.url).pathname;
	const clock = new URL('system-clock.ts', import.meta.url).pathname;
	await writeFile(
		script,
		`import { lockDataFolder } from ${JSON.stringify(lock)};
		import { systemTimers } from ${JSON.stringify(clock)};
		const result = await lockDataFolder(${JSON.stringify(folder)}, systemTimers);
		process.send(result.ok);
		process.on('message', () => {});`,
	);
	const holder = fork(script, { silent: true });
	const [isHeld] = await once(holder, 'message');
	expect(isHeld).toBe(true);
	return holder;
}

test('a second one is told that the folder is taken, and gets it after the release', async () => {
	const first = await lockDataFolder(folder, systemTimers);
	const second = await lockDataFolder(folder, systemTimers);
	expect(second).toMatchObject({ ok: false, error: { code: 'DISK-105' } });
	if (first.ok) await first.value.release();
	expect(await readdir(folder)).toEqual([]);
	const third = await lockDataFolder(folder, systemTimers);
	expect(third.ok).toBe(true);
	if (third.ok) await third.value.release();
});

test('a symbolic link to the folder is the same folder', async () => {
	const lock = await lockDataFolder(folder, systemTimers);
	const other = path.join(folder, 'other');
	await mkdir(other);
	expect((await lockDataFolder(`${other}/..`, systemTimers)).ok).toBe(false);
	if (lock.ok) await lock.value.release();
});

test('a holder that was killed does not keep the folder', async () => {
	const holder = await startHolder();
	expect((await lockDataFolder(folder, systemTimers)).ok).toBe(false);
	const exited = once(holder, 'exit');
	holder.kill('SIGKILL');
	await exited;
	const lock = await lockDataFolder(folder, systemTimers);
	expect(lock.ok).toBe(true);
	if (lock.ok) await lock.value.release();
});

test('of many that start over a dead holder exactly one gets the folder', async () => {
	const holder = await startHolder();
	const exited = once(holder, 'exit');
	holder.kill('SIGKILL');
	await exited;
	const locks = await Promise.all(Array.from({ length: 8 }, async () => lockDataFolder(folder, systemTimers)));
	expect(locks.filter((lock) => lock.ok)).toHaveLength(1);
	for (const lock of locks) if (lock.ok) await lock.value.release();
});

test('a path that no socket can have is refused in words', async () => {
	const deep = path.join(folder, 'x'.repeat(100));
	await mkdir(deep);
	expect(await lockDataFolder(deep, systemTimers)).toMatchObject({
		ok: false,
		error: { code: 'DISK-105', detail: expect.stringContaining('shorter') },
	});
});
