import { existsSync, fsyncSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isDataError, isRetryable, isUnavailable, sqlStateOf } from './database.ts';
import type { Database } from './database.ts';
import { DurableFolder } from './durable-folder.ts';
import { openDatabase } from './open-database.ts';
import { openPgliteIn } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import { migrate } from './schema.ts';
import { keepUp } from './upkeep.ts';

const folder = mkdtempSync(join(tmpdir(), 'regulars-db-'));
let syncs = 0;
let database: Database;
beforeAll(async () => {
	const counted = new DurableFolder(join(folder, 'counted'), (descriptor) => {
		syncs += 1;
		fsyncSync(descriptor);
	});
	database = await openPgliteIn(counted);
	await database.exec('CREATE TABLE thing (id int PRIMARY KEY, value jsonb)');
});
afterAll(async () => {
	await database.close();
	rmSync(folder, { recursive: true, force: true });
});

describe('the embedded database', () => {
	test('syncs every commit to disk', async () => {
		const before = syncs;
		for (let id = 100; id < 110; id += 1) await database.query('INSERT INTO thing VALUES ($1, NULL)', [id]);
		expect(syncs - before).toBeGreaterThanOrEqual(10);
		expect(await database.query("SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit")).toEqual([
			{ fsync: 'on', commit: 'on' },
		]);
	});

	test('answers numbers, texts and parsed JSON', async () => {
		const [row] = await database.query(
			`SELECT $1::bigint AS big, count(*)::int AS count, $2::jsonb AS json, $3::text[] AS list, '018f0000-0000-7000-8000-000000000001'::uuid AS id, NULL::bigint AS nothing`,
			[9_007_199_254_740, '[{"a":1}]', ['a', 'b "c,', "d'"]],
		);
		expect(row).toEqual({
			big: 9_007_199_254_740,
			count: 1,
			json: [{ a: 1 }],
			list: ['a', 'b "c,', "d'"],
			id: '018f0000-0000-7000-8000-000000000001',
			nothing: null,
		});
	});

	test('rolls back what rejects, and passes the error on', async () => {
		const cause = new Error('no');
		const attempt = database.tx(async (tx) => {
			await tx.query('INSERT INTO thing VALUES (1, NULL)');
			throw cause;
		});
		await expect(attempt).rejects.toBe(cause);
		expect(await database.query('SELECT * FROM thing WHERE id = 1')).toEqual([]);
	});

	test('goes on after a savepoint that failed', async () => {
		await database.tx(async (tx) => {
			await tx.exec('SAVEPOINT here');
			await expect(tx.query("INSERT INTO thing VALUES (2, 'x')")).rejects.toSatisfy(isDataError);
			await tx.exec('ROLLBACK TO SAVEPOINT here');
			await tx.query('INSERT INTO thing VALUES (2, NULL)');
		});
		expect(await database.query('SELECT id FROM thing WHERE id = 2')).toEqual([{ id: 2 }]);
	});

	test('names its errors by state', async () => {
		await database.query('INSERT INTO thing VALUES (3, NULL)');
		const error: unknown = await database.query('INSERT INTO thing VALUES (3, NULL)').catch((caught: unknown) => caught);
		expect([sqlStateOf(error), isRetryable(error), isDataError(error), isUnavailable(error)]).toEqual(['23505', true, true, false]);
		expect(sqlStateOf(new Error('other'))).toBeNull();
	});

	test('is cleaned and checkpointed when there is something to do', async () => {
		await database.exec('INSERT INTO thing SELECT id, NULL FROM generate_series(1000, 6000) AS id');
		await database.exec("UPDATE thing SET value = '1'");
		await database.exec('SELECT pg_stat_force_next_flush()');
		const dead = async () =>
			(await database.query<{ dead: number }>("SELECT n_dead_tup AS dead FROM pg_stat_user_tables WHERE relname = 'thing'"))[0]?.dead ?? -1;
		expect(await dead()).toBeGreaterThan(1000);
		await keepUp(database);
		expect(await dead()).toBe(0);
	});
});

describe('the schema', () => {
	test('is made once, however often it is asked for', async () => {
		await Promise.all([migrate(database, { nowMs: () => 5 }), migrate(database, { nowMs: () => 6 })]);
		expect(await database.query('SELECT version FROM schema_version ORDER BY version')).toEqual([
			{ version: 1 },
			{ version: 2 },
			{ version: 3 },
			{ version: 4 },
		]);
		expect(await database.query('SELECT count(*)::int AS shards, sum(last_seq)::int AS seqs FROM shard')).toEqual([
			{ shards: 64, seqs: 0 },
		]);
	});

	test('of a newer program is left alone', async () => {
		await database.exec('INSERT INTO schema_version VALUES (999, 0)');
		await expect(migrate(database, { nowMs: () => 7 })).rejects.toThrow('schema version 999');
		await database.exec('DELETE FROM schema_version WHERE version = 999');
	});
});

test('a database whose making was broken off is made anew', { timeout: 90_000 }, async () => {
	const dataDir = join(folder, 'broken');
	mkdirSync(join(dataDir, 'db.new'), { recursive: true });
	writeFileSync(join(dataDir, 'db.new', 'PG_VERSION'), '18');
	const opened = await openDatabase({ dataDir, databaseUrl: null, logger: pino({ level: 'silent' }) });
	expect(await opened.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
	await opened.close();
	await opened.close();
	expect([existsSync(join(dataDir, 'db')), existsSync(join(dataDir, 'db.new'))]).toEqual([true, false]);
});

test('a server that cannot be reached says so', async () => {
	const server = openPostgres('postgresql://nobody@127.0.0.1:9/none', () => undefined);
	await expect(server.query('SELECT 1')).rejects.toSatisfy(isUnavailable);
	await expect(server.tx((tx) => tx.query('SELECT 1'))).rejects.toSatisfy(isUnavailable);
	await server.close();
	await server.close();
});
