/**
 * `npm start`: an embedded headquarters with a synthetic or an imported member base, one paired terminal, and its window. Both keep
 * their data, so a second start goes on where the first ended. Ends both, the terminal first, on Ctrl-C or when either ends.
 * `npm start -- --help` tells the options.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { forkChild, HeadquartersReady, stopChild, TerminalReady, untilReady } from './launch/child-process.ts';
import { ensureChromium } from './chromium.ts';
import { electronBinary } from './electron-binary.ts';
import { ensureBundle } from './ensure-bundle.ts';
import { progressBar } from './launch/progress-bar.ts';
import { ROOT } from './root.ts';
import { readStartOptions, START_USAGE, type StartOptions } from './launch/start-options.ts';

const TERMINAL = { path: 'S01/Station Road/T1/Counter 1', outlet: 'S01', terminal: 'T1' };
const BARCODES_SHOWN_MAX = 6;

/** In the order in which they are started; they end in the opposite one. */
const children: ChildProcess[] = [];
const state = { isStopping: false };

async function startHeadquarters(options: StartOptions): Promise<z.infer<typeof HeadquartersReady>> {
	const source = options.importFile === null ? ['--members', String(options.members)] : ['--import', options.importFile];
	const args = ['--port', '0', '--data', join(options.data, 'hq'), ...source, '--new-terminal', TERMINAL.path];
	const child = forkChild('sync/hq/main.ts', args);
	watch(child);
	const bar = progressBar();
	const { ready } = await untilReady(child, HeadquartersReady, bar.show);
	bar.stop();
	console.log(`Headquarters: ${ready.url}`);
	return ready;
}

/** The arguments that both hosts understand. A terminal that is paired already needs no code, and says so. */
function terminalArgs(options: StartOptions, headquarters: z.infer<typeof HeadquartersReady>): string[] {
	const pairing = headquarters.pairing.find((offer) => offer.terminal === TERMINAL.terminal) ?? headquarters.pairing[0];
	return [
		'--data',
		join(options.data, 'terminal'),
		'--hq',
		headquarters.url,
		...(pairing === undefined ? [] : ['--pair', pairing.code]),
		...(options.isTraining ? ['--training'] : []),
		...(options.locale === null ? [] : ['--locale', options.locale]),
	];
}

function startElectron(binary: string, args: readonly string[]): void {
	const env = { ...process.env };
	// Set by some editors; with it Electron is plain Node and shows no window.
	delete env['ELECTRON_RUN_AS_NODE'];
	watch(spawn(binary, [ROOT, ...args], { cwd: ROOT, env, stdio: 'inherit', detached: process.platform !== 'win32' }));
}

/** The kiosk host says itself where it runs, and prints a one-time link when it has no window. */
async function startKiosk(options: StartOptions, args: readonly string[]): Promise<void> {
	const chromium = options.isWindowWanted ? chromiumForWindow() : null;
	const env = chromium === null ? process.env : { ...process.env, CHROMIUM: chromium };
	const child = forkChild('main/kiosk/main.ts', options.isWindowWanted ? args : [...args, '--no-window'], env);
	watch(child);
	const bar = progressBar();
	await untilReady(child, TerminalReady, bar.show);
}

/** A Chromium to show the window with, installed if need be; null when there is no screen or none can be had. */
function chromiumForWindow(): string | null {
	const hasScreen = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
	if (!hasScreen) return null;
	try {
		return ensureChromium();
	} catch (error) {
		console.log(error instanceof Error ? error.message : error);
		return null;
	}
}

/** What to type first. An imported base brings its own cards, and no cashiers: its terminal asks nobody for a PIN. */
function printHints(options: StartOptions, { barcodes, pins }: z.infer<typeof HeadquartersReady>): void {
	if (options.importFile !== null)
		console.log(`\nCards to try: those in ${basename(options.importFile)}. Type one anywhere and press Enter.`);
	if (barcodes.length > 0) console.log('\nBarcodes to try: type one anywhere and press Enter.');
	const width = Math.max(...barcodes.map(({ label }) => label.length), 0);
	for (const { label, barcode } of barcodes.slice(0, BARCODES_SHOWN_MAX)) console.log(`  ${label.padEnd(width)}  ${barcode}`);
	if (pins.length > 0) console.log(`PINs: ${pins.map(({ name, pin }) => `${name} ${pin}`).join(' · ')}`);
	console.log('');
}

function watch(child: ChildProcess): void {
	children.push(child);
	child.once('exit', (code) => {
		void stopAll(code ?? 1);
	});
}

async function stopAll(code: number): Promise<void> {
	if (state.isStopping) return;
	state.isStopping = true;
	for (const child of children.toReversed()) await stopChild(child);
	process.exit(code);
}

async function start(options: StartOptions): Promise<void> {
	await ensureBundle();
	const headquarters = await startHeadquarters(options);
	const args = terminalArgs(options, headquarters);
	const electron = options.isWindowWanted ? electronBinary() : null;
	printHints(options, headquarters);
	if (electron === null) await startKiosk(options, args);
	else startElectron(electron, args);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => {
		void stopAll(0);
	});
}

// npm runs scripts in the package's folder and says here where the person stands.
const request = readStartOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
if (request.kind === 'help') console.log(START_USAGE);
else if (request.kind === 'wrong') {
	console.error(`${request.sentence}\n\n${START_USAGE}`);
	process.exitCode = 2;
} else {
	try {
		await start(request.options);
	} catch (error) {
		if (!state.isStopping) console.error(error instanceof Error ? error.message : error);
		await stopAll(1);
	}
}
