import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/**
 * Where Electron's binary is, or null. Only looks: `require('electron')` in plain Node starts a download of the binary
 * (https://www.electronjs.org/docs/latest/breaking-changes, 42.0), so nobody may call it to find out.
 */
export function electronBinary(): string | null {
	const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
	const path = override === undefined ? installedBinary() : join(override, 'electron');
	return path !== null && existsSync(path) ? path : null;
}

function installedBinary(): string | null {
	const folder = join(ROOT, 'node_modules/electron');
	const pathFile = join(folder, 'path.txt');
	return existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8')) : null;
}
