import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { shardOf } from '#shared/domain/shard.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Bench } from '../runner/bench.ts';
import type { Contender } from '../runner/gather-runs.ts';
import { createBenchBase } from '../runner/synthetic-member.ts';

export const SHELL = 'sqlite3 .import';

const ROWS_PER_WRITE = 5_000;

/** The replica's columns and indexes as the shell's SQLite can have them, which may be too old for JSONB: lists and profile are text. */
const TABLE = `
PRAGMA page_size=8192; PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;
CREATE TABLE member (
	id TEXT, ver INTEGER, status TEXT, card TEXT, card_status TEXT, first_name TEXT, last_name TEXT, mobile TEXT, email TEXT, points INTEGER,
	tier TEXT, tier_points INTEGER, updated_at INTEGER, merged_into TEXT, merged_ver INTEGER, aliases TEXT, profile TEXT, shard INTEGER, seq INTEGER
);`;
const INDEXES = `
BEGIN;
CREATE UNIQUE INDEX member_id ON member (id);
CREATE INDEX member_card ON member (card);
CREATE INDEX member_card_end ON member (substr(card, -4));
CREATE INDEX member_mobile ON member (mobile) WHERE mobile <> '';
CREATE INDEX member_email ON member (email COLLATE NOCASE) WHERE email <> '';
CREATE TABLE alias (value TEXT NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (value, rid)) WITHOUT ROWID;
INSERT OR IGNORE INTO alias SELECT alias.value->>0, member.rowid FROM member, json_each(member.aliases) AS alias WHERE member.aliases <> '[]' ORDER BY 1;
CREATE INDEX alias_end ON alias (substr(value, -4));
CREATE VIRTUAL TABLE member_name USING fts5 (
	first_name, last_name, content = 'member', prefix = '2 3 4 5', detail = column, columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO member_name (member_name) VALUES ('rebuild');
COMMIT;`;

/** The limit of a load: the `sqlite3` shell reads the same members from a file on the same disk, and makes the same indexes and search. */
export function importByShell({ folder, options: { members }, say }: Bench): Contender {
	return {
		name: SHELL,
		note: `a limit: ${members.toLocaleString('en-US')} members from a local CSV, no network, no resumption`,
		run: async () => {
			if (!(await hasShell(say))) return { type: 'missing', reason: 'there is no sqlite3 shell here (on Debian: apt-get install sqlite3)' };
			const csv = join(folder, `replica-${members}.csv`);
			await writeReplicaCsv(csv, members);
			const file = join(folder, 'shell.db');
			await rm(file, { force: true });
			const startedAt = performance.now();
			await runShell(file, `${TABLE}\n.mode csv\n.import '${csv}' member\n`);
			const importedAt = performance.now();
			await runShell(file, `PRAGMA cache_size=-65536;${INDEXES}`);
			const loadS = (performance.now() - startedAt) / 1000;
			const importS = (importedAt - startedAt) / 1000;
			const fileMib = (await stat(file)).size / 2 ** 20;
			await rm(file, { force: true });
			return { type: 'values', values: { loadS, firstS: loadS, rowsPerS: members / loadS, importS, fileMib } };
		},
	};
}

/** Whether there is the shell; on Debian as root it is installed when it is not there. */
async function hasShell(say: (line: string) => void): Promise<boolean> {
	if (isThere()) return true;
	if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
		say('The sqlite3 shell is missing: apt-get install sqlite3 …');
		await promisify(execFile)('apt-get', ['install', '-y', '--no-install-recommends', 'sqlite3']).catch(() => undefined);
	}
	return isThere();
}

function isThere(): boolean {
	return spawnSync('sqlite3', ['-version'], { stdio: 'ignore' }).status === 0;
}

async function runShell(file: string, script: string): Promise<void> {
	const shell = spawn('sqlite3', ['-bail', file], { stdio: ['pipe', 'ignore', 'pipe'] });
	let errors = '';
	shell.stderr.on('data', (chunk: unknown) => {
		errors += String(chunk);
	});
	shell.stdin.end(script);
	await once(shell, 'close');
	if (shell.exitCode !== 0) throw new Error(`sqlite3: ${errors.slice(0, 300)}`);
	const handle = await open(file, 'r+');
	await handle.sync();
	await handle.close();
}

/** The rows that the replica loads, sorted by card as in a snapshot; written once. */
async function writeReplicaCsv(file: string, members: number): Promise<void> {
	if (existsSync(file)) return;
	const base = createBenchBase();
	const stream = createWriteStream(`${file}.part`);
	for (let first = 0; first < members; first += ROWS_PER_WRITE) {
		const lines: string[] = [];
		for (let index = first; index < Math.min(members, first + ROWS_PER_WRITE); index += 1) lines.push(toLine(base.member(index)));
		if (!stream.write(lines.join(''))) await once(stream, 'drain');
	}
	stream.end();
	await finished(stream);
	await rename(`${file}.part`, file);
}

function toLine(member: ReturnType<ReturnType<typeof createBenchBase>['member']>): string {
	const { id, status, card, cardStatus, firstName, lastName, mobile, email, points, tier, tierPoints, updatedAtMs, aliases, profile } =
		member;
	const person = [id, 1, status, card, cardStatus, firstName, lastName, mobile, email];
	const account = [
		points,
		tier,
		tierPoints,
		updatedAtMs,
		null,
		null,
		JSON.stringify(aliases),
		JSON.stringify(profile),
		shardOf(id, SHARD_COUNT),
		0,
	];
	return `${[...person, ...account].map(quote).join(',')}\n`;
}

function quote(value: string | number | null): string {
	const text = String(value ?? '');
	return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
