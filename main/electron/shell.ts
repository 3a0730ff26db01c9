import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '#shared/lib/result.ts';
import { readStyleHashes } from '../assets.ts';
import { EXIT } from '../explain-failure.ts';
import { HOST_OPTIONS, readHostArguments } from '../host-arguments.ts';
import type { HostArguments } from '../host-arguments.ts';
import type { CreateTerminal } from '../ports.ts';
import { APP_PRIVILEGES, APP_SCHEME, createAppHandler } from './app-scheme.ts';
import type { BoundIpc } from './bind-router.ts';
import { CRASH_REPORTER, pruneCrashDumps } from './crash-dumps.ts';
import { endOnDefect } from './defects.ts';
import type { DefectSource } from './defects.ts';
import type { Keyring } from './keyring-secret-box.ts';
import { guardContents, guardSession } from './policy.ts';
import type { GuardedContents, GuardedSession } from './policy.ts';
import { createExternalOpener } from './safe-shell.ts';
import type { ExternalShell } from './safe-shell.ts';
import { startShellTerminal } from './shell-terminal.ts';
import type { ShellTerminal, ShellTerminalOptions } from './shell-terminal.ts';
import type { ShellWindowClass } from './shell-window.ts';

type Preventable = { readonly preventDefault: () => void };

/** The part of Electron's `app` that is used. */
export type ShellApp = {
	readonly isPackaged: boolean;
	readonly getVersion: () => string;
	readonly getLocale: () => string;
	readonly getAppPath: () => string;
	readonly getPath: (name: 'crashDumps') => string;
	readonly setPath: (name: 'userData', value: string) => void;
	readonly enableSandbox: () => void;
	readonly requestSingleInstanceLock: () => boolean;
	readonly whenReady: () => Promise<void>;
	readonly quit: () => void;
	readonly relaunch: () => void;
	readonly exit: (code: number) => void;
	on(event: 'web-contents-created', listener: (event: unknown, contents: GuardedContents) => void): unknown;
	on(event: 'select-client-certificate', listener: (event: Preventable) => void): unknown;
	on(event: 'child-process-gone', listener: (event: unknown, details: { readonly type: string; readonly reason: string }) => void): unknown;
	on(event: 'second-instance' | 'window-all-closed', listener: () => void): unknown;
	on(event: 'before-quit', listener: (event: Preventable) => void): unknown;
};

/** The part of Electron that the shell uses; `main.ts` hands over the real one. */
export type ShellElectron = {
	readonly app: ShellApp;
	readonly BrowserWindow: ShellWindowClass;
	readonly Menu: { readonly setApplicationMenu: (menu: null) => void };
	readonly crashReporter: { readonly start: (options: { readonly uploadToServer: boolean }) => void };
	readonly dialog: { readonly showErrorBox: (title: string, content: string) => void };
	readonly ipcMain: BoundIpc;
	readonly powerMonitor: ShellTerminalOptions['power'];
	readonly protocol: { readonly registerSchemesAsPrivileged: (schemes: (typeof APP_PRIVILEGES)[]) => void };
	readonly safeStorage: Keyring;
	/** `defaultSession` may be read after `ready` only. */
	readonly session: {
		readonly defaultSession: GuardedSession & {
			readonly protocol: { readonly handle: (scheme: string, handler: (request: Request) => Promise<Response>) => void };
		};
	};
	readonly shell: ExternalShell;
};

export type ShellOptions = {
	readonly argv: readonly string[];
	readonly platform: NodeJS.Platform;
	/** `process`, whose defects end the program. */
	readonly defects: DefectSource;
	readonly defaultDataFolder: string;
	readonly createTerminal: CreateTerminal;
};

/**
 * The order in which Electron must be told things. What stands before `whenReady` runs in the first turn of the event loop:
 * schemes, sandbox and the place of the data cannot be set later. A failure ends the program with its sentence in a box.
 */
export async function bootShell(electron: ShellElectron, options: ShellOptions): Promise<void> {
	const { app, dialog } = electron;
	const args = readArguments(options, app.isPackaged);
	if (!args.ok) {
		dialog.showErrorBox('Regulars', args.error);
		app.exit(EXIT.usage);
		return;
	}
	// Chromium's own files in a folder of their own: ours lie where the kiosk host would put them.
	const userData = path.join(args.value.dataFolder, 'electron');
	mkdirSync(userData, { recursive: true, mode: 0o700 });
	app.setPath('userData', userData);
	electron.crashReporter.start(CRASH_REPORTER);
	app.enableSandbox();
	electron.protocol.registerSchemesAsPrivileged([APP_PRIVILEGES]);
	if (!app.requestSingleInstanceLock()) {
		app.exit(EXIT.done);
		return;
	}
	guardApp(electron);
	await app.whenReady();
	await showTerminal(electron, options, args.value);
}

function guardApp(electron: ShellElectron): void {
	const { app } = electron;
	const openExternal = createExternalOpener(electron.shell, (cause) => {
		process.emitWarning(`no browser opened: ${String(cause)}`);
	});
	app.on('web-contents-created', (_event, contents) => {
		guardContents(contents, openExternal);
	});
	app.on('select-client-certificate', (event) => {
		// Without a call of the callback none is sent.
		event.preventDefault();
	});
	app.on('window-all-closed', () => {
		app.quit();
	});
}

async function showTerminal(electron: ShellElectron, options: ShellOptions, args: HostArguments): Promise<void> {
	const { app, dialog, session } = electron;
	const assetsRoot = path.join(app.getAppPath(), 'dist', 'renderer');
	electron.Menu.setApplicationMenu(null);
	guardSession(session.defaultSession);
	session.defaultSession.protocol.handle(APP_SCHEME, createAppHandler({ assetsRoot, styleHashes: await readStyleHashes(assetsRoot) }));
	await pruneCrashDumps(app.getPath('crashDumps'));
	const terminal = await startShellTerminal({
		args,
		createTerminal: options.createTerminal,
		appVersion: app.getVersion(),
		systemLocale: app.getLocale(),
		platform: options.platform,
		isPackaged: app.isPackaged,
		preload: path.join(app.getAppPath(), 'dist', 'electron', 'preload.cjs'),
		ipc: electron.ipcMain,
		keyring: electron.safeStorage,
		Window: electron.BrowserWindow,
		power: electron.powerMonitor,
		watchDefects: ({ clock, logger }) =>
			endOnDefect({
				process: options.defects,
				app: { relaunch: () => app.relaunch(), exit: (code) => app.exit(code) },
				clock,
				logger,
				tell: (text) => dialog.showErrorBox('Regulars', text),
			}),
	});
	if (!terminal.ok) {
		dialog.showErrorBox('Regulars', terminal.error.text);
		app.exit(terminal.error.exitCode);
		return;
	}
	keepRunning(app, terminal.value);
}

function keepRunning(app: ShellApp, terminal: ShellTerminal): void {
	const { window, logger } = terminal;
	app.on('second-instance', () => {
		if (window.isDestroyed()) return;
		if (window.isMinimized()) window.restore();
		window.focus();
	});
	app.on('child-process-gone', (_event, { type, reason }) => {
		logger.warn({ type, reason }, 'a process of the shell is gone');
	});
	let isStopping = false;
	app.on('before-quit', (event) => {
		event.preventDefault();
		if (isStopping) return;
		isStopping = true;
		terminal.stop().then(
			() => {
				app.exit(EXIT.done);
			},
			(cause: unknown) => {
				process.emitWarning(`the terminal did not stop in order: ${String(cause)}`);
				app.exit(1);
			},
		);
	});
}

/** Unknown options stay with Chromium, which has hundreds. Unpackaged, the first argument is the folder of the app. */
function readArguments(options: ShellOptions, isPackaged: boolean): Result<HostArguments, string> {
	const args = options.argv.slice(isPackaged ? 1 : 2);
	const { values } = parseArgs({ args, options: HOST_OPTIONS, strict: false, allowPositionals: true });
	return readHostArguments(values, options.defaultDataFolder);
}
