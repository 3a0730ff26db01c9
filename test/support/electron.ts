import { spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { _electron } from '@playwright/test';
import { PROJECT_ROOT } from './child.ts';
import { hostArguments, watchErrors } from './host.ts';
import type { HostOptions, RunningTerminal, TerminalHost } from './host.ts';

const START_MS_MAX = 60_000;
const OUTPUT_LENGTH_MAX = 200_000;

/** Terminals in the Electron of `binary`, which is never looked for by loading its package: that would download it. */
export function createElectronHost(binary: string): TerminalHost {
	return { start: async (options) => startElectron(binary, options) };
}

/**
 * How Electron is started for a terminal. The app is the repository's folder, from whose `package.json` Electron takes the entry. The
 * terminal's key lies in a file, as with the kiosk host: a machine that runs tests has no keyring, and the shell rightly insists on one.
 */
export function electronLaunch(
	options: Pick<HostOptions, 'data' | 'hqUrl' | 'pairingCode'>,
	environment: Readonly<Record<string, string | undefined>>,
): { readonly args: string[]; readonly cwd: string; readonly env: Record<string, string> } {
	const app = resolve(PROJECT_ROOT);
	const entries = Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
	return {
		args: [app, ...hostArguments(options), `--key-file=${join(options.data, 'secrets', 'key')}`],
		cwd: app,
		// Set by some editors; with it Electron is plain Node, and refuses the debugging port.
		env: Object.fromEntries(entries.filter(([name]) => name !== 'ELECTRON_RUN_AS_NODE')),
	};
}

async function startElectron(binary: string, options: HostOptions): Promise<RunningTerminal> {
	const app = await _electron.launch({ ...electronLaunch(options, process.env), executablePath: binary, timeout: START_MS_MAX });
	const process_ = app.process();
	const output = keepOutput(process_);
	const page = await app.firstWindow({ timeout: START_MS_MAX });
	watchErrors(page, options.onError);
	// The window came up by itself: what it logged before anybody listened.
	for (const message of await page.consoleMessages()) if (message.type() === 'error') options.onError(message.text());
	await page.setViewportSize(options.viewport);
	await page.emulateMedia({ colorScheme: options.colorScheme });
	return {
		page,
		output,
		stop: async () => {
			const exited = untilExit(process_);
			await app.close();
			await exited;
		},
		kill: async () => {
			const exited = untilExit(process_);
			killAtOnce(process_);
			await exited;
		},
	};
}

async function untilExit(child: ChildProcess): Promise<void> {
	if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** On Windows Playwright starts Electron through a shell, whose end alone would leave it running. */
function killAtOnce(child: ChildProcess): void {
	if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
	else child.kill('SIGKILL');
}

function keepOutput(child: ChildProcess): () => string {
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream?.on('data', (chunk: Buffer) => {
			output = (output + chunk.toString('utf8')).slice(-OUTPUT_LENGTH_MAX);
		});
	return () => output;
}
