import type { BrowserWindowConstructorOptions } from 'electron';
import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { BackoffPolicy } from '#shared/lib/backoff.ts';
import type { HostPorts } from '../ports.ts';
import { APP_PAGE } from './app-scheme.ts';
import type { BoundContents } from './bind-router.ts';

const RELOAD_POLICY: BackoffPolicy = { firstMs: 500, maxMs: 30_000 };
/** A page that lived this long was well: the next failure starts counting anew. */
const HEALTHY_MS = 60_000;

export type ShellContents = BoundContents & {
	readonly reload: () => void;
	on(
		event: 'render-process-gone',
		listener: (event: unknown, details: { readonly reason: string; readonly exitCode: number }) => void,
	): unknown;
};
/** The part of `BrowserWindow` that is used. */
export type ShellWindow = {
	readonly webContents: ShellContents;
	readonly loadURL: (url: string) => Promise<void>;
	readonly show: () => void;
	readonly focus: () => void;
	readonly restore: () => void;
	readonly isMinimized: () => boolean;
	readonly isDestroyed: () => boolean;
	once(event: 'ready-to-show', listener: () => void): unknown;
	on(event: 'unresponsive', listener: () => void): unknown;
};
export type ShellWindowClass = new (options: BrowserWindowConstructorOptions) => ShellWindow;

/**
 * Everything that decides what the page may do, spelled out where Electron's default is the same: a change of a default must not change us.
 * No `partition` and no `session`: the protocol handler belongs to the default one.
 */
export function windowOptions(of: { readonly preload: string; readonly isPackaged: boolean; readonly isFullScreen: boolean }) {
	return {
		title: 'Regulars',
		width: 1366,
		height: 768,
		minWidth: 1024,
		minHeight: 720,
		show: false,
		kiosk: of.isFullScreen,
		autoHideMenuBar: true,
		webPreferences: {
			preload: of.preload,
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
			devTools: !of.isPackaged,
		},
	} satisfies BrowserWindowConstructorOptions;
}

/** Makes the window, hidden until it has something to show. Its page is loaded by `showPage`, once the bridge is bound. */
export function openShellWindow(Window: ShellWindowClass, options: Parameters<typeof windowOptions>[0]): ShellWindow {
	const window = new Window(windowOptions(options));
	window.once('ready-to-show', () => {
		window.show();
	});
	return window;
}

/** Loads the page, and again whenever its process died: nobody at a till reloads a page. The services do not notice. */
export async function showPage(window: ShellWindow, ports: Pick<HostPorts, 'clock' | 'timers' | 'random' | 'logger'>): Promise<void> {
	const { clock, timers, random, logger } = ports;
	let failures = 0;
	let loadedAtMs = clock.monotonicMs();
	window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
		if (clock.monotonicMs() - loadedAtMs > HEALTHY_MS) failures = 0;
		logger.error({ reason, exitCode, failures }, "the page's process is gone");
		const delayMs = nextDelayMs(RELOAD_POLICY, failures, random);
		failures += 1;
		timers.after(delayMs, () => {
			if (window.isDestroyed()) return;
			loadedAtMs = clock.monotonicMs();
			window.webContents.reload();
		});
	});
	window.on('unresponsive', () => {
		logger.warn({}, 'the page does not answer');
	});
	await window.loadURL(APP_PAGE);
}
