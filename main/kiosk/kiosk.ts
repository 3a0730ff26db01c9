import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { readStyleHashes } from '../assets.ts';
import { lockDataFolder } from '../devices/data-folder-lock.ts';
import { openFileSecretBox } from '../devices/file-secret-box.ts';
import { openMachine } from '../devices/machine.ts';
import { systemTimers } from '../devices/system-clock.ts';
import type { CreateTerminal, HostPorts, Services } from '../ports.ts';
import { createRouter } from '../router.ts';
import { createUndoStack } from '../undo-stack.ts';
import type { UndoStack } from '../undo-stack.ts';
import type { Browser } from './find-chromium.ts';
import { openChromiumWindow } from './chromium-window.ts';
import type { ChromiumWindow } from './chromium-window.ts';
import type { KioskArguments } from './kiosk-arguments.ts';
import { startKioskHost } from './kiosk-host.ts';
import type { KioskHost } from './kiosk-host.ts';
import { keepWindow } from './window-keeper.ts';

export type KioskOptions = {
	readonly arguments: KioskArguments;
	readonly createTerminal: CreateTerminal;
	/** The built renderer; has an `index.html`. */
	readonly assetsRoot: string;
	readonly appVersion: string;
	readonly browser: Browser;
	readonly chromiumArguments?: readonly string[];
	/** A person closed the window and it is not to come back. */
	readonly onWindowClosed: () => void;
};

/** A terminal in plain Node with its window in Chromium. */
export type Kiosk = {
	readonly origin: string;
	/** `null` when the window is open: the link would open a second one. */
	readonly bootLink: string | null;
	readonly hasWindow: boolean;
	/** Why there is no window although one was wanted. */
	readonly windowFailure: string | null;
	readonly services: Pick<Services, 'pairing' | 'onEvent'>;
	readonly stop: () => Promise<void>;
};

/**
 * The composition root of the kiosk host: lock, ports, services, loopback server, window, in this order, and back in the reverse order.
 * Fails, having undone all of it, when the folder is taken (DISK-105) or the services do not start.
 */
export async function startKiosk(options: KioskOptions): Promise<Result<Kiosk, LoyaltyError>> {
	const { dataFolder } = options.arguments;
	const undo = createUndoStack();
	try {
		await mkdir(dataFolder, { recursive: true, mode: 0o700 });
		const lock = await lockDataFolder(dataFolder, systemTimers);
		if (!lock.ok) return lock;
		undo.push(lock.value.release);
		const ports = await openPorts(options.arguments, undo);
		const services = await startServices(options, ports);
		if (!services.ok) {
			await undo.undo();
			return services;
		}
		undo.push(services.value.stop);
		const host = await startHost({ options, ports, services: services.value });
		undo.push(host.stop);
		const window = await openWindow({ options, ports, host, undo });
		return ok({
			origin: host.origin,
			bootLink: window.isOpen ? null : host.bootLink,
			hasWindow: window.isOpen,
			windowFailure: window.failure,
			services: services.value,
			stop: undo.undo,
		});
	} catch (cause) {
		await undo.undo();
		throw cause;
	}
}

async function openPorts(of: KioskArguments, undo: UndoStack): Promise<HostPorts> {
	const machine = openMachine(of.dataFolder);
	undo.push(machine.close);
	return { ...machine.ports, secretBox: await openFileSecretBox(of.keyFile ?? path.join(of.dataFolder, 'secrets', 'key')) };
}

async function startServices(options: KioskOptions, ports: HostPorts): Promise<Result<Services, LoyaltyError>> {
	const { dataFolder, hqUrl, pairingCode, isTraining, safety } = options.arguments;
	const locale = options.arguments.locale ?? Intl.DateTimeFormat().resolvedOptions().locale;
	return options.createTerminal({ dataFolder, hqUrl, pairingCode, isTraining, locale, appVersion: options.appVersion, safety, ports });
}

async function startHost(of: {
	readonly options: KioskOptions;
	readonly ports: HostPorts;
	readonly services: Services;
}): Promise<KioskHost> {
	const { options, ports, services } = of;
	const { random, timers, logger } = ports;
	return startKioskHost({
		router: createRouter({ api: services.api, logger }),
		onEvent: services.onEvent,
		assetsRoot: options.assetsRoot,
		styleHashes: await readStyleHashes(options.assetsRoot),
		port: options.arguments.port,
		random,
		timers,
		logger,
	});
}

async function openWindow(of: {
	readonly options: KioskOptions;
	readonly ports: HostPorts;
	readonly host: KioskHost;
	readonly undo: UndoStack;
}): Promise<{ readonly isOpen: boolean; readonly failure: string | null }> {
	const { options, ports, host } = of;
	const { executable, missing } = options.browser;
	if (executable === null) return { isOpen: false, failure: missing };
	const { isFullScreen, dataFolder } = options.arguments;
	const open = async (): Promise<ChromiumWindow> =>
		openChromiumWindow({
			executable,
			profileFolder: path.join(dataFolder, 'chromium'),
			origin: host.origin,
			cookie: host.cookie,
			isFullScreen,
			extraArguments: options.chromiumArguments ?? [],
			timers: ports.timers,
		});
	let first: ChromiumWindow;
	try {
		first = await open();
	} catch (cause) {
		// No screen, no rights, an old browser: the terminal runs, and the link opens its page elsewhere.
		ports.logger.warn({ err: cause }, 'the window did not open');
		return { isOpen: false, failure: cause instanceof Error ? cause.message : String(cause) };
	}
	const keeper = keepWindow({ ...ports, first, open, host, isReopened: isFullScreen, onClosed: options.onWindowClosed });
	of.undo.push(keeper.stop);
	return { isOpen: true, failure: null };
}
