import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { extractAll, extractFile, listPackage, statFile } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBridgeClient } from '#shared/bridge/bridge-client.ts';
import { openBootLink, openFakeWindow, requestRaw } from '#main/kiosk/fake-window.ts';
import { PROJECT_ROOT } from '../support/child.ts';
import { burnFuses, runScript } from './run-package.ts';

const DRIVER =
	/^node_modules\/sqlite3\/(build\/Release\/node_sqlite3|prebuilds\/[a-z0-9]+-[a-z0-9]+\/@homeofthings\+sqlite3\.(glibc|musl))\.node$/;
/** Every file that may be in the archive; whatever matches none of these is one too many. */
const ALLOWED = [
	/^package\.json$/,
	/^LICENSE$/,
	/^dist\/electron\/(main|preload)\.cjs(\.licenses\.md)?$/,
	/^dist\/kiosk\/main\.mjs(\.licenses\.md)?$/,
	/^dist\/renderer\/(index\.html|licenses\.md|csp-hashes\.json)$/,
	/^dist\/renderer\/assets\/[\w.-]+\.(js|css|svg|png|wav|woff2)$/,
	/^node_modules\/sqlite3\/(package\.json|LICENSE)$/,
	/^node_modules\/sqlite3\/lib\/(promise\/)?[\w-]+\.m?js$/,
	/^node_modules\/node-gyp-build\/(package\.json|LICENSE|index\.js|node-gyp-build\.js)$/,
	DRIVER,
];
const REQUIRED = [
	'package.json',
	'LICENSE',
	'dist/electron/main.cjs',
	'dist/electron/preload.cjs',
	'dist/kiosk/main.mjs',
	'dist/renderer/index.html',
	'node_modules/sqlite3/lib/sqlite3.mjs',
	'node_modules/node-gyp-build/node-gyp-build.js',
];

const ReadySchema = z.object({ type: z.literal('ready'), origin: z.url(), bootLink: z.url(), window: z.literal(false) });

let out: string;
let resources: string;
let archive: string;
let files: readonly string[];

beforeAll(async () => {
	out = await mkdtemp(path.join(tmpdir(), 'pack-'));
	await runScript('package.ts', ['--standin', '--out', out]);
	resources = path.join(out, 'linux-unpacked', 'resources');
	archive = path.join(resources, 'app.asar');
	files = listPackage(archive, { isPack: false })
		.map((name) => name.slice(1))
		.filter((name) => !('files' in statFile(archive, name)));
}, 180_000);

afterAll(async () => {
	await rm(out, { recursive: true, force: true });
});

const read = (name: string): string => extractFile(archive, name).toString('utf8');

test('the archive holds what it must and nothing else', () => {
	expect(files.filter((name) => !ALLOWED.some((rule) => rule.test(name)))).toEqual([]);
	expect(REQUIRED.filter((name) => !files.includes(name))).toEqual([]);
	expect(files.filter((name) => DRIVER.test(name))).toHaveLength(1);
});

test('exactly one file lies outside the archive, the driver, and the archive knows its SHA-256', async () => {
	const unpackedRoot = `${archive}.unpacked`;
	const entries = await readdir(unpackedRoot, { recursive: true, withFileTypes: true });
	const unpacked = entries
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(unpackedRoot, path.join(entry.parentPath, entry.name)));
	expect(unpacked).toHaveLength(1);
	const [driver = ''] = unpacked;
	expect(driver).toMatch(DRIVER);
	const stat = z
		.object({ unpacked: z.literal(true), integrity: z.object({ algorithm: z.literal('SHA256'), hash: z.string() }) })
		.parse(statFile(archive, driver));
	const bytes = await readFile(path.join(unpackedRoot, driver));
	expect(createHash('sha256').update(bytes).digest('hex')).toBe(stat.integrity.hash);
	expect((await readdir(resources)).toSorted()).toEqual(['app.asar', 'app.asar.unpacked']);
});

test('what is fresh is not built again, what is missing is', async () => {
	expect(await runScript('bundle.ts', [])).toContain('up to date');
	await rm(path.join(PROJECT_ROOT, 'dist', 'kiosk', 'main.mjs.licenses.md'));
	expect(await runScript('bundle.ts', [])).toMatch(/^Built kiosk in /);
});

test('the manifest names a main that is there and carries no tools', () => {
	const manifest = z.looseObject({ main: z.string(), name: z.string(), version: z.string() }).parse(JSON.parse(read('package.json')));
	expect(files).toContain(manifest.main);
	expect(Object.keys(manifest)).not.toContain('devDependencies');
	expect(Object.keys(manifest)).not.toContain('scripts');
});

test('no source map and no test code is shipped', () => {
	const code = files.filter((name) => /^dist\/.*\.(m?js|cjs|html|css)$/.test(name));
	const marks = /sourceMappingURL|from ["']vitest["']|require\(["']vitest["']\)|createFakeTerminal|fake-electron/;
	expect(code.filter((name) => marks.test(read(name)))).toEqual([]);
	expect(code.length).toBeGreaterThanOrEqual(5);
});

test('the programs need nothing at run time but Node, Electron and the driver', () => {
	const builtin =
		/^(node:)?(assert|async_hooks|buffer|child_process|crypto|diagnostics_channel|dns|events|fs|fs\/promises|http|https|module|net|os|path|perf_hooks|process|querystring|stream|stream\/promises|string_decoder|timers|timers\/promises|tls|url|util|v8|worker_threads|zlib)$/;
	const needs = (name: string): string[] => {
		const code = read(name).replaceAll(/^\s*(\*|\/\/).*$/gm, '');
		const found = [...code.matchAll(/(?:\brequire\(|\bfrom |^import )["']([^"'\n]+)["']/gm)].map(([, id = '']) => id);
		return [...new Set(found.filter((id) => !builtin.test(id)))].toSorted();
	};
	expect(needs('dist/electron/preload.cjs')).toEqual(['electron']);
	// ws asks for its two speed-ups and does without.
	const allowed = ['bufferutil', 'electron', 'sqlite3', 'utf-8-validate'];
	expect(needs('dist/electron/main.cjs').filter((id) => !allowed.includes(id))).toEqual([]);
	expect(needs('dist/kiosk/main.mjs').filter((id) => !allowed.includes(id) || id === 'electron')).toEqual([]);
});

const BURNED = {
	[FuseV1Options.RunAsNode]: FuseState.DISABLE,
	[FuseV1Options.EnableCookieEncryption]: FuseState.ENABLE,
	[FuseV1Options.EnableNodeOptionsEnvironmentVariable]: FuseState.DISABLE,
	[FuseV1Options.EnableNodeCliInspectArguments]: FuseState.DISABLE,
	[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: FuseState.ENABLE,
	[FuseV1Options.OnlyLoadAppFromAsar]: FuseState.ENABLE,
	[FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: FuseState.DISABLE,
	[FuseV1Options.GrantFileProtocolExtraPrivileges]: FuseState.DISABLE,
	[FuseV1Options.WasmTrapHandlers]: FuseState.ENABLE,
};

test('all nine fuses are burned as decided', async () => {
	const wire = await getCurrentFuseWire(path.join(out, 'linux-unpacked', 'regulars'));
	expect(wire).toEqual({ version: '1', ...BURNED });
});

test('a tenth fuse stops the packing until somebody decides about it', async () => {
	const folder = path.join(out, 'tenth');
	await runScript('standin.ts', [folder, '46.0.0']);
	const binary = path.join(folder, 'electron');
	const bytes = await readFile(binary);
	const wireAt = bytes.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX') + 32;
	bytes.writeUInt8(10, wireAt + 1);
	await writeFile(binary, Buffer.concat([bytes, Buffer.from('1')]));
	await expect(burnFuses(folder, 'electron')).rejects.toThrow('10 fuses');
});

test('only a build for end-to-end tests lets a debugger in', async () => {
	const folder = path.join(out, 'e2e');
	await cp(path.join(out, 'linux-unpacked'), folder, { recursive: true });
	await burnFuses(folder, 'regulars', { REGULARS_E2E_PACK: '1' });
	const wire = await getCurrentFuseWire(path.join(folder, 'regulars'));
	expect(wire).toEqual({ version: '1', ...BURNED, [FuseV1Options.EnableNodeCliInspectArguments]: FuseState.ENABLE });
});

/** Nothing of this repository can be found from below the temporary folder: what the program needs must be in the package. */
function start(folder: string, data: string): ChildProcess {
	return fork(path.join(folder, 'dist', 'kiosk', 'main.mjs'), ['--data', path.join(out, data), '--no-window'], {
		cwd: folder,
		silent: true,
		env: { PATH: process.env['PATH'] ?? '', HOME: out },
	});
}

async function expectTerminal(child: ChildProcess): Promise<void> {
	let errors = '';
	child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
	const message = await Promise.race([once(child, 'message').then(([first]) => first), once(child, 'exit').then(() => errors)]);
	const ready = ReadySchema.parse(message);
	const cookie = await openBootLink(ready.bootLink);
	const page = await requestRaw({ origin: ready.origin, headers: { cookie } });
	expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<!doctype html>') });
	const window = await openFakeWindow({ origin: ready.origin, cookie });
	expect(await createBridgeClient(window).call('session.open', {})).toMatchObject({ ok: true, value: { isTraining: false } });
	window.close();
	const exited = once(child, 'exit');
	child.kill('SIGTERM');
	expect(await exited).toEqual([0, null]);
}

test('the kiosk host runs out of the extracted archive and answers a call', async () => {
	const folder = path.join(out, 'to-run');
	extractAll(archive, folder);
	await expectTerminal(start(folder, 'data-1'));
});

test('the kiosk flavour runs out of its archive and answers a call', async () => {
	const archive = (await readdir(out)).find((name) => name.startsWith('regulars-kiosk-') && name.endsWith('.tar.gz')) ?? '';
	const unpacked = path.join(out, 'unpacked');
	const { status } = spawnSync('sh', ['-c', `mkdir ${unpacked} && tar -C ${unpacked} --strip-components=1 -xzf ${archive}`], { cwd: out });
	expect(status).toBe(0);
	expect((await readdir(unpacked)).toSorted()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json', 'regulars-kiosk.service']);
	await expectTerminal(start(unpacked, 'data-2'));
});
