/** Makes sure that there is a PostgreSQL for the tests, which start servers of their own from its programs (`test/support/postgres.ts`). */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's place, one folder per version. */
const PLACE = '/usr/lib/postgresql';
const HINT = 'Install PostgreSQL 15 or later, or set REGULARS_POSTGRES_BIN to the folder of its initdb and postgres.';

/** What the server calls itself, installed on Debian as root if need be. Throws with one sentence for a person if there is no way. */
export function ensurePostgres(): string {
	const found = findServer();
	if (found !== null) return versionOf(found);
	if (process.env['REGULARS_POSTGRES_BIN'] !== undefined) throw new Error(`REGULARS_POSTGRES_BIN names a folder without a server. ${HINT}`);
	if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) throw new Error(`No PostgreSQL was found. ${HINT}`);
	run('apt-get', ['update', '-qq']);
	run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql']);
	const installed = findServer();
	if (installed === null) throw new Error(`PostgreSQL could not be installed. ${HINT}`);
	return versionOf(installed);
}

/** As the tests look for it: the variable, the PATH, Debian's place. */
function findServer(): string | null {
	const wanted = process.env['REGULARS_POSTGRES_BIN'];
	const versions = existsSync(PLACE) ? readdirSync(PLACE).map((version) => join(PLACE, version, 'bin')) : [];
	const folders = wanted === undefined ? [...(process.env['PATH'] ?? '').split(delimiter), ...versions] : [wanted];
	return folders.map((folder) => join(folder, 'postgres')).find((path) => existsSync(path)) ?? null;
}

function run(command: string, args: readonly string[]): void {
	spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

function versionOf(path: string): string {
	return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim();
}
