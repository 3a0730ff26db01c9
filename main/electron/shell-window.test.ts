import { expect, test } from 'vitest';
import { createFakeLogger } from '../fake-logger.ts';
import { createFakeTime } from '../fake-time.ts';
import { FakeWindow } from './fake-electron.ts';
import { openShellWindow, showPage } from './shell-window.ts';

const OPTIONS = { preload: '/app/dist/electron/preload.cjs', isPackaged: true, isFullScreen: false };

test('the window is made with exactly these options', () => {
	expect(openFake(OPTIONS).options).toEqual({
		title: 'Regulars',
		width: 1366,
		height: 768,
		minWidth: 1024,
		minHeight: 720,
		show: false,
		kiosk: false,
		autoHideMenuBar: true,
		webPreferences: {
			preload: '/app/dist/electron/preload.cjs',
			nodeIntegration: false,
			nodeIntegrationInWorker: false,
			nodeIntegrationInSubFrames: false,
			contextIsolation: true,
			sandbox: true,
			webSecurity: true,
			allowRunningInsecureContent: false,
			experimentalFeatures: false,
			webviewTag: false,
			plugins: false,
			navigateOnDragDrop: false,
			spellcheck: false,
			devTools: false,
		},
	});
});

test('only an unpackaged shell has developer tools, and the full screen is asked for', () => {
	expect(openFake({ ...OPTIONS, isPackaged: false }).options.webPreferences?.devTools).toBe(true);
	expect(openFake({ ...OPTIONS, isFullScreen: true }).options.kiosk).toBe(true);
});

test('the window is shown when it has something to show', async () => {
	const window = openFake(OPTIONS);
	await showPage(window, ports());
	expect(window.journal).toEqual(['load app://regulars/']);
	window.emit('ready-to-show');
	expect(window.journal).toEqual(['load app://regulars/', 'show']);
});

test('a page whose process died is loaded again after a pause that grows', async () => {
	const window = openFake(OPTIONS);
	const given = ports();
	await showPage(window, given);
	const die = (): boolean => window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 11 });
	for (const [index, pauseMs] of [500, 1_000, 2_000, 4_000].entries()) {
		die();
		await given.pass(pauseMs - 10);
		expect(window.webContents.reloads).toBe(index);
		await given.pass(10);
		expect(window.webContents.reloads).toBe(index + 1);
	}
	await given.pass(61_000);
	die();
	await given.pass(500);
	expect(window.webContents.reloads).toBe(5);
	expect(given.logger.lines.every((line) => line.level === 'error')).toBe(true);
});

test('a window that was closed meanwhile is left alone, and one that hangs is logged', async () => {
	const window = openFake(OPTIONS);
	const given = ports();
	await showPage(window, given);
	window.emit('unresponsive');
	expect(given.logger.lines).toMatchObject([{ level: 'warn' }]);
	window.webContents.emit('render-process-gone', {}, { reason: 'killed', exitCode: 9 });
	window.webContents.isGone = true;
	await given.pass(60_000);
	expect(window.webContents.reloads).toBe(0);
});

function openFake(options: typeof OPTIONS): FakeWindow {
	const window = openShellWindow(FakeWindow, options);
	if (!(window instanceof FakeWindow)) throw new Error('no fake');
	return window;
}

function ports() {
	// The longest wait of each step.
	return {
		...createFakeTime(),
		random: { fraction: () => 0.999999, bytes: (count: number) => new Uint8Array(count) },
		logger: createFakeLogger(),
	};
}
