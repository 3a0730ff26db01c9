import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { shardOf } from '#shared/domain/shard.ts';
import { SHARD_COUNT, SNAPSHOT_FILE_ROWS_MAX, SNAPSHOT_LINE_ROWS_MAX } from '#shared/wire/limits.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import { importSynthetic } from '../members/import-synthetic.ts';
import { decodeCursor } from './cursor.ts';
import { openFakeHeadquarters } from './fake-context.ts';
import type { FakeHeadquarters } from './fake-context.ts';
import { readFeedPage } from './feed-page.ts';
import { publishRound, readHeads } from './publish-round.ts';
import type { Heads } from './publish-round.ts';
import { createSnapshotService } from './snapshot.ts';
import type { SnapshotService } from './snapshot.ts';
import { buildSnapshot, BuildStopped, packInPool } from './snapshot/build.ts';
import { createSnapshotFolder } from './snapshot/folder.ts';

const DAY_MS = 86_400_000;
let hq: FakeHeadquarters;
let heads: Heads;
let service: SnapshotService;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
});

beforeEach(async () => {
	await hq.reset();
	await createSnapshotFolder(hq.context.dataDir, 1).removeOthers([]);
	heads = await readHeads(hq.context.database);
	service = await open();
});

afterEach(async () => {
	await service.stop();
});

afterAll(async () => {
	await hq.close();
});

test('the files hold exactly the rows of the table, in lines and files of the stated sizes, sorted by card', async () => {
	await importSynthetic(hq.context, { count: 3_000 });
	// Members without a card come last.
	await hq.context.database.exec('UPDATE member SET card = NULL, card_status = NULL WHERE points % 7 = 0');
	const manifest = SnapshotManifestSchema.parse(await service.prepare());
	expect(manifest).toMatchObject({ hq_epoch: 1, rows: 3_000, created_at: hq.context.clock.nowMs() });
	const rows: MemberRow[] = [];
	for (const file of manifest.files) {
		const lines = await readLines(file);
		expect(lines.every((line) => line.length <= SNAPSHOT_LINE_ROWS_MAX)).toBe(true);
		expect(lines.flat()).toHaveLength(file.rows);
		expect(lines.flat().every((row) => row[17] === file.shard)).toBe(true);
		expect(lines.flat().map(sortKey)).toEqual(lines.flat().map(sortKey).toSorted());
		rows.push(...lines.flat());
	}
	expect(rows).toHaveLength(3_000);
	expect(new Map(rows.map((row) => [row[0], row]))).toEqual(new Map((await readTable()).map((row) => [row[0], row])));
	expect(manifest.bytes).toBe(manifest.files.reduce((sum, file) => sum + file.bytes, 0));
});

test('a shard that does not fit in one file goes on in the next, also among members without a card', async () => {
	const ids = idsOfShard(7, SNAPSHOT_FILE_ROWS_MAX * 2 + 5);
	await hq.context.database.query(
		`INSERT INTO member (id, status, card, tier, updated_at, shard)
		SELECT id, 'active', CASE WHEN place % 3 = 0 THEN NULL ELSE lpad((place * 7919 % 100003)::text, 8, '0') END, 'basic', 0, 7
		FROM string_to_table($1, ',') WITH ORDINALITY AS listed(id, place)`,
		[ids.join(',')],
	);
	const manifest = await service.prepare();
	expect(manifest.files.map((file) => [file.shard, file.rows])).toEqual([
		[7, SNAPSHOT_FILE_ROWS_MAX],
		[7, SNAPSHOT_FILE_ROWS_MAX],
		[7, 5],
	]);
	const rows = (await Promise.all(manifest.files.map((file) => readLines(file)))).flat(2);
	expect(new Set(rows.map((row) => row[0]))).toEqual(new Set(ids));
	expect(rows.map(sortKey)).toEqual(rows.map(sortKey).toSorted());
});

test('a replica made of the snapshot and the feed behind its cursor equals the table, whatever changed while it was written', async () => {
	await importSynthetic(hq.context, { count: 800 });
	const folder = createSnapshotFolder(hq.context.dataDir, 1);
	const changes: Promise<void>[] = [];
	let files = 0;
	const manifest = await buildSnapshot(hq.context, { folder, pack: packInPool }, ({ done }) => {
		files += 1;
		if (files % 4 === 0) changes.push(changeSomeMembers(done));
	});
	await Promise.all(changes);
	while ((await publishRound(hq.context.database)).taken > 0);

	const replica = new Map<string, MemberRow>();
	const apply = (row: MemberRow): void => {
		const known = replica.get(row[0]);
		if (known === undefined || row[1] > known[1]) replica.set(row[0], row);
	};
	for (const file of manifest.files) (await readLines(file)).flat().forEach(apply);
	const cursor = decodeCursor(manifest.cursor);
	let place = cursor.ok ? cursor.value : { epoch: 0, seqs: [] };
	for (let hasMore = true; hasMore;) {
		const page = await readFeedPage(hq.context.database, { place, heads: await readHeads(hq.context.database) });
		page.lines.flatMap((line) => parseRows(line)).forEach(apply);
		({ next: place, hasMore } = page);
	}
	expect(changes.length).toBeGreaterThan(SHARD_COUNT / 8);
	// All but the place in the feed, which a row that is newer than its publishing does not have yet.
	const stateOf = (row: MemberRow): [string, unknown[]] => [row[0], row.slice(0, 17)];
	expect(new Map([...replica.values()].map(stateOf))).toEqual(new Map((await readTable()).map(stateOf)));
});

test('asking starts the writing, says how far it is, and then gives the manifest', async () => {
	await importSynthetic(hq.context, { count: 500 });
	expect(await service.current()).toMatchObject({ preparing: { done: 0 } });
	const manifest = await service.prepare();
	expect(await service.current()).toMatchObject({ ready: { manifest: { snapshot: manifest.snapshot }, text: JSON.stringify(manifest) } });
});

test('many who ask at once cause one snapshot', async () => {
	const manifests = await Promise.all([service.prepare(), service.prepare(), service.prepare()]);
	expect(new Set(manifests.map((manifest) => manifest.snapshot)).size).toBe(1);
	expect(await foldersOnDisk()).toEqual([manifests[0].snapshot]);
});

test('an empty headquarters has a snapshot without files', async () => {
	expect(await service.prepare()).toMatchObject({ rows: 0, bytes: 0, files: [] });
});

test('an import by a clock that was set back since does not make snapshots for ever', async () => {
	await importSynthetic(hq.context, { count: 20 });
	await hq.context.database.query('UPDATE member_import SET finished_at = $1', [hq.context.clock.nowMs() + 86_400_000]);
	const manifest = await service.prepare();
	expect(await service.current()).toMatchObject({ ready: { manifest: { snapshot: manifest.snapshot } } });
	expect(manifest.created_at).toBeGreaterThan(hq.context.clock.nowMs());
});

test('an import makes terminals wait for a new snapshot', async () => {
	await service.prepare();
	await hq.time.advance(1);
	await importSynthetic(hq.context, { count: 50 });
	expect(await service.current()).toMatchObject({ preparing: { done: 0 } });
	expect(await service.prepare()).toMatchObject({ rows: 50 });
});

test('an old snapshot, or one that the feed has left far behind, is given out while the next one is written', async () => {
	await importSynthetic(hq.context, { count: 50 });
	const first = await service.prepare();
	await hq.time.advance(1);
	heads = { ...heads, seqs: heads.seqs.with(3, 1_001) };
	expect(await service.current()).toMatchObject({ ready: { manifest: { snapshot: first.snapshot } } });
	await hq.context.database.query('UPDATE shard SET last_seq = 1001 WHERE shard = 3');
	await service.stop();
	const second = await service.prepare();
	expect(second.snapshot).not.toBe(first.snapshot);

	hq.time.jumpWallClock(DAY_MS + 1);
	expect(await service.current()).toMatchObject({ ready: { manifest: { snapshot: second.snapshot } } });
	await service.stop();
	expect((await service.prepare()).snapshot).not.toBe(second.snapshot);
});

test('two snapshots are kept, and only their files can be found', async () => {
	await importSynthetic(hq.context, { count: 100 });
	const manifests: SnapshotManifest[] = [];
	for (let round = 0; round < 3; round += 1) {
		manifests.push(await service.prepare());
		hq.time.jumpWallClock(DAY_MS + 1);
	}
	const [first, second, third] = manifests.map((manifest) => manifest.files[0]?.path ?? '');
	expect(service.find(first ?? '')).toBeNull();
	expect([service.find(second ?? '')?.path, service.find(third ?? '')?.path]).toEqual([second, third]);
	expect(await foldersOnDisk()).toEqual(
		manifests
			.slice(1)
			.map((manifest) => manifest.snapshot)
			.toSorted(),
	);
	expect(service.find(`${third}/../manifest.json`)).toBeNull();
});

test('after a restart the snapshot on disk is taken up; unfinished and damaged ones and those of other epochs are removed', async () => {
	await importSynthetic(hq.context, { count: 100 });
	const damaged = await service.prepare();
	hq.time.jumpWallClock(DAY_MS + 1);
	const whole = await service.prepare();
	await truncate(join(hq.context.dataDir, damaged.files[0]?.path ?? ''), 10);
	await mkdir(join(hq.context.dataDir, 'snapshot/1/unfinished'), { recursive: true });
	await writeFile(join(hq.context.dataDir, 'snapshot/1/unfinished/00-0001.json.gz.part'), 'x');
	await mkdir(join(hq.context.dataDir, 'snapshot/0/old'), { recursive: true });
	const again = await open();
	expect(await again.current()).toMatchObject({ ready: { manifest: whole } });
	expect(await foldersOnDisk()).toEqual([whole.snapshot]);
	expect(await readdir(join(hq.context.dataDir, 'snapshot'))).toEqual(['1']);
	await again.stop();
});

test('within the hour after somebody opts out, no snapshot on disk holds their data', async () => {
	await importSynthetic(hq.context, { count: 100 });
	const before = await service.prepare();
	const path = before.files[0]?.path ?? '';
	const [row] = (await readLines({ path })).flat();
	await hq.context.database.tx(async (tx) => {
		await tx.query(
			`UPDATE member SET ver = ver + 1, status = 'opted_out', first_name = NULL, last_name = NULL, mobile = NULL, email = NULL, profile = '{}' WHERE id = $1`,
			[row?.[0]],
		);
		await tx.query('INSERT INTO change_staging (shard, member_id) VALUES ($1, $2)', [row?.[17], row?.[0]]);
	});
	await publishRound(hq.context.database);
	await hq.time.advance(3_600_000);
	await expect.poll(() => service.find(path), { timeout: 10_000 }).toBeNull();
	await service.stop();
	expect(await foldersOnDisk()).not.toContain(before.snapshot);
	const current = await service.current();
	const rows = 'ready' in current ? (await Promise.all(current.ready.manifest.files.map((file) => readLines(file)))).flat(2) : [];
	expect(rows.find((candidate) => candidate[0] === row?.[0])).toMatchObject({ 2: 'opted_out', 5: null });
});

test('writing ends soon when headquarters stops, and leaves no snapshot', async () => {
	await importSynthetic(hq.context, { count: 500 });
	const stopping = new AbortController();
	const folder = createSnapshotFolder(hq.context.dataDir, 1);
	const build = buildSnapshot({ ...hq.context, stopping: stopping.signal }, { folder, pack: packInPool }, ({ done }) => {
		if (done > 50) stopping.abort();
	});
	await expect(build).rejects.toThrow(BuildStopped);
	expect(await folder.list()).toEqual([]);
});

async function open(): Promise<SnapshotService> {
	const opened = createSnapshotService(hq.context, { heads: () => heads });
	await opened.start();
	return opened;
}

async function changeSomeMembers(seed: number): Promise<void> {
	await hq.context.database.tx(async (tx) => {
		// Some change their card, and with it their place in the files; one is new.
		const changed = await tx.query<{ id: string }>(
			`UPDATE member SET ver = ver + 1, points = points + 1, card = CASE WHEN points % 2 = 0 THEN reverse(card) ELSE card END
			WHERE id IN (SELECT id FROM member ORDER BY md5(id || $1) LIMIT 20) RETURNING id`,
			[String(seed)],
		);
		const id = `new-${seed}`;
		const added = await tx.query<{ id: string }>(
			`INSERT INTO member (id, status, tier, updated_at, shard) VALUES ($1, 'active', 'basic', 0, $2) ON CONFLICT DO NOTHING RETURNING id`,
			[id, shardOf(id, SHARD_COUNT)],
		);
		const ids = [...changed, ...added].map((row) => row.id);
		await tx.query(`INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM member WHERE id = ANY (string_to_array($1, ','))`, [
			ids.join(','),
		]);
	});
	await publishRound(hq.context.database);
}

async function readLines(file: { readonly path: string; readonly bytes?: number; readonly sha256?: string }): Promise<MemberRow[][]> {
	const bytes = await readFile(join(hq.context.dataDir, file.path));
	expect([file.bytes ?? bytes.length, file.sha256 ?? sha256(bytes)]).toEqual([bytes.length, sha256(bytes)]);
	return gunzipSync(bytes)
		.toString('utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map(parseRows);
}

function parseRows(line: string): MemberRow[] {
	return MemberRowSchema.array().parse(JSON.parse(line));
}

async function readTable(): Promise<MemberRow[]> {
	const rows = await hq.context.database.query<Record<string, unknown>>('SELECT * FROM member');
	return rows.map((row) =>
		MemberRowSchema.parse([
			row['id'],
			row['ver'],
			row['status'],
			row['card'],
			row['card_status'],
			row['first_name'],
			row['last_name'],
			row['mobile'],
			row['email'],
			row['points'],
			row['tier'],
			row['tier_points'],
			row['updated_at'],
			row['merged_into'],
			row['merged_ver'],
			row['aliases'],
			row['profile'],
			row['shard'],
			row['seq'],
		]),
	);
}

async function foldersOnDisk(): Promise<string[]> {
	return (await readdir(join(hq.context.dataDir, 'snapshot/1'))).toSorted();
}

function sortKey(row: MemberRow): string {
	return `${row[3] ?? '~'} ${row[0]}`;
}

function idsOfShard(shard: number, count: number): string[] {
	const ids: string[] = [];
	for (let number = 0; ids.length < count; number += 1) if (shardOf(`s${number}`, SHARD_COUNT) === shard) ids.push(`s${number}`);
	return ids;
}

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
