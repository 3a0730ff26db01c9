import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBridgeClient } from '#shared/bridge/bridge-client.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { createFakeTerminal, exampleEvents, exampleOutputs } from '../fake-terminal.ts';
import type { TerminalOptions } from '../ports.ts';
import { openBootLink, openFakeWindow } from './fake-window.ts';
import { chromiumArguments } from './chromium-window.ts';
import { startKiosk } from './kiosk.ts';
import type { KioskOptions } from './kiosk.ts';
import { describeStart, reportProgress } from './report.ts';

let folder: string;
let terminal: ReturnType<typeof createFakeTerminal>;
let received: TerminalOptions | null;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'kiosk-'));
	await mkdir(path.join(folder, 'renderer'));
	await writeFile(path.join(folder, 'renderer', 'index.html'), '<!doctype html><script src="/app.js"></script>');
	await writeFile(path.join(folder, 'renderer', 'app.js'), `new WebSocket('ws://' + location.host + '/__bridge')`);
	terminal = createFakeTerminal();
	received = null;
});

afterEach(async () => {
	await rm(folder, { recursive: true, maxRetries: 5 });
});

function options(change: Partial<KioskOptions> = {}): KioskOptions {
	return {
		arguments: {
			dataFolder: path.join(folder, 'data'),
			hqUrl: 'https://hq.example',
			pairingCode: 'CODE',
			isTraining: false,
			locale: 'hu',
			keyFile: null,
			safety: { journalFolder: null, ballastBytes: 0, isLossAccepted: false },
			port: 0,
			isWindowWanted: false,
			isFullScreen: false,
		},
		createTerminal: async (given) => {
			received = given;
			return Promise.resolve(ok(terminal));
		},
		assetsRoot: path.join(folder, 'renderer'),
		appVersion: '1.2.3',
		browser: { executable: null, missing: null },
		onWindowClosed: () => undefined,
		...change,
	};
}

async function start(change: Partial<KioskOptions> = {}) {
	const started = await startKiosk(options(change));
	if (!started.ok) throw new Error(started.error.code);
	return started.value;
}

test('the services get what the command line said, and ports that work', async () => {
	const kiosk = await start();
	const given = must(received, 'the options of the services');
	expect(given).toMatchObject({
		dataFolder: path.join(folder, 'data'),
		hqUrl: 'https://hq.example',
		pairingCode: 'CODE',
		isTraining: false,
		locale: 'hu',
		appVersion: '1.2.3',
		safety: { journalFolder: null, ballastBytes: 0, isLossAccepted: false },
	});
	const { secretBox, logger, clock, random } = given.ports;
	expect(await secretBox.open(await secretBox.seal('key'))).toEqual({ plain: 'key', isStale: false });
	expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1_000);
	expect(random.bytes(16)).toHaveLength(16);
	logger.info({}, 'hello');
	expect(await readFile(path.join(folder, 'data', 'logs', 'terminal.log'), 'utf8')).toContain('hello');
	expect((await stat(path.join(folder, 'data'))).mode & 0o777).toBe(0o700);
	await kiosk.stop();
});

test('without a window the link opens the page, a call is answered, and a stop ends everything', async () => {
	const kiosk = await start();
	expect(kiosk.hasWindow).toBe(false);
	const cookie = await openBootLink(must(kiosk.bootLink, 'a link'));
	const window = await openFakeWindow({ origin: kiosk.origin, cookie });
	expect(await createBridgeClient(window).call('session.open', {})).toEqual({ ok: true, value: exampleOutputs['session.open'] });
	await kiosk.stop();
	expect((await window.closed).code).toBe(1001);
	expect(terminal.isStopped()).toBe(true);
	expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(0);
	const again = await start();
	await again.stop();
});

test('a second terminal on the same folder is refused and the first goes on', async () => {
	const kiosk = await start();
	expect(await startKiosk(options())).toMatchObject({ ok: false, error: { code: 'DISK-105' } });
	expect(terminal.isStopped()).toBe(false);
	await kiosk.stop();
});

test('services that do not start leave the folder free and untouched but for lock, log and key', async () => {
	const refused = await startKiosk(options({ createTerminal: async () => Promise.resolve(fail(terminalError('DISK-103'))) }));
	expect(refused).toMatchObject({ ok: false, error: { code: 'DISK-103' } });
	expect(existsSync(path.join(folder, 'data', 'lock'))).toBe(false);
	await (await start()).stop();
});

test('services that throw undo the start as well', async () => {
	await expect(startKiosk(options({ createTerminal: async () => Promise.reject(new Error('defect')) }))).rejects.toThrow('defect');
	await (await start()).stop();
});

test('a window that does not open becomes a link and its reason', async () => {
	const kiosk = await start({ browser: { executable: '/bin/false', missing: null } });
	expect(kiosk).toMatchObject({ hasWindow: false, windowFailure: expect.stringContaining('ended with 1') });
	expect(describeStart(kiosk, { hasPairingCode: true, isTraining: false })).toContain(must(kiosk.bootLink, 'a link'));
	await kiosk.stop();
});

test('a paired terminal says that it did not need the code', async () => {
	const kiosk = await start({ createTerminal: async () => Promise.resolve(ok({ ...terminal, pairing: 'already_paired' })) });
	expect(describeStart(kiosk, { hasPairingCode: true, isTraining: false })).toContain('did not need the pairing code');
	expect(describeStart(kiosk, { hasPairingCode: false, isTraining: false })).not.toContain('pair');
	await kiosk.stop();
});

test('an unpaired terminal says so, except for training', async () => {
	const kiosk = await start();
	expect(describeStart(kiosk, { hasPairingCode: false, isTraining: false })).toContain('--hq URL --pair CODE');
	expect(describeStart(kiosk, { hasPairingCode: true, isTraining: false })).toContain('goes on trying');
	expect(describeStart(kiosk, { hasPairingCode: false, isTraining: true })).not.toContain('not paired');
	await kiosk.stop();
});

test('a parent hears of long work and of its end', () => {
	const heard: unknown[] = [];
	const stop = reportProgress(terminal.onEvent, (message) => heard.push(message));
	terminal.emit('data.changed', {});
	terminal.emit('status.changed', exampleEvents['status.changed']);
	terminal.emit('status.changed', { ...exampleEvents['status.changed'], work: null });
	expect(heard).toEqual([
		{ type: 'progress', what: 'first_load', done: 10, total: 100, ratePerS: 5.5 },
		{ type: 'progress', what: 'first_load', done: 100, total: 100, ratePerS: 5.5 },
	]);
	stop();
	expect(terminal.listeners()).toBe(0);
});

test('full screen is asked for in so many words', () => {
	expect(chromiumArguments({ profileFolder: '/p', isFullScreen: true })).toContain('--kiosk');
	expect(chromiumArguments({ profileFolder: '/p', isFullScreen: false })).not.toContain('--kiosk');
});
