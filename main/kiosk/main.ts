import '../devices/thread-pool.ts';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemTimers } from '../devices/system-clock.ts';
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
	const args = readKioskArguments(process.argv.slice(2), defaultDataFolder(process.env, process.platform));
	if (!args.ok) return end(EXIT.usage, `${args.error}\n\n${USAGE}`);
	if (!existsSync(path.join(ASSETS_ROOT, 'index.html')))
		return end(EXIT.usage, `There is no page in ${ASSETS_ROOT}: run npm run bundle first.\n`);
	const started = await start(args.value);
	if (!started.ok) {
		const { exitCode, text } = explainFailure(started.error, args.value.dataFolder);
		return end(exitCode, text);
	}
	const kiosk = started.value;
	stopOnSignals(kiosk);
	process.stdout.write(describeStart(kiosk, { hasPairingCode: args.value.pairingCode !== null, isTraining: args.value.isTraining }));
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

function tellParent(message: KioskMessage): void {
	if (process.connected) process.send?.(message);
}

function end(exitCode: number, text: string): never {
	process.stderr.write(text);
	process.exit(exitCode);
}
