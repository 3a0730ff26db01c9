import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type * as RealElectron from 'electron';
import type { BrowserWindowConstructorOptions } from 'electron';
import type { Bridge } from '#shared/bridge/envelope.ts';
import { assert } from '#shared/lib/assert.ts';
import { APP_ORIGIN } from './app-scheme.ts';
import type { BoundContents, BoundIpc, Frame, InvokeEvent } from './bind-router.ts';
import type { Keyring } from './keyring-secret-box.ts';
import type { GuardedContents, GuardedSession, PermissionCheckArguments, PermissionRequestArguments } from './policy.ts';
import type { ShellApp, ShellElectron } from './shell.ts';
import type { ShellContents, ShellWindow } from './shell-window.ts';

/**
 * Electron for plain Node: tests emit Electron's events and call the handlers that the shell has set. It is as strict as the real one
 * where that matters: a second handler for a channel throws, arguments are cloned, paths must exist, and what comes too late throws.
 * The types below break when an API that the shell uses disappears from Electron.
 */
type UsedOfElectron = Pick<
	typeof RealElectron,
	| 'app'
	| 'BrowserWindow'
	| 'contextBridge'
	| 'crashReporter'
	| 'dialog'
	| 'ipcMain'
	| 'ipcRenderer'
	| 'Menu'
	| 'powerMonitor'
	| 'protocol'
	| 'safeStorage'
	| 'session'
	| 'shell'
>;
type UsedOfSession = Pick<
	RealElectron.Session,
	| 'setPermissionRequestHandler'
	| 'setPermissionCheckHandler'
	| 'setDevicePermissionHandler'
	| 'setDisplayMediaRequestHandler'
	| 'protocol'
	| 'on'
>;
type UsedOfContents = Pick<
	RealElectron.WebContents,
	'id' | 'mainFrame' | 'send' | 'reload' | 'isDestroyed' | 'setWindowOpenHandler' | 'on'
>;
type UsedOfFrame = Pick<RealElectron.WebFrameMain, 'origin' | 'parent'>;

/** An event that remembers whether it was prevented. */
export function createFakeEvent<T extends object>(details: T) {
	const event = {
		...details,
		isPrevented: false,
		preventDefault: (): void => {
			event.isPrevented = true;
		},
	};
	return event;
}

type Handler = (event: InvokeEvent, ...args: unknown[]) => Promise<string>;

/** `ipcMain` with the way in that the page's process would take. */
export class FakeIpcMain implements BoundIpc {
	readonly #handlers = new Map<string, Handler>();

	handle(channel: string, listener: Handler): void {
		if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
		this.#handlers.set(channel, listener);
	}

	removeHandler(channel: string): void {
		this.#handlers.delete(channel);
	}

	/** What `ipcRenderer.invoke` does: clones both ways, and of an error only the message arrives. */
	async invoke(event: InvokeEvent, channel: string, ...args: unknown[]): Promise<unknown> {
		const handler = this.#handlers.get(channel);
		if (handler === undefined) throw new Error(`Error invoking remote method '${channel}': Error: No handler registered for '${channel}'`);
		try {
			return structuredClone(await handler(event, ...structuredClone(args)));
		} catch (cause) {
			throw new Error(`Error invoking remote method '${channel}': ${String(cause)}`, { cause });
		}
	}
}

export class FakeContents
	extends EventEmitter
	implements BoundContents, GuardedContents, ShellContents, Record<keyof UsedOfContents, unknown>
{
	readonly id = 1;
	mainFrame: Frame & Record<keyof UsedOfFrame, unknown> = { origin: APP_ORIGIN, parent: null };
	reloads = 0;
	isGone = false;
	windowOpenHandler: ((details: { url: string }) => { action: 'deny' }) | null = null;
	readonly sent: (readonly unknown[])[] = [];

	setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void {
		this.windowOpenHandler = handler;
	}

	readonly isDestroyed = (): boolean => this.isGone;

	readonly reload = (): void => {
		this.reloads += 1;
	};

	/** The page's process hears it as the event `page:<channel>`. */
	readonly send = (channel: string, ...args: unknown[]): void => {
		assert(!this.isGone, 'Object has been destroyed');
		this.sent.push([channel, ...args]);
		this.emit(`page:${channel}`, {}, ...structuredClone(args));
	};
}

export class FakeWindow extends EventEmitter implements ShellWindow {
	/** Every window that was made, oldest first. */
	static readonly made: FakeWindow[] = [];
	readonly webContents = new FakeContents();
	readonly options: BrowserWindowConstructorOptions;
	readonly journal: string[] = [];
	minimized = false;

	constructor(options: BrowserWindowConstructorOptions) {
		super();
		this.options = options;
		FakeWindow.made.push(this);
	}

	readonly loadURL = async (url: string): Promise<void> => {
		this.journal.push(`load ${url}`);
		return Promise.resolve();
	};
	readonly show = (): void => {
		this.journal.push('show');
	};
	readonly focus = (): void => {
		this.journal.push('focus');
	};
	readonly restore = (): void => {
		this.journal.push('restore');
	};
	readonly isMinimized = (): boolean => this.minimized;
	readonly isDestroyed = (): boolean => this.webContents.isGone;
}

export class FakeSession extends EventEmitter implements GuardedSession, Record<keyof UsedOfSession, unknown> {
	permissionRequest: ((...args: PermissionRequestArguments) => void) | null = null;
	permissionCheck: ((...args: PermissionCheckArguments) => boolean) | null = null;
	devicePermission: (() => boolean) | null = null;
	displayMedia: ((request: unknown, callback: (streams: null) => void) => void) | null = null;
	readonly schemes = new Map<string, (request: Request) => Promise<Response>>();
	readonly protocol = {
		handle: (scheme: string, handler: (request: Request) => Promise<Response>): void => {
			this.schemes.set(scheme, handler);
		},
	};

	setPermissionRequestHandler(handler: (...args: PermissionRequestArguments) => void): void {
		this.permissionRequest = handler;
	}

	setPermissionCheckHandler(handler: (...args: PermissionCheckArguments) => boolean): void {
		this.permissionCheck = handler;
	}

	setDevicePermissionHandler(handler: () => boolean): void {
		this.devicePermission = handler;
	}

	setDisplayMediaRequestHandler(handler: (request: unknown, callback: (streams: null) => void) => void): void {
		this.displayMedia = handler;
	}
}

/** `safeStorage` whose key can be turned: what was sealed with the key before still opens, and says so. */
export function createFakeKeyring() {
	const state: { isAvailable: boolean; store: ReturnType<Keyring['getSelectedStorageBackend']>; key: number } = {
		isAvailable: true,
		store: 'gnome_libsecret',
		key: 1,
	};
	const keyring: Keyring = {
		isAsyncEncryptionAvailable: async () => Promise.resolve(state.isAvailable),
		getSelectedStorageBackend: () => state.store,
		encryptStringAsync: async (plain) => Promise.resolve(Buffer.from(`v${state.key}:${Buffer.from(plain).toString('base64')}`)),
		decryptStringAsync: async (sealed) => {
			const [, key, body] = /^v(\d+):(.*)$/.exec(sealed.toString()) ?? [];
			if (key === undefined || body === undefined) throw new Error('Error while decrypting the ciphertext provided to safeStorage.');
			return Promise.resolve({ shouldReEncrypt: Number(key) !== state.key, result: Buffer.from(body, 'base64').toString() });
		},
	};
	return { ...keyring, state };
}

/** `app` that writes down what it was told, in order, and refuses what comes too late. */
export class FakeApp extends EventEmitter implements ShellApp {
	readonly journal: string[] = [];
	readonly paths = new Map<string, string>();
	isPackaged = true;
	isFirstInstance = true;
	isReady = false;
	readonly appPath: string;
	readonly exited = Promise.withResolvers<number>();

	constructor(appPath: string) {
		super();
		this.appPath = appPath;
		this.paths.set('crashDumps', `${appPath}/crashes`);
	}

	readonly getVersion = (): string => '1.2.3';
	readonly getLocale = (): string => {
		assert(this.isReady, 'app.getLocale() can only be called after app is ready');
		return 'hu';
	};
	readonly getAppPath = (): string => this.appPath;
	readonly getPath = (name: string): string => this.paths.get(name) ?? '';
	readonly setPath = (name: string, value: string): void => {
		assert(existsSync(value), `Failed to set path: '${value}' does not exist`);
		this.journal.push(`setPath ${name}`);
		this.paths.set(name, value);
	};
	readonly enableSandbox = (): void => {
		assert(!this.isReady, 'app.enableSandbox() can only be called before app is ready');
		this.journal.push('enableSandbox');
	};
	readonly requestSingleInstanceLock = (): boolean => {
		this.journal.push('requestSingleInstanceLock');
		return this.isFirstInstance;
	};
	readonly whenReady = async (): Promise<void> => {
		this.journal.push('whenReady');
		await Promise.resolve();
		this.isReady = true;
	};
	readonly quit = (): void => {
		const event = createFakeEvent({});
		this.emit('before-quit', event);
		if (!event.isPrevented) this.exit(0);
	};
	readonly relaunch = (): void => {
		this.journal.push('relaunch');
	};
	readonly exit = (code: number): void => {
		this.journal.push(`exit ${code}`);
		this.exited.resolve(code);
	};
}

/** All of it, connected. */
export function createFakeElectron(appPath: string) {
	const app = new FakeApp(appPath);
	const ipcMain = new FakeIpcMain();
	const defaultSession = new FakeSession();
	const safeStorage = createFakeKeyring();
	const powerMonitor = new EventEmitter();
	const errors: string[] = [];
	const opened: string[] = [];
	const electron = {
		app,
		BrowserWindow: FakeWindow,
		Menu: {
			setApplicationMenu: () => {
				app.journal.push('no menu');
			},
		},
		crashReporter: {
			start: (options: { uploadToServer: boolean }) => {
				app.journal.push(`crashReporter upload=${String(options.uploadToServer)}`);
			},
		},
		dialog: {
			showErrorBox: (_title: string, content: string) => {
				errors.push(content);
			},
		},
		ipcMain,
		powerMonitor,
		protocol: {
			registerSchemesAsPrivileged: (schemes: readonly { scheme: string }[]) => {
				assert(!app.isReady, 'protocol.registerSchemesAsPrivileged should be called before app is ready');
				app.journal.push(`schemes ${schemes.map(({ scheme }) => scheme).join()}`);
			},
		},
		safeStorage,
		session: {
			get defaultSession() {
				assert(app.isReady, 'Session can only be received when app is ready');
				return defaultSession;
			},
		},
		shell: {
			openExternal: async (url: string) => {
				opened.push(url);
				return Promise.resolve();
			},
		},
	} satisfies ShellElectron & Record<Exclude<keyof UsedOfElectron, 'contextBridge' | 'ipcRenderer'>, unknown>;
	return { electron, app, ipcMain, defaultSession, safeStorage, powerMonitor, errors, opened };
}

/** The page's process, for `preload.ts`: where its messages go is set by the test. */
export const page: { ipcMain: FakeIpcMain; contents: FakeContents } = { ipcMain: new FakeIpcMain(), contents: new FakeContents() };

/** @public `preload.ts` imports it as `electron`. */
export const ipcRenderer = {
	invoke: async (channel: string, ...args: unknown[]): Promise<unknown> =>
		page.ipcMain.invoke({ sender: page.contents, senderFrame: page.contents.mainFrame }, channel, ...args),
	on: (channel: string, listener: (...args: unknown[]) => void): void => {
		page.contents.on(`page:${channel}`, listener);
	},
	off: (channel: string, listener: (...args: unknown[]) => void): void => {
		page.contents.off(`page:${channel}`, listener);
	},
};

/** What the preload has exposed to the page, by name. */
export const exposed = new Map<string, Bridge>();

/** @public `preload.ts` imports it as `electron`. */
export const contextBridge = {
	exposeInMainWorld: (name: string, api: Bridge): void => {
		if (exposed.has(name)) throw new Error(`Cannot bind an API on top of an existing property on the window object: ${name}`);
		exposed.set(name, api);
	},
};
