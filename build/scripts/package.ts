/**
 * `npm run package`: the shell for this platform with Electron's binary (electron-builder.yml), and the kiosk flavour, which needs none,
 * both into release/.
 *
 *   --standin    a stand-in for Electron's binary, for tests: the shell does not run, all else is as it is shipped
 *   --out DIR    another folder than release
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { bundleAll } from './bundle.ts';
import { electronBinary } from './electron-binary.ts';
import { ROOT } from './root.ts';
import { runTool } from './run-tool.ts';
import { makeStandin } from './standin.ts';

const SQLITE = 'node_modules/sqlite3';
const DRIVER_LOADER = 'node_modules/node-gyp-build';
const NO_ELECTRON = `Electron's binary is not here, so the shell is not packed. Fetch it with npx install-electron,
or set ELECTRON_OVERRIDE_DIST_PATH to a folder that has it.`;

const Manifest = z.object({ version: z.string() });

/** The SQLite driver for this machine below its package: compiled here when the prebuilt one did not fit, as its loader chooses too. */
function nativeDriver(): string {
	const compiled = 'build/Release/node_sqlite3.node';
	if (existsSync(join(ROOT, SQLITE, compiled))) return compiled;
	const folder = `prebuilds/${process.platform}-${process.arch}`;
	const libc = existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
	const file = readdirSync(join(ROOT, SQLITE, folder)).find((name) => name.endsWith(`.${libc}.node`));
	if (file === undefined) throw new Error(`sqlite3 has no driver for this machine below ${folder}`);
	return `${folder}/${file}`;
}

async function readVersion(folder: string): Promise<string> {
	return Manifest.parse(JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'))).version;
}

/** The shell by electron-builder, from Electron's folder `electronDist`. Nothing is fetched. */
async function packShell(of: {
	readonly electronDist: string;
	readonly out: string;
	readonly driver: string;
	readonly isStandin: boolean;
}): Promise<void> {
	process.env['REGULARS_SQLITE_NATIVE'] = of.driver;
	const target = of.isStandin ? ['--linux', 'dir'] : [];
	const settings = [`-c.electronDist=${of.electronDist}`, `-c.directories.output=${of.out}`];
	const code = await runTool('electron-builder', 'electron-builder', [
		...target,
		'--publish',
		'never',
		'--config',
		'electron-builder.yml',
		...settings,
	]);
	if (code !== 0) throw new Error('electron-builder failed');
}

/** dist/, the driver and a systemd unit: everything that the distribution's Node needs to run a terminal. */
async function packKiosk(out: string, driver: string): Promise<void> {
	const name = `regulars-kiosk-${await readVersion('.')}-${process.platform}-${process.arch}`;
	const folder = join(out, name);
	await rm(folder, { recursive: true, force: true });
	const files = [
		'LICENSE',
		'package.json',
		'dist/kiosk',
		'dist/renderer',
		...['package.json', 'LICENSE', 'lib', driver].map((file) => `${SQLITE}/${file}`),
		...['package.json', 'LICENSE', 'index.js', 'node-gyp-build.js'].map((file) => `${DRIVER_LOADER}/${file}`),
	];
	for (const file of files) {
		await mkdir(dirname(join(folder, file)), { recursive: true });
		await cp(join(ROOT, file), join(folder, file), { recursive: true });
	}
	await cp(join(ROOT, 'build/assets/regulars-kiosk.service'), join(folder, 'regulars-kiosk.service'));
	const tar = spawnSync('tar', ['-czf', `${name}.tar.gz`, name], { cwd: out, stdio: 'inherit' });
	if (tar.status !== 0) throw new Error(`${name} could not be packed by tar`);
	console.log(`Packed ${basename(out)}/${name}.tar.gz`);
}

const { values: options } = parseArgs({
	options: { standin: { type: 'boolean', default: false }, out: { type: 'string', default: 'release' } },
});
try {
	const out = resolve(ROOT, options.out);
	await bundleAll();
	await mkdir(out, { recursive: true });
	const driver = nativeDriver();
	await packKiosk(out, driver);
	if (options.standin) {
		const electronDist = join(ROOT, `.cache/standin-${process.pid}`);
		await makeStandin(electronDist, await readVersion('node_modules/electron'));
		await packShell({ electronDist, out, driver, isStandin: true });
		await rm(electronDist, { recursive: true });
	} else {
		const binary = electronBinary();
		if (binary === null) throw new Error(NO_ELECTRON);
		await packShell({ electronDist: dirname(binary), out, driver, isStandin: false });
	}
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
