import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { assert, must } from '#shared/lib/assert.ts';
import { SNAPSHOT_FILE_ROWS_MAX, SNAPSHOT_LINE_ROWS_MAX } from '#shared/wire/limits.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import type { SnapshotFile, SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { HqContext } from '../../context.ts';
import type { Queryable } from '../../storage/database.ts';
import { encodeCursor } from '../cursor.ts';
import { MEMBER_JSON } from '../member-json.ts';
import { readHeads } from '../publish-round.ts';
import type { SnapshotFolder } from './folder.ts';

const gzipAsync = promisify(gzip);
/** The level that a gigabit line asks for: 6 is a third smaller and four times slower. */
const GZIP_LEVEL = 1;

/** Where a snapshot is written, and how one file of it is packed. */
export type SnapshotPorts = { readonly folder: SnapshotFolder; readonly pack: (text: string) => Promise<Buffer> };

/** Gzip, off the main thread. */
export function packInPool(text: string): Promise<Buffer> {
	return gzipAsync(text, { level: GZIP_LEVEL });
}

export type BuildContext = Pick<HqContext, 'database' | 'clock' | 'random' | 'epoch' | 'stopping'>;

/** Rows written, of the rows counted at the beginning. */
export type BuildProgress = { readonly done: number; readonly total: number };

/** Headquarters is stopping; the unfinished snapshot is removed at the next start. */
export class BuildStopped extends Error {
	override readonly name = 'BuildStopped';
}

/**
 * Writes a snapshot of all members into the folder and returns its manifest, which is written last: a folder without one is no snapshot.
 *
 * No transaction spans it. The cursor is taken before the first row is read, so every change that a page misses (a member that is new, or whose
 * card moved it behind the pages already read) has a later feed number, and reading the feed from the cursor makes a replica exact.
 * From the moment the feed is opened, imports too go through it.
 */
export async function buildSnapshot(
	context: BuildContext,
	ports: SnapshotPorts,
	onProgress: (progress: BuildProgress) => void,
): Promise<SnapshotManifest> {
	const { database, clock, epoch } = context;
	const createdAtMs = Math.max(clock.nowMs(), await newestImportMs(database));
	const name = nameOf(createdAtMs, context);
	await database.query('UPDATE hq_state SET feed_opened_at = coalesce(feed_opened_at, $1)', [createdAtMs]);
	const cursor = encodeCursor({ epoch, seqs: (await readHeads(database)).seqs });
	const counts = await countByShard(database);
	const total = counts.reduce((sum, { rows }) => sum + rows, 0);
	await ports.folder.begin(name);
	onProgress({ done: 0, total });
	const files = await writeFiles(context, { ports, name, shards: counts.map(({ shard }) => shard) }, (done) => {
		onProgress({ done, total: Math.max(total, done) });
	});
	const manifest = {
		hq_epoch: epoch,
		protocol: PROTOCOL_VERSION,
		snapshot: name,
		created_at: createdAtMs,
		cursor,
		rows: files.reduce((sum, file) => sum + file.rows, 0),
		bytes: files.reduce((sum, file) => sum + file.bytes, 0),
		files,
	};
	await ports.folder.finish(manifest);
	return manifest;
}

/** One file is packed and written while the database builds the next. */
async function writeFiles(
	{ database, stopping }: BuildContext,
	target: { readonly ports: SnapshotPorts; readonly name: string; readonly shards: readonly number[] },
	onRows: (done: number) => void,
): Promise<SnapshotFile[]> {
	const { ports, name, shards } = target;
	const files: Promise<SnapshotFile>[] = [];
	let done = 0;
	try {
		for (const shard of shards) {
			for await (const page of readShard(database, shard)) {
				await files.at(-1);
				if (stopping.aborted) throw new BuildStopped();
				files.push(writeFile(ports, { name, shard }, page));
				done += page.rows;
				onRows(done);
			}
		}
		return await Promise.all(files);
	} finally {
		// Nothing is written any more once this has failed.
		await Promise.allSettled(files);
	}
}

/** Sortable by time and never used twice, so that what is cached under its paths is never wrong. */
function nameOf(createdAtMs: number, { random }: BuildContext): string {
	const time = new Date(createdAtMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
	return `${time}-${Buffer.from(random.bytes(4)).toString('hex')}`;
}

/**
 * When the newest import ended by the clock of then. A snapshot that is made after it is not older, whatever our clock says by now: it would be
 * taken for one that lacks the import, and made again for ever.
 */
async function newestImportMs(database: Queryable): Promise<number> {
	const [row] = await database.query<{ at: number }>('SELECT coalesce(max(finished_at), 0)::bigint AS at FROM member_import');
	return must(row, 'one row of facts').at;
}

async function countByShard(database: Queryable): Promise<{ shard: number; rows: number }[]> {
	return database.query<{ shard: number; rows: number }>(
		`SELECT shard, count(*)::int AS rows FROM member m WHERE ${IS_TOLD} GROUP BY shard ORDER BY shard`,
	);
}

/** Whoever has left and is out of the feed, or never was in it, is not told: no terminal has to forget them. */
const IS_TOLD = `(m.seq > 0 OR m.status NOT IN ('opted_out', 'merged'))`;

/** The rows of one file as lines of JSON text. `number` counts from 1 in its shard. */
type ShardPage = { readonly number: number; readonly rows: number; readonly lines: readonly string[] };

/** The last row of a page, behind which the next one goes on. */
type Key = { readonly card: string | null; readonly id: string };

type LineRow = { readonly text: string; readonly rows: number; readonly last_card: string | null; readonly last_id: string | null };

async function* readShard(database: HqContext['database'], shard: number): AsyncGenerator<ShardPage> {
	let after: Key | null = null;
	for (let number = 1; ; number += 1) {
		const lines: readonly LineRow[] = await readLines(database, shard, after);
		const rows = lines.reduce((sum, line) => sum + line.rows, 0);
		if (rows > 0) yield { number, rows, lines: lines.map((line) => line.text) };
		const last = lines.at(-1);
		if (last === undefined || rows < SNAPSHOT_FILE_ROWS_MAX) return;
		assert(last.last_id !== null, 'the last line ends with the last row');
		after = { card: last.last_card, id: last.last_id };
	}
}

async function readLines(database: HqContext['database'], shard: number, after: Key | null): Promise<LineRow[]> {
	return database.tx(async (tx) => {
		// A file's rows are sorted in memory.
		await tx.exec(`SET LOCAL work_mem = '64MB'`);
		return after === null ? tx.query<LineRow>(readLinesWhere('true'), [shard]) : readLinesAfter(tx, shard, after);
	});
}

function readLinesAfter(tx: Queryable, shard: number, { card, id }: Key): Promise<LineRow[]> {
	if (card === null) return tx.query<LineRow>(readLinesWhere('m.card IS NULL AND m.id COLLATE "C" > $2'), [shard, id]);
	return tx.query<LineRow>(readLinesWhere('(m.card IS NULL OR m.card COLLATE "C" > $2 OR (m.card = $2 AND m.id COLLATE "C" > $3))'), [
		shard,
		card,
		id,
	]);
}

// Sorted by card, for a terminal loads rows in the order of its index five times faster. Bytewise, so that the order is the same everywhere.
function readLinesWhere(condition: string): string {
	return `
SELECT string_agg(text, ',' ORDER BY n) AS text, count(*)::int AS rows,
	max(card) FILTER (WHERE n = total) AS last_card, max(id) FILTER (WHERE n = total) AS last_id
FROM (
	SELECT row_number() OVER (ORDER BY m.card COLLATE "C" NULLS LAST, m.id COLLATE "C") AS n, count(*) OVER () AS total, m.card, m.id, ${MEMBER_JSON} AS text
	FROM (
		SELECT * FROM member m WHERE m.shard = $1 AND ${IS_TOLD} AND ${condition}
		ORDER BY m.card COLLATE "C" NULLS LAST, m.id COLLATE "C" LIMIT ${SNAPSHOT_FILE_ROWS_MAX}
	) AS m
) AS page
GROUP BY (n - 1) / ${SNAPSHOT_LINE_ROWS_MAX}
ORDER BY (n - 1) / ${SNAPSHOT_LINE_ROWS_MAX}`;
}

async function writeFile(
	{ folder, pack }: SnapshotPorts,
	place: { readonly name: string; readonly shard: number },
	page: ShardPage,
): Promise<SnapshotFile> {
	const { name, shard } = place;
	const bytes = await pack(page.lines.map((line) => `[${line}]\n`).join(''));
	const path = await folder.write(name, `${String(shard).padStart(2, '0')}-${String(page.number).padStart(4, '0')}.json.gz`, bytes);
	return { path, shard, rows: page.rows, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
