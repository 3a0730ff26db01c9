import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { shardOf } from '#shared/domain/shard.ts';
import { DIGEST_LIMIT, memberDigest } from '#shared/wire/digest.ts';
import type { ShardDigest } from '#shared/wire/digest.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { importSynthetic } from '../members/import-synthetic.ts';
import { encodeCursor } from './cursor.ts';
import { createDigests } from './digests.ts';
import type { Digests } from './digests.ts';
import { openFakeHeadquarters } from './fake-context.ts';
import type { FakeHeadquarters } from './fake-context.ts';
import { publishRound, readHeads } from './publish-round.ts';
import type { Heads } from './publish-round.ts';

let hq: FakeHeadquarters;
let digests: Digests;
/** Statements that counted. */
let counts: number;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
});

beforeEach(async () => {
	await hq.reset();
	counts = 0;
	const { database } = hq.context;
	const counted: typeof database = {
		...database,
		query: (sql, params) => {
			counts += sql.includes('LATERAL') ? 1 : 0;
			return database.query(sql, params);
		},
	};
	const heads = (): Promise<Heads> => readHeads(database);
	digests = createDigests({ ...hq.context, database: counted }, { refresh: heads, heads: () => ({ seqs: [], horizons: [] }) });
});

afterAll(() => hq.close());

async function cursorAtHead(): Promise<string> {
	return encodeCursor({ epoch: 1, seqs: (await readHeads(hq.context.database)).seqs });
}

async function read(cursor: string): Promise<readonly ShardDigest[]> {
	const answer = await digests.read(cursor);
	if (!answer.ok) throw new Error(answer.error.reason);
	return answer.value.shards;
}

/** From the table, by the formula in JavaScript. */
async function expected(): Promise<readonly ShardDigest[]> {
	const rows = await hq.context.database.query<{ id: string; ver: number; status: string; shard: number }>(
		'SELECT id, ver, status, shard FROM member',
	);
	return Array.from({ length: SHARD_COUNT }, (_, shard) => {
		const sums = rows.filter((row) => row.shard === shard).flatMap((row) => memberDigest(row) ?? []);
		return { shard, rows: sums.length, sum: sums.reduce((sum, digest) => (sum + digest) % DIGEST_LIMIT, 0) };
	});
}

test('the digests of all shards are those of the table, imported members that were never in the feed included', async () => {
	await importSynthetic(hq.context, { count: 1_000 });
	await hq.context.database.exec(`
		UPDATE member SET status = 'opted_out', ver = 2 WHERE id = (SELECT min(id) FROM member);
		UPDATE member SET status = 'suspended', ver = 700000 WHERE id = (SELECT max(id) FROM member)`);
	for (const id of ['x', 'y'.repeat(64)]) {
		await hq.context.database.query(`INSERT INTO member (id, status, tier, updated_at, shard) VALUES ($1, 'stub', 'basic', 0, $2)`, [
			id,
			shardOf(id, SHARD_COUNT),
		]);
	}
	expect(await read(await cursorAtHead())).toEqual(await expected());
});

test('a shard that has moved on, or in which a change waits for its number, is not compared', async () => {
	await importSynthetic(hq.context, { count: 300 });
	const before = await cursorAtHead();
	const [first] = await hq.context.database.query<{ id: string; shard: number }>('SELECT id, shard FROM member ORDER BY id LIMIT 1');
	if (first === undefined) throw new Error('a member');
	await hq.context.database.query('UPDATE member SET ver = ver + 1 WHERE id = $1', [first.id]);
	await hq.context.database.query('INSERT INTO change_staging (shard, member_id) VALUES ($1, $2)', [first.shard, first.id]);
	expect((await read(before)).map(({ shard }) => shard)).not.toContain(first.shard);
	await publishRound(hq.context.database);
	expect((await read(before)).map(({ shard }) => shard)).not.toContain(first.shard);
	expect(await read(await cursorAtHead())).toEqual(await expected());
});

test('what was counted is not counted again until the shard moves, however many ask', async () => {
	await importSynthetic(hq.context, { count: 300 });
	const cursor = await cursorAtHead();
	await Promise.all(Array.from({ length: 5 }, () => read(cursor)));
	expect(counts).toBe(SHARD_COUNT / 4);
	await hq.context.database.query(`INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM member ORDER BY id LIMIT 1`);
	await publishRound(hq.context.database);
	await read(await cursorAtHead());
	expect(counts).toBe(SHARD_COUNT / 4 + 1);
});

test('a cursor of another epoch, ahead, or of no known form is refused', async () => {
	const zeros = Array.from({ length: SHARD_COUNT }, () => 0);
	expect(await digests.read(encodeCursor({ epoch: 2, seqs: zeros }))).toEqual({ ok: false, error: { reason: 'other_epoch' } });
	expect(await digests.read(encodeCursor({ epoch: 1, seqs: zeros.with(3, 1) }))).toEqual({ ok: false, error: { reason: 'ahead' } });
	expect(await digests.read('x')).toEqual({ ok: false, error: { reason: 'malformed' } });
});
