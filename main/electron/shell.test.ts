import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import { createFakeLogger } from '../fake-logger.ts';
import { createFakeTerminal } from '../fake-terminal.ts';
import { createFakeTime } from '../fake-time.ts';
import type { CreateTerminal, TerminalOptions } from '../ports.ts';
import { pruneCrashDumps } from './crash-dumps.ts';
import { endOnDefect } from './defects.ts';
import { createFakeElectron, createFakeEvent, FakeWindow } from './fake-electron.ts';
import { bootShell } from './shell.ts';

let folder: string;
let data: string;
let fake: ReturnType<typeof createFakeElectron>;
let terminal: ReturnType<typeof createFakeTerminal>;
let received: TerminalOptions | null;
let defects: EventEmitter;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'shell-'));
	data = path.join(folder, 'data');
	fake = createFakeElectron(path.join(folder, 'app'));
	await mkdir(path.join(folder, 'app', 'dist', 'renderer'), { recursive: true });
	await writeFile(path.join(folder, 'app', 'dist', 'renderer', 'index.html'), '<!doctype html>');
	terminal = createFakeTerminal();
	received = null;
	defects = new EventEmitter();
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

async function boot(change: { readonly args?: readonly string[]; readonly createTerminal?: CreateTerminal } = {}): Promise<void> {
	await bootShell(fake.electron, {
		argv: ['/opt/regulars/regulars', ...(change.args ?? ['--data', data])],
		platform: 'linux',
		defects,
		defaultDataFolder: path.join(folder, 'default'),
		createTerminal:
			change.createTerminal ??
			(async (given) => {
				received = given;
				return Promise.resolve(ok(terminal));
			}),
	});
}

test('what Electron must know before it is ready is said in this order', async () => {
	await boot();
	expect(fake.app.journal).toEqual([
		'setPath userData',
		'crashReporter upload=false',
		'enableSandbox',
		'schemes app',
		'requestSingleInstanceLock',
		'whenReady',
		'no menu',
	]);
	expect(fake.app.getPath('userData')).toBe(path.join(data, 'electron'));
	fake.app.quit();
	expect(await fake.app.exited.promise).toBe(0);
});

test('everything before whenReady happens in the first turn', () => {
	const booted = boot();
	expect(fake.app.journal.at(-1)).toBe('whenReady');
	return booted.then(async () => {
		fake.app.quit();
		return fake.app.exited.promise;
	});
});

test('permissions and the scheme are set before the window, and the window before its page', async () => {
	const windowsBefore = FakeWindow.made.length;
	let wasGuarded = false;
	await boot({
		createTerminal: async (given) => {
			received = given;
			expect(FakeWindow.made).toHaveLength(windowsBefore);
			wasGuarded = fake.defaultSession.permissionRequest !== null && fake.defaultSession.schemes.has('app');
			return Promise.resolve(ok(terminal));
		},
	});
	expect(wasGuarded).toBe(true);
	const window = must(FakeWindow.made.at(-1), 'a window');
	expect(window.journal).toEqual(['load app://regulars/']);
	expect(window.options.webPreferences?.preload).toBe(path.join(folder, 'app', 'dist', 'electron', 'preload.cjs'));
	expect(received).toMatchObject({
		dataFolder: data,
		appVersion: '1.2.3',
		locale: 'hu',
		hqUrl: null,
		pairingCode: null,
		isTraining: false,
	});
	const page = await fake.defaultSession.schemes.get('app')?.(new Request('app://regulars/'));
	expect(await page?.text()).toBe('<!doctype html>');
	fake.app.quit();
	await fake.app.exited.promise;
});

test('the command line is read between Chromium’s own switches', async () => {
	const args = [
		'--remote-debugging-port=0',
		'--no-sandbox',
		'--data',
		data,
		'--hq',
		'https://hq.example/x',
		'--pair',
		'CODE',
		'--training',
		'--locale',
		'de',
		'--full-screen',
	];
	await boot({ args });
	expect(received).toMatchObject({ hqUrl: 'https://hq.example', pairingCode: 'CODE', isTraining: true, locale: 'de' });
	expect(FakeWindow.made.at(-1)?.options.kiosk).toBe(true);
	fake.app.quit();
	await fake.app.exited.promise;
});

test('unpackaged, the first argument is the folder of the app', async () => {
	fake.app.isPackaged = false;
	await boot({ args: ['/srv/regulars', '--data', data] });
	expect(must(received, 'the options').dataFolder).toBe(data);
	expect(FakeWindow.made.at(-1)?.options.webPreferences?.devTools).toBe(true);
	fake.app.quit();
	await fake.app.exited.promise;
});

test('an argument without a meaning ends the program before it touches anything', async () => {
	await boot({ args: ['--data', data, '--hq', 'nowhere'] });
	expect(fake.errors).toEqual(['--hq has no value that it could have']);
	expect(fake.app.journal).toEqual(['exit 2']);
	expect(await readdir(folder)).toEqual(['app']);
});

test('a second instance ends at once and the first one comes to the front', async () => {
	fake.app.isFirstInstance = false;
	await boot();
	expect(fake.app.journal.at(-1)).toBe('exit 0');
	expect(received).toBeNull();
	fake = createFakeElectron(path.join(folder, 'app'));
	await boot();
	const window = must(FakeWindow.made.at(-1), 'a window');
	window.minimized = true;
	fake.app.emit('second-instance');
	expect(window.journal.slice(-2)).toEqual(['restore', 'focus']);
	fake.app.quit();
	await fake.app.exited.promise;
});

test('every page that Electron makes is guarded, and no certificate is sent', async () => {
	await boot();
	const window = new FakeWindow({});
	fake.app.emit('web-contents-created', {}, window.webContents);
	const event = createFakeEvent({ url: 'https://evil.example/' });
	window.webContents.emit('will-navigate', event);
	expect(event.isPrevented).toBe(true);
	expect(window.webContents.windowOpenHandler?.({ url: 'https://regulars.example/' })).toEqual({ action: 'deny' });
	expect(fake.opened).toEqual(['https://regulars.example/']);
	const certificate = createFakeEvent({});
	fake.app.emit('select-client-certificate', certificate, null);
	expect(certificate.isPrevented).toBe(true);
	fake.app.quit();
	await fake.app.exited.promise;
});

test('closing the last window stops the services first and then the program', async () => {
	await boot();
	fake.app.emit('window-all-closed');
	fake.app.quit();
	expect(fake.app.journal.at(-1)).not.toContain('exit');
	expect(await fake.app.exited.promise).toBe(0);
	expect(terminal.isStopped()).toBe(true);
	expect(terminal.listeners()).toBe(0);
	expect(await readdir(data)).not.toContain('lock');
	expect(fake.app.journal.filter((line) => line.startsWith('exit'))).toEqual(['exit 0']);
	expect(fake.powerMonitor.listenerCount('resume')).toBe(0);
});

test('services that do not start are explained, and nothing stays locked', async () => {
	await boot({ createTerminal: async () => Promise.resolve(fail(terminalError('DISK-103'))) });
	expect(fake.errors[0]).toContain('outbox.db is damaged');
	expect(fake.app.journal.at(-1)).toBe('exit 3');
	expect(await readdir(data)).not.toContain('lock');
});

test('a machine without a keyring is refused, unless a key file is named', async () => {
	fake.safeStorage.state.store = 'basic_text';
	await boot();
	expect(fake.errors[0]).toContain('no protected place');
	expect(fake.app.journal.at(-1)).toBe('exit 4');
	expect(received).toBeNull();
	fake = createFakeElectron(path.join(folder, 'app'));
	fake.safeStorage.state.store = 'basic_text';
	await boot({ args: ['--data', data, '--key-file', path.join(folder, 'key')] });
	const { secretBox } = must(received, 'the options').ports;
	expect(await secretBox.open(await secretBox.seal('x'))).toEqual({ plain: 'x', isStale: false });
	fake.app.quit();
	await fake.app.exited.promise;
});

test('a wake-up of the machine reaches the services, a lost process the log', async () => {
	await boot();
	let wakes = 0;
	must(received, 'the options').ports.power.onWake(() => (wakes += 1));
	fake.powerMonitor.emit('resume');
	expect(wakes).toBe(1);
	fake.app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed' });
	expect(await readFile(path.join(data, 'logs', 'terminal.log'), 'utf8')).toContain('"type":"GPU"');
	fake.app.quit();
	await fake.app.exited.promise;
});

test('a defect ends the program: soon after the start with a word to a person, later with a new start', async () => {
	const logger = createFakeLogger();
	const time = createFakeTime();
	const told: string[] = [];
	const stop = endOnDefect({ process: defects, app: fake.app, clock: time.clock, logger, tell: (text) => told.push(text) });
	defects.emit('uncaughtException', new Error('broken'));
	defects.emit('uncaughtException', new Error('broken again'));
	expect(fake.app.journal).toEqual(['exit 1']);
	expect(told).toEqual([expect.stringContaining('broken')]);
	stop();
	expect(defects.eventNames()).toEqual([]);
	const stopLater = endOnDefect({ process: defects, app: fake.app, clock: time.clock, logger, tell: (text) => told.push(text) });
	await time.pass(61_000);
	defects.emit('unhandledRejection', new Error('much later'));
	expect(fake.app.journal).toEqual(['exit 1', 'relaunch', 'exit 1']);
	expect(told).toHaveLength(1);
	expect(logger.lines).toMatchObject([{ level: 'error' }]);
	stopLater();
});

test('the running shell watches for defects until it stops', async () => {
	await boot();
	expect(defects.listenerCount('uncaughtException')).toBe(1);
	fake.app.quit();
	await fake.app.exited.promise;
	expect(defects.eventNames()).toEqual([]);
});

test('only the newest five crash dumps stay', async () => {
	const dumps = path.join(folder, 'crashes', 'pending');
	await mkdir(dumps, { recursive: true });
	for (let index = 0; index < 8; index += 1) {
		const file = path.join(dumps, `${index}.dmp`);
		await writeFile(file, 'x');
		await utimes(file, 1_000 + index, 1_000 + index);
	}
	await writeFile(path.join(dumps, 'settings.dat'), 'x');
	expect(await pruneCrashDumps(path.join(folder, 'crashes'))).toBe(3);
	expect((await readdir(dumps)).toSorted()).toEqual(['3.dmp', '4.dmp', '5.dmp', '6.dmp', '7.dmp', 'settings.dat']);
	expect(await pruneCrashDumps(path.join(folder, 'none'))).toBe(0);
});
