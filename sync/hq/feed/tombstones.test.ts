import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { ErrorEnvelopeSchema } from '#shared/wire/error-envelope.ts';
import { FeedHeaderSchema } from '#shared/wire/feed.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { FeedPlace } from './cursor.ts';
import { openFakeHeadquarters } from './fake-context.ts';
import type { FakeHeadquarters } from './fake-context.ts';
import { readFeedPage } from './feed-page.ts';
import { publishRound, readHeads } from './publish-round.ts';
import { registerFeedRoutes } from './routes.ts';
import type { Feed } from './routes.ts';
import { createSnapshotFolder } from './snapshot/folder.ts';
import { purgeTombstones, TOMBSTONE_KEPT_MS } from './tombstones.ts';

const DAY_MS = 86_400_000;
const IDS = Array.from({ length: 200 }, (_, index) => `m${index}`);
const GONE = 'm17';
const SHARD = shardOf(GONE, SHARD_COUNT);
let hq: FakeHeadquarters;
let app: FastifyInstance;
let feed: Feed;
let origin: string;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
});

beforeEach(async () => {
	await hq.reset();
	await createSnapshotFolder(hq.context.dataDir, 1).removeOthers([]);
	app = fastify();
	feed = registerFeedRoutes(app, hq.context);
	await app.listen({ host: '127.0.0.1', port: 0 });
	// A socket's address is null or a path only when it does not listen on a port.
	origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});

afterEach(() => app.close());

afterAll(async () => {
	hq.stopAll();
	await hq.close();
});

async function put(ids: readonly string[], columns = "status = 'active'"): Promise<void> {
	for (const id of ids) {
		await hq.context.database.query(
			`INSERT INTO member (id, status, tier, updated_at, shard) VALUES ($1, 'active', 'basic', $2, $3) ON CONFLICT DO NOTHING`,
			[id, hq.context.clock.nowMs(), shardOf(id, SHARD_COUNT)],
		);
		await hq.context.database.query(`UPDATE member SET ver = ver + 1, updated_at = $2, ${columns} WHERE id = $1`, [
			id,
			hq.context.clock.nowMs(),
		]);
		await hq.context.database.query('INSERT INTO change_staging (shard, member_id) VALUES ($1, $2)', [shardOf(id, SHARD_COUNT), id]);
	}
	await publishRound(hq.context.database);
	await feed.publisher.refresh();
}

/** Everybody came, one left, and half a year went by. The place of who saw all but the leaving. */
async function leaveLongAgo(): Promise<FeedPlace> {
	await put(IDS);
	const { seqs } = await readHeads(hq.context.database);
	await put([GONE], "status = 'opted_out'");
	// Not by the clock, for headquarters purges by itself as time goes by.
	const longAgoMs = hq.context.clock.nowMs() - TOMBSTONE_KEPT_MS - DAY_MS;
	await hq.context.database.query('UPDATE member SET updated_at = $1 WHERE id = $2', [longAgoMs, GONE]);
	return { epoch: 1, seqs };
}

const purge = (): Promise<number> => purgeTombstones(hq.context.database, hq.context.clock.nowMs() - TOMBSTONE_KEPT_MS);

test('a tombstone of half a year is out of the feed, the horizon has passed it, and its row stays', async () => {
	const before = await leaveLongAgo();
	await put(['m3'], "status = 'merged'");
	expect(await purge()).toBe(1);
	expect(await purge()).toBe(0);
	const { horizons } = await readHeads(hq.context.database);
	expect(horizons).toEqual(before.seqs.map((seq, shard) => (shard === SHARD ? seq + 1 : 0)));
	const [row] = await hq.context.database.query('SELECT status, seq FROM member WHERE id = $1', [GONE]);
	expect(row).toEqual({ status: 'opted_out', seq: 0 });
});

test('one that is just being changed again keeps its turn', async () => {
	await leaveLongAgo();
	await hq.context.database.query('INSERT INTO change_staging (shard, member_id) VALUES ($1, $2)', [SHARD, GONE]);
	expect(await purge()).toBe(0);
});

test('a place before the horizon leads to a load of that shard alone, one behind it reads on', async () => {
	const before = await leaveLongAgo();
	const after = { epoch: 1, seqs: (await readHeads(hq.context.database)).seqs };
	await purge();
	await feed.publisher.refresh();
	const answer = await fetch(`${origin}/feed?cursor=${encodeCursor(before)}`);
	expect(answer.status).toBe(410);
	expect(ErrorEnvelopeSchema.parse(await answer.json())).toMatchObject({ error: { code: 900401 }, shards: [SHARD] });
	const fine = await fetch(`${origin}/feed?cursor=${encodeCursor(after)}`);
	expect(FeedHeaderSchema.parse(JSON.parse((await fine.text()).split('\n')[0] ?? ''))).toMatchObject({ rows: 0, has_more: false });
});

test('a page that was being read while the horizon passed its place is not used', async () => {
	const before = await leaveLongAgo();
	const heads = await readHeads(hq.context.database);
	await purge();
	expect(await readFeedPage(hq.context.database, { place: before, heads })).toMatchObject({ isBehindHorizon: true, rows: 0 });
});

test('the manifest of a part has that shard’s files alone, and the terminal’s own place in all others', async () => {
	const before = await leaveLongAgo();
	await purge();
	await put(['m5', 'm6']);
	await feed.snapshots.prepare();
	const own = { epoch: 1, seqs: before.seqs.map((seq) => Math.max(0, seq - 1)) };
	const answer = await fetch(`${origin}/snapshot/manifest?shards=${SHARD}&cursor=${encodeCursor(own)}`);
	const part = SnapshotManifestSchema.parse(await answer.json());
	const inShard = IDS.filter((id) => shardOf(id, SHARD_COUNT) === SHARD && id !== GONE);
	expect(part.rows).toBe(inShard.length);
	expect(part.files.every((file) => file.shard === SHARD)).toBe(true);
	const { seqs } = await readHeads(hq.context.database);
	expect(part.shards).toEqual([{ shard: SHARD, seq: seqs[SHARD] }]);
	expect(decodeCursor(part.cursor)).toEqual({ ok: true, value: { epoch: 1, seqs: own.seqs.with(SHARD, must(seqs[SHARD], 'a head')) } });
	expect((await fetch(`${origin}/snapshot/manifest?shards=x`)).status).toBe(400);
	const foreign = await fetch(`${origin}/snapshot/manifest?shards=1&cursor=${encodeCursor({ ...own, epoch: 2 })}`);
	expect([foreign.status, ErrorEnvelopeSchema.parse(await foreign.json()).shards]).toEqual([410, undefined]);
});

test('a snapshot from before the horizon is not served, for nobody could read on from its place', async () => {
	await put(IDS);
	await feed.snapshots.prepare();
	await put([GONE], "status = 'opted_out'");
	await purgeTombstones(hq.context.database, hq.context.clock.nowMs() + 1);
	await feed.publisher.refresh();
	expect((await fetch(`${origin}/snapshot/manifest`)).status).toBe(503);
	expect(await feed.snapshots.prepare()).toMatchObject({ rows: IDS.length - 1 });
	expect((await fetch(`${origin}/snapshot/manifest`)).status).toBe(200);
});

test('headquarters purges by itself, soon after its start and then daily', async () => {
	// What else runs by the clock would fill the day with work.
	await app.close();
	const isPurged = async (): Promise<boolean> => (await hq.context.database.query<{ seq: number }>('SELECT seq FROM member'))[0]?.seq === 0;
	await put([GONE], "status = 'opted_out'");
	await hq.context.database.query('UPDATE member SET updated_at = $1', [hq.context.clock.nowMs() - TOMBSTONE_KEPT_MS + DAY_MS / 2]);
	await hq.time.advance(DAY_MS / 4);
	expect(await isPurged()).toBe(false);
	await hq.time.advance(DAY_MS);
	await vi.waitUntil(isPurged);
});
