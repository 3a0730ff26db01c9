import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge'];
const MAC_APPS = [
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];
const WINDOWS_APPS = [
	'Google\\Chrome\\Application\\chrome.exe',
	'Microsoft\\Edge\\Application\\msedge.exe',
	'Chromium\\Application\\chrome.exe',
];

export type Machine = {
	readonly platform: NodeJS.Platform;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly isExecutable: (file: string) => boolean;
};

/** This machine, for `findChromium`. */
export const thisMachine: Machine = { platform: process.platform, environment: process.env, isExecutable };

/** The path of a Chromium of this machine, or `null`. The variable CHROMIUM goes before everything that is found. */
export function findChromium(machine: Machine): string | null {
	const { platform, environment } = machine;
	const named = environment['CHROMIUM'];
	if (named !== undefined && named !== '') return machine.isExecutable(named) ? named : null;
	if (platform === 'win32') return first(machine, windowsPaths(environment));
	const found = first(
		machine,
		(environment['PATH'] ?? '')
			.split(':')
			.filter((folder) => path.posix.isAbsolute(folder))
			.flatMap((folder) => NAMES.map((name) => path.posix.join(folder, name))),
	);
	return found ?? (platform === 'darwin' ? first(machine, MAC_APPS) : null);
}

/** The browser for the window, or why there is none; `missing` is a sentence, or `null` when none was wanted. */
export type Browser =
	| { readonly executable: string; readonly missing: null }
	| { readonly executable: null; readonly missing: string | null };

export function chooseBrowser(machine: Machine, isWindowWanted: boolean): Browser {
	if (!isWindowWanted) return { executable: null, missing: null };
	if (!hasScreen(machine)) return { executable: null, missing: 'There is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set).' };
	const executable = findChromium(machine);
	if (executable !== null) return { executable, missing: null };
	const named = machine.environment['CHROMIUM'];
	return {
		executable: null,
		missing: named === undefined ? 'No Chromium, Chrome or Edge was found.' : `CHROMIUM names ${named}, which cannot be run.`,
	};
}

/** Whether a window can be shown at all: on Linux there may be no screen. */
function hasScreen(machine: Machine): boolean {
	if (machine.platform !== 'linux') return true;
	return Boolean(machine.environment['DISPLAY']) || Boolean(machine.environment['WAYLAND_DISPLAY']);
}

function windowsPaths(environment: Machine['environment']): readonly string[] {
	const roots = [environment['PROGRAMFILES'], environment['PROGRAMFILES(X86)'], environment['LOCALAPPDATA']];
	return roots.filter((root) => root !== undefined).flatMap((root) => WINDOWS_APPS.map((app) => path.win32.join(root, app)));
}

function first(machine: Machine, candidates: readonly string[]): string | null {
	return candidates.find((candidate) => machine.isExecutable(candidate)) ?? null;
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		// Not there or not ours to run: either way no Chromium.
		return false;
	}
}
