import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where Electron's binary is below `root`, or null. Only looks: `require('electron')` in plain Node starts a download of the binary
 * (https://www.electronjs.org/docs/latest/breaking-changes, 42.0), so nobody may call it to find out.
 */
export function electronBinary(root = ROOT, environment: Environment = process.env): string | null {
	const folder = join(root, 'node_modules/electron');
	// Written when the download is complete; without it, what lies in `dist` is half of one.
	const name = readName(join(folder, 'path.txt'));
	const override = environment['ELECTRON_OVERRIDE_DIST_PATH'] ?? '';
	const path = override === '' ? name && join(folder, 'dist', name) : join(override, name ?? 'electron');
	return path !== null && existsSync(path) ? path : null;
}

function readName(file: string): string | null {
	if (!existsSync(file)) return null;
	const name = readFileSync(file, 'utf8').trim();
	return name === '' ? null : name;
}
