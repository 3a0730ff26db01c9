import { spawn, spawnSync } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';

/** A PostgreSQL server of a test's own: in a temporary folder, reached through a socket in it, without a password. */
export type PostgresServer = {
	/** The address of a database of this server; `postgres` is always there. */
	readonly url: (database: string) => string;
	/** Makes an empty database and answers its address. */
	readonly createDatabase: (name: string) => Promise<string>;
	/** Ends the server at once, as if it had been killed: open transactions are lost, and it has to recover when it starts again. */
	readonly crash: () => Promise<void>;
	/** Starts it again over what is in its folder. */
	readonly restart: () => Promise<void>;
	/** Ends the server at once and removes its folder. */
	readonly stop: () => Promise<void>;
};

/** Where distributions put the programs that do not enter the PATH. */
const PLACES = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt/postgresql', '/usr/local/opt/postgresql'];
const START_TRIES = 300;
const START_PAUSE_MS = 50;
const USER = 'postgres';

/** Nothing survives a crash of the machine, and nothing has to. A lock that is not given up within a second is a deadlock worth finding. */
const SETTINGS = [
	'fsync=off',
	'full_page_writes=off',
	'synchronous_commit=off',
	'listen_addresses=',
	'max_connections=80',
	'shared_buffers=64MB',
	'log_min_messages=fatal',
];

/** The folder with `initdb` and `postgres`: the variable REGULARS_POSTGRES_BIN, then the PATH, then the newest of the usual places. */
function findPostgres(): string {
	const wanted = process.env['REGULARS_POSTGRES_BIN'];
	const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
	const installed = PLACES.filter((place) => existsSync(place)).flatMap((place) => [
		join(place, 'bin'),
		...readdirSync(place)
			.toSorted((left, right) => Number(right) - Number(left))
			.map((version) => join(place, version, 'bin')),
	]);
	const candidates = wanted === undefined ? [...onPath, ...installed] : [wanted];
	const found = candidates.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
	if (found === undefined)
		throw new Error('No PostgreSQL here: `npm test` installs it on Debian; elsewhere set REGULARS_POSTGRES_BIN to its bin folder.');
	return found;
}

/** PostgreSQL refuses to run as root: there it runs as the user that its package made. */
function identity(): { readonly uid: number; readonly gid: number } | null {
	if (process.getuid?.() !== 0) return null;
	const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, USER], { encoding: 'utf8' }).stdout));
	if (uid === undefined || gid === undefined || !(uid > 0 && gid > 0))
		throw new Error(`PostgreSQL does not run as root, and there is no user ${USER}`);
	return { uid, gid };
}

/**
 * Makes a cluster and starts it; takes about two seconds. Rejects with the server's own words when it does not start.
 * `more` are settings after ours: who measures wants commits that are on the disk.
 */
export async function startPostgres(more: readonly string[] = []): Promise<PostgresServer> {
	const bin = findPostgres();
	const who = identity();
	const folder = mkdtempSync(join(tmpdir(), 'regulars-pg-'));
	if (who !== null) chownSync(folder, who.uid, who.gid);
	const run = { cwd: folder, ...who };
	const data = join(folder, 'data');
	const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
		...run,
		encoding: 'utf8',
	});
	if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
	const url = (database: string): string => `postgresql://${USER}@${encodeURIComponent(folder)}/${database}`;
	const launch = (): Promise<Running> => {
		const options = [...SETTINGS, ...more, `unix_socket_directories=${folder}`].flatMap((setting) => ['-c', setting]);
		return launchServer(join(bin, 'postgres'), { args: ['-D', data, ...options], run, url: url('postgres') });
	};
	let running = await launch().catch((cause: unknown) => {
		rmSync(folder, { recursive: true, force: true });
		throw cause;
	});
	return {
		url,
		createDatabase: async (name) => {
			await execute(url('postgres'), `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
			return url(name);
		},
		crash: () => running.end(),
		restart: async () => {
			running = await launch();
		},
		stop: async () => {
			await running.end();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

type Running = { readonly end: () => Promise<void> };
type Launch = { readonly args: readonly string[]; readonly run: SpawnOptions; readonly url: string };

/** Resolves when the server answers. Rejects with its own words when it does not. */
async function launchServer(program: string, { args, run, url }: Launch): Promise<Running> {
	const server = spawn(program, args, { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
	const exited = once(server, 'exit');
	let output = '';
	server.stderr.on('data', (chunk: unknown) => {
		output = (output + String(chunk)).slice(-10_000);
	});
	const end = async (): Promise<void> => {
		if (server.exitCode !== null) return;
		// SIGQUIT: at once, without a checkpoint.
		server.kill('SIGQUIT');
		await exited;
	};
	for (let tries = 0; ; tries += 1) {
		if (await answers(url)) return { end };
		if (server.exitCode !== null || tries === START_TRIES) {
			await end();
			throw new Error(`PostgreSQL did not start: ${output}`);
		}
		await new Promise((resolve) => {
			setTimeout(resolve, START_PAUSE_MS);
		});
	}
}

async function answers(url: string): Promise<boolean> {
	try {
		await execute(url, 'SELECT 1');
		return true;
	} catch {
		// Not there yet; the caller counts the tries.
		return false;
	}
}

/** Runs one statement over a connection of its own. */
export async function execute(url: string, sql: string): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	try {
		await client.connect();
		await client.query(sql);
	} finally {
		await client.end();
	}
}
