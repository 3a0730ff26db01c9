/**
 * A folder that looks like Electron's to electron-builder, for packing where the binary cannot be had: the executable says what it is and
 * ends, but it carries a fuse wire that can be burned and read back. `node build/scripts/standin.ts FOLDER VERSION` makes one.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Before the wire in every Electron binary (https://www.electronjs.org/docs/latest/tutorial/fuses). */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const WIRE_VERSION = 1;
/** The nine fuses as Electron 45 delivers them, in the order of the wire. */
const WIRE = '101100011';
const SCRIPT = '#!/bin/sh\necho "This is a stand-in for Electron: it packs, it does not run." >&2\nexit 70\n';

/** Makes `folder` anew. `version` is Electron's. */
export async function makeStandin(folder: string, version: string): Promise<void> {
	await rm(folder, { recursive: true, force: true });
	await mkdir(join(folder, 'locales'), { recursive: true });
	await mkdir(join(folder, 'resources'));
	const wire = Buffer.concat([Buffer.from(SENTINEL), Buffer.of(WIRE_VERSION, WIRE.length), Buffer.from(WIRE)]);
	await writeFile(join(folder, 'electron'), Buffer.concat([Buffer.from(SCRIPT), wire]), { mode: 0o755 });
	await writeFile(join(folder, 'version'), version);
	await writeFile(join(folder, 'LICENSE'), 'A stand-in for Electron.\n');
	await writeFile(join(folder, 'LICENSES.chromium.html'), '<!doctype html><title>A stand-in for Electron</title>\n');
	await writeFile(join(folder, 'locales', 'en-US.pak'), '');
}

if (import.meta.main) {
	const [folder, version] = process.argv.slice(2);
	if (folder === undefined || version === undefined) throw new Error('Usage: standin.ts FOLDER VERSION');
	await makeStandin(folder, version);
}
