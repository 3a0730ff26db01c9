/**
 * `npm start`: an embedded headquarters with a synthetic member base, one paired terminal, and its window. Both keep their data
 * in .data, so a second start goes on where the first ended. Ends both, the terminal first, on Ctrl-C or when either ends.
 *
 *   --members N    size of the synthetic base (50,000)      --import FILE   a CSV of members instead
 *   --no-window    print a one-time link instead            --training      the terminal on invented members
 *   --data FOLDER  where both keep their data (.data)       --locale TAG    language of the screens, such as en or hu
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { forkChild, HeadquartersReady, stopChild, TerminalReady, untilReady } from './child-process.ts';
import { ensureChromium } from './chromium.ts';
import { electronBinary } from './electron-binary.ts';
import { ensureBundle } from './ensure-bundle.ts';
import { progressBar } from './progress-bar.ts';
import { ROOT } from './root.ts';

const TERMINAL = { path: 'S01/Station Road/T1/Counter 1', outlet: 'S01', terminal: 'T1' };
const BARCODES_SHOWN_MAX = 6;

const { values: options } = parseArgs({
	options: {
		members: { type: 'string', default: '50000' },
		import: { type: 'string' },
		data: { type: 'string', default: '.data' },
		'no-window': { type: 'boolean', default: false },
		training: { type: 'boolean', default: false },
		locale: { type: 'string' },
	},
});
const data = resolve(ROOT, options.data);
/** In the order in which they are started; they end in the opposite one. */
const children: ChildProcess[] = [];
const state = { isStopping: false };

async function startHeadquarters(): Promise<z.infer<typeof HeadquartersReady>> {
	const source = options.import === undefined ? ['--members', options.members] : ['--import', options.import];
	const child = forkChild('sync/hq/main.ts', ['--port', '0', '--data', join(data, 'hq'), ...source, '--new-terminal', TERMINAL.path]);
	watch(child);
	const bar = progressBar();
	const { ready } = await untilReady(child, HeadquartersReady, bar.show);
	bar.stop();
	console.log(`Headquarters: ${ready.url}`);
	return ready;
}

/** The arguments that both hosts understand. A terminal that is paired already ignores the code. */
function terminalArgs(headquarters: z.infer<typeof HeadquartersReady>): string[] {
	const pairing = headquarters.pairing.find((offer) => offer.terminal === TERMINAL.terminal) ?? headquarters.pairing[0];
	return [
		'--data',
		join(data, 'terminal'),
		'--hq',
		headquarters.url,
		...(pairing === undefined ? [] : ['--pair', pairing.code]),
		...(options.training ? ['--training'] : []),
		...(options.locale === undefined ? [] : ['--locale', options.locale]),
	];
}

function startElectron(binary: string, args: readonly string[]): void {
	const env = { ...process.env };
	// Set by some editors; with it Electron is plain Node and shows no window.
	delete env['ELECTRON_RUN_AS_NODE'];
	watch(spawn(binary, [ROOT, ...args], { cwd: ROOT, env, stdio: 'inherit', detached: process.platform !== 'win32' }));
}

/** The kiosk host says itself where it runs, and prints a one-time link when it has no window. */
async function startKiosk(args: readonly string[]): Promise<void> {
	const chromium = chromiumForWindow();
	const env = chromium === null ? process.env : { ...process.env, CHROMIUM: chromium };
	const child = forkChild('main/kiosk/main.ts', options['no-window'] ? [...args, '--no-window'] : args, env);
	watch(child);
	const bar = progressBar();
	await untilReady(child, TerminalReady, bar.show);
}

/** A Chromium to show the window with, installed if need be; null when none is wanted or none can be had. */
function chromiumForWindow(): string | null {
	const hasScreen = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
	if (options['no-window'] || !hasScreen) return null;
	try {
		return ensureChromium();
	} catch (error) {
		console.log(error instanceof Error ? error.message : error);
		return null;
	}
}

function printBarcodes({ barcodes, pins }: z.infer<typeof HeadquartersReady>): void {
	const width = Math.max(...barcodes.map(({ label }) => label.length), 0);
	console.log('\nBarcodes to try: type one anywhere and press Enter.');
	for (const { label, barcode } of barcodes.slice(0, BARCODES_SHOWN_MAX)) console.log(`  ${label.padEnd(width)}  ${barcode}`);
	console.log(`PINs: ${pins.map(({ name, pin }) => `${name} ${pin}`).join(' · ')}\n`);
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

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => {
		void stopAll(0);
	});
}

try {
	await ensureBundle();
	const headquarters = await startHeadquarters();
	const args = terminalArgs(headquarters);
	const electron = options['no-window'] ? null : electronBinary();
	printBarcodes(headquarters);
	if (electron === null) await startKiosk(args);
	else startElectron(electron, args);
} catch (error) {
	if (!state.isStopping) console.error(error instanceof Error ? error.message : error);
	await stopAll(1);
}
