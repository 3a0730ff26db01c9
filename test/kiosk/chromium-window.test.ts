import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import { createFakeLogger } from '#main/fake-logger.ts';
import { createFakeTerminal } from '#main/fake-terminal.ts';
import { createRouter } from '#main/router.ts';
import { openChromiumWindow } from '#main/kiosk/chromium-window.ts';
import type { ChromiumWindow } from '#main/kiosk/chromium-window.ts';
import { findChromium, thisMachine } from '#main/kiosk/find-chromium.ts';
import { startKioskHost } from '#main/kiosk/kiosk-host.ts';
import type { KioskHost } from '#main/kiosk/kiosk-host.ts';

/** Reports what the page can do as the text of a bridge call, the one way out that it has. */
const PAGE_SCRIPT = `
const socket = new WebSocket('ws://' + location.host + '/__bridge');
const tell = (text) => socket.send(JSON.stringify({ i: 1, n: 'member.identify', j: JSON.stringify({ text, source: 'typed' }) }));
socket.onopen = async () => {
	const camera = await navigator.permissions.query({ name: 'camera' });
	const microphone = await navigator.permissions.query({ name: 'microphone' });
	const popup = window.open('/');
	const foreign = await fetch('http://example.com/').then(() => 'reached', () => 'refused');
	let evaluated = 'refused';
	try { evaluated = String(eval('1')); } catch {}
	// In a browser window, with tabs and an address bar, it would be "browser"; a bar above the page would leave less height.
	const isApplication = matchMedia('(display-mode: standalone)').matches && outerHeight === innerHeight;
	tell([camera.state, microphone.state, popup, foreign, evaluated, document.cookie, location.pathname, isApplication].join());
};
`;

let folder: string;
let host: KioskHost;
let window: ChromiumWindow;
const terminal = createFakeTerminal();
const executable = findChromium(thisMachine) ?? chromium.executablePath();

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'window-'));
	const assetsRoot = path.join(folder, 'renderer');
	await mkdir(assetsRoot);
	await writeFile(
		path.join(assetsRoot, 'index.html'),
		'<!doctype html><link rel="icon" href="/icon.svg"><script type="module" src="/app.js"></script>',
	);
	await writeFile(path.join(assetsRoot, 'app.js'), PAGE_SCRIPT);
	const logger = createFakeLogger();
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
	window = await openChromiumWindow({
		executable,
		profileFolder: path.join(folder, 'chromium'),
		origin: host.origin,
		cookie: host.cookie,
		isFullScreen: false,
		extraArguments: ['--headless=new'],
		timers: systemTimers,
	});
}, 60_000);

afterEach(async () => {
	await window.close();
	await host.stop();
	await rm(folder, { recursive: true, maxRetries: 5 });
});

test('the window has the page, the bridge and the camera, and nothing else', async () => {
	await expect
		.poll(() => terminal.received.at(-1), { timeout: 15_000 })
		.toEqual({
			name: 'member.identify',
			input: { text: ['granted', 'denied', '', 'refused', 'refused', '', '/', true].join(), source: 'typed' },
		});
	const commandLine = await readFile(`/proc/${window.pid}/cmdline`, 'utf8');
	expect(commandLine).toContain('--remote-debugging-pipe');
	expect(commandLine).not.toContain(host.cookie.name);
	expect(commandLine).not.toContain(host.cookie.value);
	expect(commandLine).not.toContain('__boot');
	expect(commandLine).not.toContain(new URL(host.origin).port);
});

test('closing ends the process', async () => {
	await window.close();
	expect(await window.ended).toEqual({ kind: 'closed', detail: '' });
	expect(() => process.kill(window.pid, 0)).toThrow('ESRCH');
});

test('a window that is killed ends as broken', async () => {
	process.kill(window.pid, 'SIGKILL');
	expect((await window.ended).kind).toBe('broken');
});

test('a page whose process dies takes the window with it', async () => {
	await expect.poll(() => host.isConnected(), { timeout: 15_000 }).toBe(true);
	const children = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).stdout.split('\n');
	const page = must(
		children.find((line) => line.includes('--type=renderer') && line.includes(path.join(folder, 'chromium'))),
		'the process of the page',
	);
	process.kill(Number.parseInt(page, 10), 'SIGSEGV');
	expect((await window.ended).kind).toBe('broken');
});

test('a program that is no browser is told in words', async () => {
	const open = async (program: string) =>
		openChromiumWindow({
			executable: program,
			profileFolder: folder,
			origin: host.origin,
			cookie: host.cookie,
			isFullScreen: false,
			timers: systemTimers,
		});
	await expect(open('/bin/false')).rejects.toThrow('Chromium ended with 1');
	await expect(open(path.join(folder, 'missing'))).rejects.toThrow('ENOENT');
});
