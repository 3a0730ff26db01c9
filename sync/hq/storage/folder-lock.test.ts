import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeFolderLock } from './folder-lock.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'regulars-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFile = () => join(folder, 'hq.lock');

test('one has the folder until it lets go', () => {
	const first = takeFolderLock(folder);
	expect(takeFolderLock(folder)).toEqual({ ok: false, error: { pid: process.pid, host: hostname(), lockFile: lockFile() } });
	if (first.ok) first.value.release();
	expect(takeFolderLock(folder).ok).toBe(true);
});

test('the folder is made if it is not there', () => {
	expect(takeFolderLock(join(folder, 'a', 'b')).ok).toBe(true);
});

test('what a dead process left behind is taken over', () => {
	// Above the largest process number of Linux and macOS.
	writeFileSync(lockFile(), JSON.stringify({ pid: 99_999_999, host: hostname(), startedAt: '' }));
	expect(takeFolderLock(folder).ok).toBe(true);
	expect(readFileSync(lockFile(), 'utf8')).toContain(`"pid":${process.pid}`);
});

test('a process that got the number of the dead one is not mistaken for it', () => {
	writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, host: hostname(), startedAt: 'another start' }));
	expect(takeFolderLock(folder).ok).toBe(true);
});

test('a lock of another machine is respected', () => {
	writeFileSync(lockFile(), JSON.stringify({ pid: 99_999_999, host: 'elsewhere', startedAt: '' }));
	expect(takeFolderLock(folder)).toMatchObject({ ok: false, error: { host: 'elsewhere' } });
});

test('a lock file that was cut short is taken over', () => {
	writeFileSync(lockFile(), '{"pid":');
	expect(takeFolderLock(folder).ok).toBe(true);
});
