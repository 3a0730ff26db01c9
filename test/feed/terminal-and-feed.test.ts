/** A real headquarters on PostgreSQL over HTTP, and the engine with a real replica: what the feed's rarer ways do to both together. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { createEngine } from '#sync/engine/engine.ts';
import type { Engine } from '#sync/engine/engine.ts';
import { startFakeHeadquarters, keyOf } from '#sync/hq/fake-running.ts';
import type { RunningHeadquarters } from '#sync/hq/fake-running.ts';
import { purgeTombstones } from '#sync/hq/feed/tombstones.ts';
import { openPostgres } from '#sync/hq/storage/postgres.ts';
import { createSystemClock, createSystemRandom, createSystemTimers } from '#sync/hq/system.ts';
import { createFakeOutbox } from '#sync/outbox/fake-outbox.ts';
import type { Replica } from '#sync/replica/replica.ts';
import { openConnection } from '#sync/storage/connection.ts';
import { openReplica } from '#sync/storage/replica-database.ts';
import { createHeadquartersClient } from '#sync/transport/headquarters-client.ts';

const MEMBERS = 4_000;
const WAIT = { timeout: 50_000, interval: 50 };
const url = must(process.env['REGULARS_TEST_DATABASE_URL'], 'a PostgreSQL server: this suite belongs to the project postgresql');

let hq: RunningHeadquarters;
let folder: string;
let replica: Replica;
let engine: Engine;
const logged: string[] = [];
const asked: string[] = [];

beforeAll(async () => {
	hq = await startFakeHeadquarters({ database: openPostgres(url, () => undefined) });
	for (let times = 0; times < 2; times += 1) await change(1, MEMBERS);
	await hq.feed.snapshots.prepare();
});

afterAll(() => hq.close());

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'regulars-feed-'));
	await openTerminal();
	await engine.start();
	await vi.waitUntil(() => replica.state().phase === 'ready', WAIT);
	await upToDate();
});

afterEach(async () => {
	await engine.stop();
	await replica.close();
	rmSync(folder, { recursive: true, force: true });
});

async function openTerminal(): Promise<void> {
	const [clock, random, timers] = [createSystemClock(), createSystemRandom(), createSystemTimers()];
	const opened = await openReplica({ folder, clock });
	if (!opened.ok) throw new Error(opened.error.code);
	replica = opened.value;
	const paired = await hq.pair('T1');
	const log = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
	engine = createEngine({
		outbox: createFakeOutbox({ clock, random }),
		replica,
		client: createHeadquartersClient({
			hqUrl: hq.url,
			key: keyOf(paired),
			skewMs: () => 0,
			clock,
			timers,
			fetch: (address, init) => {
				asked.push(new URL(address).pathname);
				return fetch(address, init);
			},
		}),
		clock,
		timers,
		random,
		logger: { debug: log, info: log, warn: log, error: log },
		identity: { terminal: paired.terminal, appVersion: '1.0.0' },
		programmeVersion: () => 0,
		onProgramme: () => Promise.resolve(),
	});
}

/** The engine pulls until the replica has everything that headquarters has published. */
async function upToDate(): Promise<void> {
	await hq.feed.publisher.publishAll();
	engine.syncNow();
	await vi.waitUntil(async () => (await differences()).length === 0, WAIT);
}

/** Members whose version here is another than at headquarters. */
async function differences(): Promise<readonly string[]> {
	const rows = await hq.context.database.query<{ id: string; ver: number; status: string }>('SELECT id, ver, status FROM member');
	const wrong: string[] = [];
	for (const { id, ver, status } of rows) {
		const mine = await replica.findById(MemberIdSchema.parse(id));
		const isPurged = mine === null && status === 'opted_out';
		if (!isPurged && mine?.ver !== ver) wrong.push(id);
	}
	return wrong;
}

async function change(first: number, last: number, set = ''): Promise<void> {
	const ids = Array.from({ length: last - first + 1 }, (_, index) => `m${first + index}`);
	await hq.context.database.query(
		`WITH input AS (SELECT * FROM unnest(string_to_array($1, ','), string_to_array($2, ',')::int[]) AS i(id, shard)),
		changed AS (
			INSERT INTO member (id, status, tier, updated_at, shard, first_name) SELECT id, 'active', 'basic', 0, shard, 'Name-' || id FROM input
			ON CONFLICT (id) DO UPDATE SET ver = member.ver + 1${set}
		) INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM input`,
		[ids.join(','), ids.map((id) => shardOf(id, SHARD_COUNT)).join(',')],
	);
	await hq.feed.publisher.publishAll();
}

function bytesWith(text: string): readonly string[] {
	return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));
}

test('I10: who left and was purged while a terminal was away is gone from it, and only their shard was loaded', async () => {
	const gone = 'm3999';
	await engine.stop();
	await replica.close();
	expect(bytesWith(`Name-${gone}`)).not.toEqual([]);
	await change(3_999, 3_999, ", status = 'opted_out', first_name = NULL");
	await change(100, 300);
	await purgeTombstones(hq.context.database, Number.MAX_SAFE_INTEGER);
	await hq.feed.publisher.refresh();
	await hq.feed.snapshots.prepare();
	asked.length = 0;
	await openTerminal();
	await engine.start();
	await upToDate();
	expect(await replica.findById(MemberIdSchema.parse(gone))).toBeNull();
	expect(replica.state()).toMatchObject({ phase: 'ready', rows: MEMBERS - 1 });
	expect(asked.filter((path) => path.startsWith('/snapshot/') && path.endsWith('.gz'))).toHaveLength(1);
	await replica.close();
	expect(bytesWith(`Name-${gone}`)).toEqual([]);
});

test('I5: a replica that differs in two members is found by its digests, and those shards alone are loaded again', async () => {
	await engine.stop();
	await replica.close();
	const file = await openConnection({ file: join(folder, 'replica.db'), mode: 'existing', pragmas: {} });
	await file.run("UPDATE member SET points = 999, ver = ver - 1 WHERE id = 'm2000'");
	await file.run("DELETE FROM member WHERE id = 'm3000'");
	await file.run('UPDATE sync_state SET rows_removed = (SELECT max(rid) FROM member) - (SELECT count(*) FROM member)');
	await file.close();
	await openTerminal();
	await engine.start();
	expect(await differences()).toEqual(['m2000', 'm3000']);
	asked.length = 0;
	logged.length = 0;
	engine.compareDigests();
	await expect.poll(differences, WAIT).toEqual([]);
	expect(asked.filter((path) => path.endsWith('.gz')).length).toBeLessThanOrEqual(2);
	engine.syncNow();
	await expect.poll(() => logged.some((line) => line.startsWith('the member data was compared')), WAIT).toBe(true);
	expect(logged.filter((line) => line.includes('members differ'))).toHaveLength(1);
});

test('a terminal that was away for long reads the segments, and ends where the feed ends', async () => {
	await engine.stop();
	await hq.feed.segments.settle();
	await change(500, 3_500);
	await hq.feed.segments.settle();
	await change(3_400, 3_600);
	asked.length = 0;
	await engine.start();
	await upToDate();
	expect(asked.filter((path) => path.startsWith('/segment/'))).toHaveLength(1);
	expect(asked.filter((path) => path.startsWith('/snapshot/'))).toEqual([]);
});
