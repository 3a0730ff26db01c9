import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { forkChild, type Progress, stopChild, TerminalReady, untilReady } from './child-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'regulars-child-'));
afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

const READY = { type: 'ready', origin: 'http://127.0.0.1:1', bootLink: null, window: true };

/** A program that runs `code` and then stays until it is ended. */
function program(name: string, code: string): string {
	const path = join(folder, `${name}.mjs`);
	writeFileSync(path, `${code}\nsetInterval(() => undefined, 1000);\n`);
	return path;
}

test('a child is ready when it says so, and its progress is told before', async () => {
	const progress = { type: 'progress', what: 'load', done: 1, total: null, ratePerS: 7 };
	const path = program('ready', `for (const message of ${JSON.stringify([{ type: 'other' }, progress, READY])}) process.send(message);`);
	const heard: Progress[] = [];
	const { ready, child } = await untilReady(forkChild(path, []), TerminalReady, (said) => {
		heard.push(said);
	});
	expect(ready).toEqual(READY);
	expect(heard).toEqual([progress]);
	await stopChild(child);
	expect(child.signalCode).toBe('SIGTERM');
});

test('a child that ends before it is ready is a failure with its exit code', async () => {
	const child = forkChild(program('ends', 'process.exit(3);'), []);
	await expect(untilReady(child, TerminalReady, () => undefined)).rejects.toThrow('ended before it was ready (exit code 3)');
	await stopChild(child);
});

test('a child may put its data away before it ends', async () => {
	const path = program('tidy', `process.on('SIGTERM', () => process.exit(7)); process.send(${JSON.stringify(READY)});`);
	const { child } = await untilReady(forkChild(path, []), TerminalReady, () => undefined);
	await stopChild(child);
	expect(child.exitCode).toBe(7);
});
