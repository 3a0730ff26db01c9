/**
 * `npm run build`: the page, the Electron shell and the kiosk host as they are shipped, into dist/. What is fresh is left alone.
 *
 *   --only NAME   renderer, electron, kiosk, or gallery (the window's states, which never ship); may be given several times
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build, loadConfigFromFile, mergeConfig } from 'vite';
import { z } from 'zod';
import { hostBundles, hostConfig } from '../config/vite.hosts.config.ts';
import { ROOT } from './root.ts';

const SHIPPED = ['renderer', 'electron', 'kiosk'] as const;
const NAMES = [...SHIPPED, 'gallery'] as const;
export type BundleName = (typeof NAMES)[number];

const DIST = join(ROOT, 'dist');
/** Marks of what was built from what, and bundles in the making. */
const CACHE = join(ROOT, '.cache/bundle');
const RENDERER_CONFIG = join(ROOT, 'build/config/vite.renderer.config.ts');
const STYLE_HASHES = join(ROOT, 'renderer/csp-hashes.json');

const PAGE_SOURCES = ['renderer', 'shared', 'build/config/vite.renderer.config.ts', 'build/assets'];
/** What a bundle is made from: a change of any of it makes the bundle stale. Tests and fakes are in none. */
const SOURCES: Readonly<Record<BundleName, readonly string[]>> = {
	renderer: PAGE_SOURCES,
	gallery: PAGE_SOURCES,
	electron: ['main', 'shared', 'sync', 'build/config/vite.hosts.config.ts'],
	kiosk: ['main', 'shared', 'sync', 'build/config/vite.hosts.config.ts'],
};
const SOURCES_OF_ALL = ['package.json', 'package-lock.json', 'build/scripts/bundle.ts'];
const NO_SOURCE = /\.test\.tsx?$|(^|\/)fake-[^/]*$|\.md$/;

const Mark = z.object({ sources: z.string(), output: z.string() });

/** Builds what is stale of `only` (by default everything that ships) into dist/<name>. Gives the names that were built. Throws when one cannot be. */
export async function bundleAll(options: { readonly only?: readonly BundleName[] } = {}): Promise<readonly BundleName[]> {
	const built: BundleName[] = [];
	for (const name of options.only ?? SHIPPED) {
		const sources = await hashFiles([...SOURCES[name], ...SOURCES_OF_ALL], isSource);
		if (await isFresh(name, sources)) continue;
		await bundleOne(name);
		await mkdir(CACHE, { recursive: true });
		const mark: z.infer<typeof Mark> = { sources, output: await hashFiles([join('dist', name)]) };
		await writeFile(join(CACHE, `${name}.json`), JSON.stringify(mark));
		built.push(name);
	}
	return built;
}

async function isFresh(name: BundleName, sources: string): Promise<boolean> {
	const file = join(CACHE, `${name}.json`);
	if (!existsSync(file) || !existsSync(join(DIST, name))) return false;
	const mark = Mark.safeParse(JSON.parse(await readFile(file, 'utf8')));
	// Also the output: somebody may have removed or changed a part of it.
	return mark.success && mark.data.sources === sources && mark.data.output === (await hashFiles([join('dist', name)]));
}

/** Built beside dist/ and put in its place whole: a terminal that runs from dist/ never sees half a page. */
async function bundleOne(name: BundleName): Promise<void> {
	const outDir = join(CACHE, `${name}-${process.pid}`);
	try {
		if (name === 'renderer' || name === 'gallery') await bundlePage(name, outDir);
		else for (const bundle of hostBundles[name]) await build(hostConfig(bundle, outDir));
		await mkdir(DIST, { recursive: true });
		await rm(join(DIST, name), { recursive: true, force: true });
		await rename(outDir, join(DIST, name));
	} finally {
		await rm(outDir, { recursive: true, force: true });
	}
}

async function bundlePage(name: 'renderer' | 'gallery', outDir: string): Promise<void> {
	const mode = name === 'gallery' ? 'gallery' : 'production';
	const loaded = await loadConfigFromFile({ command: 'build', mode }, RENDERER_CONFIG);
	if (loaded === null) throw new Error(`There is no ${relative(ROOT, RENDERER_CONFIG)}`);
	const ours = {
		configFile: false,
		logLevel: 'warn',
		build: { outDir, emptyOutDir: true, sourcemap: false, license: { fileName: 'licenses.md' } },
	} as const;
	await build({ mode, ...mergeConfig(loaded.config, ours) });
	if (existsSync(STYLE_HASHES)) await copyFile(STYLE_HASHES, join(outDir, 'csp-hashes.json'));
}

function isSource(file: string): boolean {
	return !NO_SOURCE.test(file);
}

/** One hash over names and contents of files and of all files below folders, paths relative to the root. */
async function hashFiles(paths: readonly string[], isWanted: (file: string) => boolean = () => true): Promise<string> {
	const hash = createHash('sha256');
	for (const path of paths) {
		for (const file of (await listFiles(path)).filter(isWanted)) {
			hash.update(`${file}\0`);
			hash.update(await readFile(join(ROOT, file)));
			hash.update('\0');
		}
	}
	return hash.digest('hex');
}

async function listFiles(path: string): Promise<readonly string[]> {
	if (!existsSync(join(ROOT, path))) return [];
	let entries;
	try {
		entries = await readdir(join(ROOT, path), { withFileTypes: true, recursive: true });
	} catch {
		// No folder: a file.
		return [path];
	}
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
		.toSorted();
}

if (import.meta.main) {
	const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
	const only = z.array(z.enum(NAMES)).optional().parse(values.only);
	const startedMs = performance.now();
	try {
		const built = await bundleAll(only === undefined ? {} : { only });
		const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
		console.log(built.length === 0 ? 'dist is up to date.' : `Built ${built.join(', ')} in ${seconds} s.`);
	} catch (error) {
		// Vite's message holds the place in the source; its stack is the bundler's own.
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	}
}
