import '../devices/thread-pool.ts';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemTimers } from '../devices/system-clock.ts';
import { hasErrorCode } from '../error-code.ts';
import { EXIT, explainFailure } from '../explain-failure.ts';
import { defaultDataFolder } from '../host-arguments.ts';
import { createTerminal } from '../terminal/create-terminal.ts';
import { chooseBrowser, thisMachine } from './find-chromium.ts';
import { readKioskArguments, USAGE } from './kiosk-arguments.ts';
import type { KioskArguments } from './kiosk-arguments.ts';
import { startKiosk } from './kiosk.ts';
import type { Kiosk } from './kiosk.ts';
import { describeStart, reportProgress } from './report.ts';
import type { KioskMessage } from './report.ts';

/** The program: a terminal in plain Node. `dist/kiosk/main.mjs` lies as deep as this file, so both find the package the same way. */
const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ASSETS_ROOT = path.join(PACKAGE_ROOT, 'dist', 'renderer');
/** A stop that takes longer is cut short; what was recorded is on disk. */
const STOP_MS_MAX = 10_000;

const VersionSchema = z.object({ version: z.string() });

await run();

async function run(): Promise<void> {
	const words = process.argv.slice(2);
	if (words.includes('--help')) {
		process.stdout.write(USAGE);
		process.exit(EXIT.done);
	}
	const args = readKioskArguments(words, defaultDataFolder(process.env, process.platform));
	if (!args.ok) return end(EXIT.usage, `${args.error}\n\n${USAGE}`);
	if (!existsSync(path.join(ASSETS_ROOT, 'index.html')))
		return end(EXIT.usage, `There is no page in ${ASSETS_ROOT}: run npm run build first.\n`);
	const started = await start(args.value).catch((cause: unknown) => {
		if (hasErrorCode(cause, 'EADDRINUSE', 'EACCES')) return end(EXIT.usage, sayPortTaken(args.value.port));
		throw cause;
	});
	if (!started.ok) {
		const { exitCode, text } = explainFailure(started.error, args.value.dataFolder);
		return end(exitCode, text);
	}
	const kiosk = started.value;
	stopOnSignals(kiosk);
	process.stdout.write(describeStart(kiosk, { hasPairingCode: canPair(args.value), isTraining: args.value.isTraining }));
	tellParent({ type: 'ready', origin: kiosk.origin, bootLink: kiosk.bootLink, window: kiosk.hasWindow });
	reportProgress(kiosk.services.onEvent, tellParent);
	return undefined;
}

async function start(args: KioskArguments): Promise<Awaited<ReturnType<typeof startKiosk>>> {
	const { version } = VersionSchema.parse(JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')));
	return startKiosk({
		arguments: args,
		createTerminal,
		assetsRoot: ASSETS_ROOT,
		appVersion: version,
		browser: chooseBrowser(thisMachine, args.isWindowWanted),
		onWindowClosed: () => {
			process.kill(process.pid, 'SIGTERM');
		},
	});
}

/** Ends with the services closed; a second signal, or ten seconds, ends at once. A parent that forked this process and is gone counts as a signal. */
function stopOnSignals(kiosk: Kiosk): void {
	let isStopping = false;
	const stop = (): void => {
		if (isStopping) process.exit(1);
		isStopping = true;
		systemTimers.after(STOP_MS_MAX, () => process.exit(1));
		kiosk.stop().then(
			() => process.exit(EXIT.done),
			(cause: unknown) => end(1, `${String(cause)}\n`),
		);
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
	process.on('SIGHUP', stop);
	process.on('disconnect', stop);
}

function sayPortTaken(port: number): string {
	return `Port ${port} of 127.0.0.1 cannot be had: another program has it, or it is kept from this account. Choose another --port, or none.\n`;
}

/** A code is of no use without headquarters' address. */
function canPair({ hqUrl, pairingCode }: KioskArguments): boolean {
	return hqUrl !== null && pairingCode !== null;
}

function tellParent(message: KioskMessage): void {
	if (process.connected) process.send?.(message);
}

function end(exitCode: number, text: string): never {
	process.stderr.write(text);
	process.exit(exitCode);
}
