import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { lockDataFolder } from '../devices/data-folder-lock.ts';
import { openFileSecretBox } from '../devices/file-secret-box.ts';
import { openMachine } from '../devices/machine.ts';
import { systemTimers } from '../devices/system-clock.ts';
import { EXIT, explainFailure } from '../explain-failure.ts';
import type { HostArguments } from '../host-arguments.ts';
import type { CreateTerminal, HostPorts, Logger, SecretBox, Services } from '../ports.ts';
import { createRouter } from '../router.ts';
import { createUndoStack } from '../undo-stack.ts';
import type { UndoStack } from '../undo-stack.ts';
import { bindRouter } from './bind-router.ts';
import type { BoundIpc } from './bind-router.ts';
import { openKeyringSecretBox } from './keyring-secret-box.ts';
import type { Keyring } from './keyring-secret-box.ts';
import { openShellWindow, showPage } from './shell-window.ts';
import type { ShellWindow, ShellWindowClass } from './shell-window.ts';

export type ShellTerminalOptions = {
	readonly args: HostArguments;
	readonly createTerminal: CreateTerminal;
	readonly appVersion: string;
	/** BCP 47, of the system. */
	readonly systemLocale: string;
	readonly platform: NodeJS.Platform;
	readonly isPackaged: boolean;
	readonly preload: string;
	readonly ipc: BoundIpc;
	readonly keyring: Keyring;
	readonly Window: ShellWindowClass;
	/** Called as soon as there is a log; returns the way to stop. */
	readonly watchDefects: (ports: Pick<HostPorts, 'clock' | 'logger'>) => () => void;
	readonly power: { on(event: 'resume', listener: () => void): unknown; off(event: 'resume', listener: () => void): unknown };
};

/** A terminal with its window, in Electron. */
export type ShellTerminal = { readonly window: ShellWindow; readonly logger: Logger; readonly stop: () => Promise<void> };
/** Why there is none: how the program ends and what a person reads. */
export type StartFailure = ReturnType<typeof explainFailure>;

const NO_KEYRING: StartFailure = {
	exitCode: EXIT.refused,
	text: `This computer has no protected place for the terminal's key. Start a keyring (GNOME Keyring or KWallet) for this account,
or start the terminal with --key-file FILE, where FILE lies on a protected disk.
`,
};

/**
 * Everything between `ready` and the page on the screen: lock, ports, services, window, bridge, page, in this order, and back in the
 * reverse order. Fails, having undone all of it, when the folder is taken or the services do not start.
 */
export async function startShellTerminal(options: ShellTerminalOptions): Promise<Result<ShellTerminal, StartFailure>> {
	const undo = createUndoStack();
	try {
		const running = await startServices(options, undo);
		if (!running.ok) {
			await undo.undo();
			return running;
		}
		const { ports, services } = running.value;
		const window = openShellWindow(options.Window, { ...options, isFullScreen: options.args.isFullScreen });
		const router = createRouter({ api: services.api, logger: ports.logger });
		undo.push(bindRouter({ ipc: options.ipc, contents: window.webContents, router, onEvent: services.onEvent, logger: ports.logger }));
		await showPage(window, ports);
		return ok({ window, logger: ports.logger, stop: undo.undo });
	} catch (cause) {
		await undo.undo();
		throw cause;
	}
}

async function startServices(
	options: ShellTerminalOptions,
	undo: UndoStack,
): Promise<Result<{ readonly ports: HostPorts; readonly services: Services }, StartFailure>> {
	const { dataFolder, hqUrl, pairingCode, isTraining, locale, safety } = options.args;
	const lock = await lockDataFolder(dataFolder, systemTimers);
	if (!lock.ok) return fail(explainFailure(lock.error, dataFolder));
	undo.push(lock.value.release);
	const machine = openMachine(dataFolder);
	undo.push(machine.close);
	undo.push(options.watchDefects(machine.ports));
	options.power.on('resume', machine.wake);
	undo.push(() => {
		options.power.off('resume', machine.wake);
	});
	const secretBox = await openSecretBox(options, machine.ports.logger);
	if (secretBox === null) return fail(NO_KEYRING);
	const ports = { ...machine.ports, secretBox };
	const services = await options.createTerminal({
		dataFolder,
		hqUrl,
		pairingCode,
		isTraining,
		locale: locale ?? options.systemLocale,
		appVersion: options.appVersion,
		safety,
		ports,
	});
	if (!services.ok) return fail(explainFailure(services.error, dataFolder));
	undo.push(services.value.stop);
	return ok({ ports, services: services.value });
}

async function openSecretBox(options: ShellTerminalOptions, logger: Logger): Promise<SecretBox | null> {
	const { keyFile } = options.args;
	return keyFile === null ? openKeyringSecretBox({ ...options, logger }) : openFileSecretBox(keyFile);
}
