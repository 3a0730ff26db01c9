import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { PairResponseSchema } from '#shared/wire/pairing.ts';
import { call } from './http/fake-client.ts';

/** The program as a process: how it starts, what it says to a parent, how it ends and what survives. */
const folder = mkdtempSync(join(tmpdir(), 'regulars-main-'));
const data = join(folder, 'data');
const MAIN = new URL('main.ts', import.meta.url).pathname;
const KEY = { apiKey: 'operator', apiSecret: 'not-a-real-secret' };
const TIMEOUT_MS = 90_000;

const ReadySchema = z.object({
	type: z.literal('ready'),
	url: z.url(),
	pairing: z.array(z.object({ code: z.string(), outlet: z.string(), terminal: z.string() })),
	barcodes: z.array(z.object({ label: z.string(), barcode: z.string() })),
	pins: z.array(z.object({ name: z.string(), pin: z.string() })),
});
const ProgressSchema = z.object({
	type: z.literal('progress'),
	what: z.string(),
	done: z.number(),
	total: z.number(),
	ratePerS: z.number(),
});

const children: ChildProcess[] = [];
afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(args: readonly string[]): { child: ChildProcess; messages: unknown[]; said: () => string } {
	const child = fork(MAIN, ['--data', data, ...args], { silent: true, env: { ...process.env, DATABASE_URL: '' } });
	children.push(child);
	const messages: unknown[] = [];
	let text = '';
	child.on('message', (message) => messages.push(message));
	child.stderr?.on('data', (chunk) => (text += String(chunk)));
	child.stdout?.on('data', (chunk) => (text += String(chunk)));
	return { child, messages, said: () => text };
}

async function serve(args: readonly string[]) {
	const { child, messages, said } = start(['--port', '0', '--api-key', KEY.apiKey, '--secret', KEY.apiSecret, ...args]);
	for (;;) {
		const ready = messages.map((message) => ReadySchema.safeParse(message)).find((parsed) => parsed.success);
		if (ready !== undefined) return { child, messages, said, ready: ready.data };
		if (child.exitCode !== null) throw new Error(`ended before it was ready: ${said()}`);
		await Promise.race([once(child, 'message'), once(child, 'exit')]);
	}
}

async function exitOf(child: ChildProcess): Promise<number | null> {
	if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
	return child.exitCode;
}

test('serves, keeps its folder to itself, ends in order, and goes on after kill -9', { timeout: TIMEOUT_MS }, async () => {
	const first = await serve(['--members', '2500', '--new-terminal', 'S01/Station Road/T1/Counter 1']);
	expect(first.ready.pairing).toEqual([{ code: expect.any(String), outlet: 'S01', terminal: 'T1' }]);
	expect(first.ready.barcodes.length).toBeGreaterThan(3);
	expect(first.ready.pins).toHaveLength(3);
	const progress = first.messages.map((message) => ProgressSchema.safeParse(message)).filter((parsed) => parsed.success);
	expect(progress.at(-1)?.data).toMatchObject({ done: 2500, total: 2500 });
	expect((await call(first.ready.url, { path: '/health' })).body).toMatchObject({ members: 2500, is_signed: true });

	const second = start(['--port', '0']);
	expect(await exitOf(second.child)).toBe(1);
	expect(second.said()).toMatch(/in use by process \d+/);

	const third = start(['--data', join(folder, 'other'), '--port', new URL(first.ready.url).port]);
	expect(await exitOf(third.child)).toBe(1);
	// And nothing of a feed whose database is closed under it.
	expect(third.said()).toBe('cannot listen there (EADDRINUSE): choose another --port or --host\n');

	const paired = await call(first.ready.url, {
		method: 'POST',
		path: '/terminals/pair',
		body: { code: first.ready.pairing[0]?.code, app_version: '1', protocol: 1 },
	});
	const { api_key: apiKey, api_secret: apiSecret, terminal } = PairResponseSchema.parse(paired.body);
	const push = {
		method: 'POST',
		path: '/events/bulk',
		key: { apiKey, apiSecret },
		body: {
			terminal,
			incarnation: '0123456789abcdef',
			events: [{ customer: 'M', action: 'opt_in', event_id: '018f0000-0000-7000-8000-000000000001', seq: 1, data: {} }],
		},
	};
	expect((await call(first.ready.url, push)).body).toMatchObject({ results: [{ status: 'applied' }] });
	first.child.kill('SIGKILL');
	await exitOf(first.child);

	const again = await serve(['--members', '2500']);
	expect((await call(again.ready.url, push)).body).toMatchObject({ results: [{ status: 'duplicate' }] });
	expect((await call(again.ready.url, { path: '/ledger/check', key: KEY })).body).toMatchObject({ isBalanced: true });
	again.child.kill('SIGTERM');
	expect(await exitOf(again.child)).toBe(0);
});

test('imports a file without serving, raises the epoch once, and makes a key for itself', { timeout: TIMEOUT_MS }, async () => {
	const file = join(folder, 'members.csv');
	writeFileSync(file, 'id,loyalty_barcode,first_name\nCUST1,2900000000117,Ann\nCUST2,2900000000124,Ben\n');
	const imported = start(['import', file]);
	expect(await exitOf(imported.child)).toBe(0);
	expect(imported.said()).toMatch(/members imported/);

	const served = start(['--port', '0', '--restored']);
	while (served.messages.length === 0) await once(served.child, 'message');
	const ready = ReadySchema.parse(served.messages[0]);
	expect(ready).toMatchObject({ pairing: [], barcodes: [], pins: [] });
	expect((await call(ready.url, { path: '/health' })).body).toMatchObject({ hq_epoch: 2 });
	const keyFile = join(data, 'operator-key.json');
	expect(statSync(keyFile).mode & 0o777).toBe(0o600);
	const key = z.object({ apiKey: z.string(), apiSecret: z.string() }).parse(JSON.parse(readFileSync(keyFile, 'utf8')));
	expect((await call(ready.url, { path: '/ledger/check', key })).body).toMatchObject({ isBalanced: true });
	// The parent goes away: headquarters ends with it.
	served.child.disconnect();
	expect(await exitOf(served.child)).toBe(0);
});

test('explains what it does not understand', { timeout: TIMEOUT_MS }, async () => {
	const wrong = start(['--port', 'x']);
	expect(await exitOf(wrong.child)).toBe(2);
	expect(wrong.said()).toMatch(/--port is a number/);
	const help = start(['--help']);
	expect(await exitOf(help.child)).toBe(0);
	expect(help.said()).toMatch(/--new-terminal/);
});
