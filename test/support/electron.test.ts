import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { ok } from '#shared/lib/result.ts';
import { createFakeElectron } from '#main/electron/fake-electron.ts';
import { bootShell } from '#main/electron/shell.ts';
import { createFakeTerminal } from '#main/fake-terminal.ts';
import { HOST_OPTIONS } from '#main/host-arguments.ts';
import { readKioskArguments } from '#main/kiosk/kiosk-arguments.ts';
import type { TerminalOptions } from '#main/ports.ts';
import { PROJECT_ROOT } from './child.ts';
import { electronLaunch } from './electron.ts';
import { hostArguments } from './host.ts';

/** What Playwright puts before the arguments of whoever launches Electron by its path. */
const PLAYWRIGHT_ARGUMENTS = ['--no-sandbox', '--inspect=0', '--remote-debugging-port=0'];

let folder: string;
let data: string;
const given = () => ({ data, hqUrl: 'http://127.0.0.1:4790', pairingCode: 'ABCD-EFGH' });

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'regulars-launch-'));
	data = path.join(folder, 'data with a space');
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

test('the shell starts the terminal that the specs ask for', async () => {
	const app = path.join(folder, 'app');
	await mkdir(path.join(app, 'dist', 'renderer'), { recursive: true });
	await writeFile(path.join(app, 'dist', 'renderer', 'index.html'), '<!doctype html>');
	const fake = createFakeElectron(app);
	fake.app.isPackaged = false;
	let received: TerminalOptions | null = null;
	await bootShell(fake.electron, {
		argv: ['/opt/electron', ...PLAYWRIGHT_ARGUMENTS, ...electronLaunch(given(), {}).args],
		platform: 'linux',
		defects: new EventEmitter(),
		defaultDataFolder: path.join(folder, 'default'),
		createTerminal: async (options) => {
			received = options;
			return Promise.resolve(ok(createFakeTerminal()));
		},
	});
	expect(fake.errors).toEqual([]);
	expect(must<TerminalOptions>(received, 'the options')).toMatchObject({
		dataFolder: data,
		hqUrl: 'http://127.0.0.1:4790',
		pairingCode: 'ABCD-EFGH',
		isTraining: false,
		locale: 'en',
	});
	fake.app.quit();
	expect(await fake.app.exited.promise).toBe(0);
});

test('every argument after the folder of the app is one that the shell knows', () => {
	const [app, ...args] = electronLaunch(given(), {}).args;
	expect(path.join(app ?? '', path.sep)).toBe(PROJECT_ROOT);
	const { values } = parseArgs({ args, options: HOST_OPTIONS, strict: true, allowPositionals: false });
	expect(values).toEqual({
		ballast: '1',
		data,
		hq: 'http://127.0.0.1:4790',
		pair: 'ABCD-EFGH',
		locale: 'en',
		'key-file': path.join(data, 'secrets', 'key'),
	});
});

test('Electron inherits the environment, except for what would make it plain Node', () => {
	const { env } = electronLaunch(given(), { DISPLAY: ':1', ELECTRON_RUN_AS_NODE: '1', MISSING: undefined });
	expect(env).toEqual({ DISPLAY: ':1' });
});

test('the kiosk host understands the same command line', () => {
	expect(readKioskArguments([...hostArguments(given()), '--no-window'], folder)).toMatchObject({
		ok: true,
		value: { dataFolder: data, hqUrl: 'http://127.0.0.1:4790', pairingCode: 'ABCD-EFGH', locale: 'en', isWindowWanted: false },
	});
});
