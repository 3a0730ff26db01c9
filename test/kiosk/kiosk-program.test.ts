import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createBridgeClient } from '#shared/bridge/bridge-client.ts';
import { openBootLink, openFakeWindow } from '#main/kiosk/fake-window.ts';
import { PROJECT_ROOT } from '../support/child.ts';

const ReadySchema = z.object({ type: z.literal('ready'), origin: z.url(), bootLink: z.url(), window: z.literal(false) });

let folder: string;
let data: string;
let children: ChildProcess[];

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'kiosk-program-'));
	data = path.join(folder, 'data');
	children = [];
});

afterEach(async () => {
	for (const child of children) child.kill('SIGKILL');
	await rm(folder, { recursive: true, maxRetries: 5 });
});

/** The program as it is started from its source; `ended` has its exit code and all that it said. */
function start(args: readonly string[]) {
	const child = fork(path.join(PROJECT_ROOT, 'main/kiosk/main.ts'), [...args], { silent: true });
	children.push(child);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
	const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code, output }));
	const ready = Promise.race([
		once(child, 'message').then(([message]) => ReadySchema.parse(message)),
		ended.then(({ code }) => {
			throw new Error(`ended with ${code}: ${output}`);
		}),
	]);
	// A test may wait for the end instead.
	ready.catch(() => undefined);
	return { child, ready, ended };
}

test('it says where it is, answers a call, and ends in order on SIGTERM', async () => {
	const program = start(['--data', data, '--no-window', '--locale', 'hu']);
	const ready = await program.ready;
	const window = await openFakeWindow({ origin: ready.origin, cookie: await openBootLink(ready.bootLink) });
	const session = await createBridgeClient(window).call('session.open', {});
	expect(session).toMatchObject({ ok: true, value: { locale: 'hu', isTraining: false } });
	program.child.kill('SIGTERM');
	const { code, output } = await program.ended;
	expect(code).toBe(0);
	expect(output).toContain(ready.bootLink);
	expect(output).toContain('not paired');
	expect((await readdir(data)).filter((name) => name.startsWith('lock'))).toEqual([]);
});

test('training needs no headquarters', async () => {
	const program = start(['--data', data, '--no-window', '--training']);
	const ready = await program.ready;
	const window = await openFakeWindow({ origin: ready.origin, cookie: await openBootLink(ready.bootLink) });
	expect(await createBridgeClient(window).call('session.open', {})).toMatchObject({ ok: true, value: { isTraining: true } });
	program.child.kill('SIGINT');
	expect((await program.ended).code).toBe(0);
});

test('a second one on the same folder ends with 4, and after a kill -9 a third one starts', async () => {
	const first = start(['--data', data, '--no-window']);
	await first.ready;
	const second = await start(['--data', data, '--no-window']).ended;
	expect(second).toMatchObject({ code: 4, output: expect.stringContaining('DISK-105') });
	first.child.kill('SIGKILL');
	await first.ended;
	const third = start(['--data', data, '--no-window']);
	await third.ready;
	third.child.kill('SIGTERM');
	expect((await third.ended).code).toBe(0);
});

test('it ends when the process that forked it is gone', async () => {
	const program = start(['--data', data, '--no-window']);
	await program.ready;
	// Node tells no `close` of a child from which the parent has disconnected.
	const exited = once(program.child, 'exit');
	program.child.disconnect();
	expect(await exited).toEqual([0, null]);
});

test('a damaged outbox is left alone and explained, with exit code 3', async () => {
	await mkdir(data);
	const damaged = Buffer.from('this was a database once'.repeat(500));
	await writeFile(path.join(data, 'outbox.db'), damaged);
	const { code, output } = await start(['--data', data, '--no-window']).ended;
	expect(output).toContain('do not delete');
	expect(output).toContain(path.join(data, 'outbox.db'));
	expect(code).toBe(3);
	expect(await readFile(path.join(data, 'outbox.db'))).toEqual(damaged);
	expect((await readdir(data)).filter((name) => name.includes('.db'))).toEqual(['outbox.db']);
});

test('a command line without a meaning is answered with the usage and exit code 2', async () => {
	const { code, output } = await start(['--data', data, '--window']).ended;
	expect(code).toBe(2);
	expect(output).toContain('--no-window');
	expect(await readdir(folder)).toEqual([]);
	expect(await start(['--help']).ended).toMatchObject({ code: 0, output: expect.stringMatching(/^Usage/) });
});

test('a port that another program has is told in a sentence, and nothing stays behind', async () => {
	const taken = createServer().listen(0, '127.0.0.1');
	await once(taken, 'listening');
	const address = taken.address();
	const port = typeof address === 'object' ? String(address?.port) : '';
	const { code, output } = await start(['--data', data, '--no-window', '--port', port]).ended;
	taken.close();
	expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
	expect(output).toContain(`Port ${port} of 127.0.0.1 cannot be had`);
	expect((await readdir(data)).filter((name) => name.startsWith('lock'))).toEqual([]);
});
