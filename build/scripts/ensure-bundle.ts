import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';
import { runNode } from './run-tool.ts';

/** What `npm run build` makes; the window shows the first. */
const OUTPUT = 'dist';
const SOURCES = ['renderer', 'shared', 'main', 'sync', 'build/assets', 'build/scripts/bundle.ts', 'package-lock.json'];

/** Bundles when there is no bundle or a source is newer. Throws when the bundle cannot be made. */
export async function ensureBundle(): Promise<void> {
	if (isFresh()) return;
	console.log('Building the window …');
	if ((await runNode(join(ROOT, 'build/scripts/bundle.ts'), [])) !== 0) throw new Error('The bundle could not be built.');
}

function isFresh(): boolean {
	const outputs = filesBelow(join(ROOT, OUTPUT)).map((path) => statSync(path).mtimeMs);
	if (outputs.length === 0) return false;
	const builtMs = Math.min(...outputs);
	return SOURCES.flatMap((source) => filesBelow(join(ROOT, source))).every((path) => statSync(path).mtimeMs <= builtMs);
}

function filesBelow(path: string): string[] {
	if (!existsSync(path)) return [];
	if (!statSync(path).isDirectory()) return [path];
	return readdirSync(path, { withFileTypes: true, recursive: true })
		.filter((entry: Dirent) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}
