import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBridgeClient } from '#shared/bridge/bridge-client.ts';
import { securityHeaders } from '../assets.ts';
import { systemRandom, systemTimers } from '../devices/system-clock.ts';
import { createFakeLogger } from '../fake-logger.ts';
import { createFakeTerminal, exampleEvents, exampleOutputs } from '../fake-terminal.ts';
import { createRouter } from '../router.ts';
import { openBootLink, openFakeWindow, requestRaw } from './fake-window.ts';
import { startKioskHost } from './kiosk-host.ts';
import type { KioskHost } from './kiosk-host.ts';
import { FRAME_BYTES_MAX } from './window-socket.ts';

let folder: string;
let host: KioskHost;
let cookie: string;
const terminal = createFakeTerminal();
const logger = createFakeLogger();

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'kiosk-host-'));
	const assetsRoot = path.join(folder, 'renderer');
	await mkdir(assetsRoot);
	await writeFile(path.join(assetsRoot, 'index.html'), '<!doctype html><title>page</title>');
	await writeFile(path.join(assetsRoot, 'app.js'), 'export {}');
	await writeFile(path.join(assetsRoot, 'app.js.map'), '{}');
	await writeFile(path.join(folder, 'secret.js'), 'secret');
	const router = createRouter({ api: terminal.api, logger });
	host = await startKioskHost({
		router,
		onEvent: terminal.onEvent,
		assetsRoot,
		styleHashes: [],
		port: 0,
		random: systemRandom,
		timers: systemTimers,
		logger,
	});
	cookie = `${host.cookie.name}=${host.cookie.value}`;
});

afterEach(async () => {
	await host.stop();
	await rm(folder, { recursive: true });
});

test('listens on 127.0.0.1 and on a port of its own choice', async () => {
	const { hostname, port } = new URL(host.origin);
	expect(hostname).toBe('127.0.0.1');
	expect(Number(port)).toBeGreaterThan(1023);
});

test('the boot link gives the cookie once and is refused ever after', async () => {
	const link = new URL(host.bootLink);
	const first = await requestRaw({ origin: host.origin, path: link.pathname + link.search });
	expect(first.status).toBe(303);
	expect(first.headers['location']).toBe('/');
	expect(first.headers['set-cookie']).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict`]);
	const again = await requestRaw({ origin: host.origin, path: link.pathname + link.search });
	expect(again.status).toBe(403);
	expect(again.headers['set-cookie']).toBeUndefined();
	expect((await requestRaw({ origin: host.origin, headers: { cookie } })).body).toContain('page');
});

test('a wrong boot token is refused and does not use up the right one', async () => {
	for (const search of ['?t=', '', '?t=wrong', '?T=x', `?t=${'a'.repeat(5000)}`]) {
		expect((await requestRaw({ origin: host.origin, path: `/__boot${search}` })).status).toBe(403);
	}
	expect(await openBootLink(host.bootLink)).toBe(cookie);
});

test('two runs share neither cookie name nor secrets', async () => {
	const router = createRouter({ api: terminal.api, logger });
	const other = await startKioskHost({
		router,
		onEvent: terminal.onEvent,
		assetsRoot: folder,
		styleHashes: [],
		port: 0,
		random: systemRandom,
		timers: systemTimers,
		logger,
	});
	expect(other.cookie.name).not.toBe(host.cookie.name);
	expect(other.cookie.value).not.toBe(host.cookie.value);
	expect((await requestRaw({ origin: other.origin, headers: { cookie } })).status).toBe(401);
	await other.stop();
});

test.each([
	{ title: 'without a cookie', headers: {} },
	{ title: 'with another secret', headers: { value: 'x' } },
	{ title: 'with the secret under another name', headers: { name: 'regulars' } },
])('$title everything is 401', async ({ headers }) => {
	const given: { name?: string; value?: string } = headers;
	const sent =
		'name' in given || 'value' in given ? { cookie: `${given.name ?? host.cookie.name}=${given.value ?? host.cookie.value}` } : {};
	for (const target of ['/', '/app.js', '/none.js']) {
		const answer = await requestRaw({ origin: host.origin, path: target, headers: { ...sent } });
		expect(answer).toMatchObject({ status: 401, body: '' });
	}
});

test.each([['localhost'], ['127.0.0.1'], ['127.0.0.1:1'], ['evil.example'], ['evil.example:80'], ['127.0.0.1.evil.example']])(
	'a request for the host %s is 403 in spite of the cookie',
	async (foreign) => {
		expect(await requestRaw({ origin: host.origin, headers: { cookie, host: foreign } })).toMatchObject({ status: 403, body: '' });
		const link = new URL(host.bootLink);
		expect((await requestRaw({ origin: host.origin, path: link.pathname + link.search, headers: { host: foreign } })).status).toBe(403);
		expect(await openBootLink(host.bootLink)).toBe(cookie);
	},
);

test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'])('%s is 405', async (method) => {
	const answer = await requestRaw({ origin: host.origin, method, headers: { cookie } });
	expect(answer).toMatchObject({ status: 405, body: '' });
	expect(answer.headers['allow']).toBe('GET');
});

test.each([
	'/../secret.js',
	'/..%2fsecret.js',
	'/%2e%2e/secret.js',
	'/%2e%2e%2fsecret.js',
	'/..%5csecret.js',
	'//secret.js',
	'/%252e%252e/secret.js',
	'/x/../../secret.js',
	'/app.js%00.html',
	'/app.js.map',
	'/__bridge',
])('%s is 404', async (target) => {
	expect(await requestRaw({ origin: host.origin, path: target, headers: { cookie } })).toMatchObject({ status: 404, body: '' });
});

test('every answer has the whole header set, whatever its status', async () => {
	const expected = Object.fromEntries(Object.entries(securityHeaders([])).map(([name, value]) => [name.toLowerCase(), value]));
	const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
	const answers = [
		await requestRaw({ origin: host.origin, headers: { cookie } }),
		await requestRaw({ origin: host.origin, path: '/none', headers: { cookie } }),
		await requestRaw({ origin: host.origin }),
		await requestRaw({ origin: host.origin, path: '/__boot' }),
		await requestRaw({ origin: host.origin, method: 'POST' }),
		await requestRaw({ origin: host.origin, path: '/__bridge', headers: upgrade }),
	];
	expect(answers.map((answer) => answer.status)).toEqual([200, 404, 401, 403, 405, 403]);
	for (const answer of answers) {
		expect(answer.headers).toMatchObject(expected);
		expect(Object.keys(answer.headers)).not.toContain('x-powered-by');
		expect(Object.keys(answer.headers)).not.toContain('access-control-allow-origin');
	}
});

const HANDSHAKE = {
	connection: 'Upgrade',
	upgrade: 'websocket',
	'sec-websocket-version': '13',
	'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

test.each([
	{ title: 'all that our page sends', change: {}, status: 101 },
	{ title: 'no cookie', change: { cookie: undefined }, status: 403 },
	{ title: 'another cookie', change: { cookie: 'regulars=1' }, status: 403 },
	{ title: 'no Origin', change: { origin: undefined }, status: 403 },
	{ title: 'a foreign Origin', change: { origin: 'https://evil.example' }, status: 403 },
	{ title: 'an opaque Origin', change: { origin: 'null' }, status: 403 },
	{ title: 'an Origin with our port on another name', change: { origin: 'localhost' }, status: 403 },
	{ title: 'a foreign Host', change: { host: 'evil.example' }, status: 403 },
	{ title: 'another path', change: {}, path: '/', status: 403 },
	{ title: 'a query', change: {}, path: '/__bridge?x=1', status: 403 },
	{ title: 'another protocol', change: { upgrade: 'h2c' }, status: 400 },
])('an upgrade with $title is $status', async ({ change, path: target, status }) => {
	const { port } = new URL(host.origin);
	const changed: Record<string, string | undefined> = change;
	const origin = changed['origin'] === 'localhost' ? `http://localhost:${port}` : changed['origin'];
	const all = { ...HANDSHAKE, cookie, origin: host.origin, ...changed, ...('origin' in changed ? { origin } : {}) };
	const headers = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
	expect((await requestRaw({ origin: host.origin, path: target ?? '/__bridge', headers })).status).toBe(status);
});

test('calls and events pass over the socket', async () => {
	const client = createBridgeClient(await openFakeWindow({ origin: host.origin, cookie }));
	expect(await client.call('member.open', { memberId: exampleOutputs['member.open'].memberId })).toEqual({
		ok: true,
		value: exampleOutputs['member.open'],
	});
	const heard = new Promise((resolve) => {
		client.on('status.changed', resolve);
	});
	terminal.emit('status.changed', exampleEvents['status.changed']);
	expect(await heard).toEqual(exampleEvents['status.changed']);
});

test('two calls run at once and each gets its own answer', async () => {
	const window = await openFakeWindow({ origin: host.origin, cookie });
	const { promise: finished, resolve: finish } = Promise.withResolvers<unknown>();
	terminal.answerWith('session.shift', async () => finished);
	const slow = window.invoke('session.shift', '{}');
	expect(JSON.parse(await window.invoke('member.nextCard', '{}'))).toMatchObject({ ok: true, value: exampleOutputs['member.nextCard'] });
	finish(exampleOutputs['session.shift']);
	expect(JSON.parse(await slow)).toMatchObject({ ok: true, value: exampleOutputs['session.shift'] });
});

test('a new window closes the connection of the earlier one with 4001 and events go to the new one', async () => {
	const changes: boolean[] = [];
	host.onConnection((isConnected) => changes.push(isConnected));
	const first = await openFakeWindow({ origin: host.origin, cookie });
	const second = await openFakeWindow({ origin: host.origin, cookie });
	expect(await first.closed).toEqual({ code: 4001, reason: 'another window' });
	const heard = new Promise((resolve) => {
		second.listen(resolve);
	});
	terminal.emit('data.changed', {});
	expect(await heard).toBe('data.changed');
	expect(host.isConnected()).toBe(true);
	second.close();
	await second.closed;
	await expect.poll(() => host.isConnected()).toBe(false);
	expect(changes).toEqual([true, true, false]);
});

test.each([
	{ title: 'a binary frame', frame: new TextEncoder().encode('{"i":1,"n":"status.get","j":"{}"}'), code: 1003 },
	{ title: 'text that is no JSON', frame: '{', code: 1008 },
	{ title: 'a frame without a number', frame: '{"n":"status.get","j":"{}"}', code: 1008 },
	{ title: 'a frame that is an array', frame: '[1,"status.get","{}"]', code: 1008 },
	{ title: 'an oversized frame', frame: `{"i":1,"n":"status.get","j":"${'a'.repeat(FRAME_BYTES_MAX)}"}`, code: 1009 },
])('$title closes the connection with $code, and the host goes on', async ({ frame, code }) => {
	const window = await openFakeWindow({ origin: host.origin, cookie });
	window.send(frame);
	expect((await window.closed).code).toBe(code);
	const next = await openFakeWindow({ origin: host.origin, cookie });
	expect(JSON.parse(await next.invoke('member.nextCard', '{}'))).toMatchObject({ ok: true });
});

test('a call of the wrong form is answered and does not end the connection', async () => {
	const window = await openFakeWindow({ origin: host.origin, cookie });
	for (const name of ['toString', '__proto__', 'none']) {
		expect(JSON.parse(await window.invoke(name, '{}'))).toMatchObject({ ok: false, error: { code: 'BRIDGE-101' } });
	}
});

test('a page that opens calls without end is cut off', async () => {
	const window = await openFakeWindow({ origin: host.origin, cookie });
	const { promise: never } = Promise.withResolvers();
	terminal.answerWith('session.lock', async () => never);
	for (let i = 0; i < 300; i += 1) window.send(JSON.stringify({ i, n: 'session.lock', j: '{}' }));
	expect((await window.closed).code).toBe(1008);
});

test('calls that were answered do not count against the page', async () => {
	const window = await openFakeWindow({ origin: host.origin, cookie });
	for (let count = 0; count < 300; count += 1) await window.invoke('member.nextCard', '{}');
	expect(JSON.parse(await window.invoke('member.nextCard', '{}'))).toMatchObject({ ok: true });
});

test('a stop says goodbye to the window and frees the port', async () => {
	const window = await openFakeWindow({ origin: host.origin, cookie });
	await host.stop();
	expect((await window.closed).code).toBe(1001);
	expect(terminal.listeners()).toBe(0);
	await expect(requestRaw({ origin: host.origin })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
