import { promisify } from 'node:util';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzip } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import type { Timers } from '#shared/lib/clock.ts';
import { FEED_LINE_ROWS_MAX, SHARD_COUNT } from '#shared/wire/limits.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import type { FeedPlace } from './cursor.ts';
import { openFakeHeadquarters } from './fake-context.ts';
import type { FakeHeadquarters } from './fake-context.ts';
import { readFeedPage } from './feed-page.ts';
import { publishRound, readHeads } from './publish-round.ts';
import type { Heads } from './publish-round.ts';
import { createSegments } from './segments.ts';
import type { SegmentService } from './segments.ts';
import { furtherOf } from './segments/chain.ts';
import type { Segment } from './segments/chain.ts';
import { createSegmentFolder } from './segments/segment-folder.ts';
import { packInPool } from './snapshot/build.ts';

const FILE_ROWS = 2_400;
const NO_TIMERS: Timers = { after: () => () => undefined };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ID = 0;
const VER = 1;
let hq: FakeHeadquarters;
let service: SegmentService;
let heads: Heads;
let moved: () => void;
let folder: string;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
});

beforeEach(async () => {
	await hq.reset();
	await hq.time.advance(HOUR_MS - (hq.context.clock.nowMs() % HOUR_MS));
	// A folder of its own for each test: what the one before left is of another life.
	folder = mkdtempSync(join(hq.context.dataDir, 'segments-'));
	service = await open();
});

afterEach(async () => {
	await service.stop();
});

afterAll(() => hq.close());

/** In `folder`. Without timers nothing runs but what a test asks for: a day is too long to be looked after each minute. */
async function open(timers: Timers = hq.context.timers): Promise<SegmentService> {
	heads = await readHeads(hq.context.database);
	const publisher = {
		heads: () => heads,
		refresh: async () => {
			heads = await readHeads(hq.context.database);
			return heads;
		},
		onMoved: (listener: () => void) => {
			moved = listener;
			return () => undefined;
		},
	};
	const ports = { folder: createSegmentFolder(folder, 1), pack: packInPool, rowsMax: FILE_ROWS };
	const opened = createSegments({ ...hq.context, timers }, publisher, ports);
	await opened.start();
	return opened;
}

/** Changes members `m<first>` to `m<last>` and publishes it. */
async function change(first: number, last: number): Promise<void> {
	const ids = Array.from({ length: last - first + 1 }, (_, index) => `m${first + index}`);
	await hq.context.database.query(
		`WITH input AS (SELECT * FROM unnest(string_to_array($1, ','), string_to_array($2, ',')::int[]) AS i(id, shard)),
		changed AS (
			INSERT INTO member (id, status, tier, updated_at, shard, first_name) SELECT id, 'active', 'basic', 0, shard, 'Name-' || id FROM input
			ON CONFLICT (id) DO UPDATE SET ver = member.ver + 1
		) INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM input`,
		[ids.join(','), ids.map((id) => shardOf(id, SHARD_COUNT)).join(',')],
	);
	while ((await publishRound(hq.context.database)).taken > 0);
	heads = await readHeads(hq.context.database);
}

async function optOut(id: string): Promise<void> {
	await hq.context.database.query("UPDATE member SET status = 'opted_out', first_name = NULL, ver = ver + 1 WHERE id = $1", [id]);
	await hq.context.database.query('INSERT INTO change_staging (shard, member_id) VALUES ($1, $2)', [shardOf(id, SHARD_COUNT), id]);
	await publishRound(hq.context.database);
	heads = await readHeads(hq.context.database);
}

function origin(): FeedPlace {
	return { epoch: 1, seqs: Array.from({ length: SHARD_COUNT }, () => 0) };
}

async function rowsOf(segment: Segment): Promise<readonly MemberRow[]> {
	const file = must(service.find(segment.path), 'a file that is served');
	const bytes = await promisify(gunzip)(readFileSync(file.location));
	const lines = bytes
		.toString('utf8')
		.split('\n')
		.filter((line) => line !== '');
	return lines.flatMap((line) => MemberRowSchema.array().max(FEED_LINE_ROWS_MAX).parse(JSON.parse(line)));
}

type Read = { readonly versions: ReadonlyMap<string, number>; readonly segments: readonly Segment[] };

/** A terminal at `place`: segments as far as they go, then the database. */
async function readFrom(start: FeedPlace): Promise<Read> {
	const versions = new Map<string, number>();
	const segments: Segment[] = [];
	const apply = (row: MemberRow): void => void versions.set(row[ID], Math.max(row[VER], versions.get(row[ID]) ?? 0));
	let place = start;
	for (let segment = service.choose(place); segment !== null; segment = service.choose(place)) {
		segments.push(segment);
		(await rowsOf(segment)).forEach(apply);
		place = furtherOf(place, segment.to);
	}
	for (let hasMore = true; hasMore;) {
		const page = await readFeedPage(hq.context.database, { place, heads: await readHeads(hq.context.database) });
		page.lines.flatMap((line) => MemberRowSchema.array().parse(JSON.parse(line))).forEach(apply);
		({ next: place, hasMore } = page);
	}
	return { versions, segments };
}

async function table(): Promise<ReadonlyMap<string, number>> {
	const rows = await hq.context.database.query<{ id: string; ver: number }>('SELECT id, ver FROM member');
	return new Map(rows.map(({ id, ver }) => [id, ver]));
}

describe('the chain of segments', () => {
	test('with the open end of the feed gives what the feed alone gives, from its beginning and from between', async () => {
		await change(1, 1_500);
		await service.settle();
		const between = { epoch: 1, seqs: heads.seqs };
		await change(1_000, 2_500);
		await service.settle();
		await change(2_450, 2_600);
		const whole = await readFrom(origin());
		expect(whole.versions).toEqual(await table());
		expect(whole.segments.map(({ level }) => level)).toEqual(['minute', 'minute']);
		const late = await readFrom(between);
		expect(late.segments).toHaveLength(1);
		expect(late.versions.size).toBe(1_601);
	});

	test('is not offered to who is nearly up to date, or has most of what the next one holds', async () => {
		await change(1, FILE_ROWS);
		await service.settle();
		await change(FILE_ROWS + 1, FILE_ROWS + 10);
		expect(service.choose({ epoch: 1, seqs: heads.seqs })).toBeNull();
		const most = { epoch: 1, seqs: heads.seqs.map((seq) => Math.floor(seq * 0.55)) };
		expect(service.choose(most)).toBeNull();
		expect(service.choose({ epoch: 1, seqs: heads.seqs.map((seq) => Math.floor(seq * 0.3)) })).not.toBeNull();
	});

	test('is closed each minute, merged by the hour and by the day, and keeps each member once, in the newest state', async () => {
		await service.stop();
		service = await open(NO_TIMERS);
		for (let minute = 0; minute < 3; minute += 1) {
			await change(1, 700);
			await hq.time.advance(60_000);
			await service.settle();
		}
		expect((await readFrom(origin())).segments.map(({ rows }) => rows)).toEqual([700, 700]);
		await change(701, 1_400);
		await service.settle();
		await hq.time.advance(HOUR_MS);
		await service.settle();
		const hour = await readFrom(origin());
		expect(hour.segments.map(({ level, rows }) => [level, rows])).toEqual([['hour', 1_400]]);
		await change(1_401, 1_500);
		await service.settle();
		await hq.time.advance(DAY_MS);
		await service.settle();
		const day = await readFrom(origin());
		expect(day.segments.map(({ level, rows }) => [level, rows])).toEqual([['day', 1_500]]);
		expect(day.versions).toEqual(await table());
	});

	test('has files of a bounded size that follow each other without a hole', async () => {
		await change(1, 3_600);
		await service.settle();
		const { segments, versions } = await readFrom(origin());
		expect(segments.map(({ rows }) => rows)).toEqual([FILE_ROWS, 1_200]);
		expect(segments.slice(1).map(({ from }) => from)).toEqual(segments.slice(0, -1).map(({ to }) => to));
		expect(versions.size).toBe(3_600);
	});

	test('survives a start, and one whose file is missing or whose database went back begins anew', async () => {
		await change(1, 1_500);
		await service.settle();
		await service.stop();
		service = await open();
		const [segment] = (await readFrom(origin())).segments;
		expect(segment).toBeDefined();
		await service.stop();
		await hq.reset();
		service = await open();
		expect(service.choose(origin())).toBeNull();
		expect(existsSync(join(folder, must(segment, 'a segment').path))).toBe(false);
	});
});

describe('a member who opts out', () => {
	function filesWith(text: string): Promise<readonly string[]> {
		const path = join(folder, 'segment', '1');
		const names = readdirSync(path).filter((name) => name.endsWith('.gz'));
		return Promise.all(
			names.map(async (name) => ((await promisify(gunzip)(readFileSync(join(path, name)))).includes(text) ? name : '')),
		).then((found) => found.filter((name) => name !== ''));
	}

	test('leaves every file that holds an older state of them, within a second, and nobody else is lost', async () => {
		await change(1, 1_500);
		await service.settle();
		await change(500, 1_400);
		await service.settle();
		expect(await filesWith('Name-m700"')).toHaveLength(2);
		const before = (await readFrom(origin())).segments;
		await optOut('m700');
		moved();
		await hq.time.advance(600);
		await expect.poll(() => filesWith('Name-m700"')).toEqual([]);
		await service.settle();
		const after = await readFrom(origin());
		expect(after.versions).toEqual(await table());
		for (const segment of before) expect(service.find(segment.path)).toBeNull();
	});

	test('is found in the files also when headquarters was down meanwhile', async () => {
		await change(1, 1_500);
		await service.settle();
		await service.stop();
		await optOut('m700');
		service = await open();
		expect(await filesWith('Name-m700"')).toEqual([]);
		expect((await readFrom(origin())).versions).toEqual(await table());
	});

	test('does not touch files in which they never were', async () => {
		await change(1, 1_500);
		await service.settle();
		const [segment] = (await readFrom(origin())).segments;
		await change(2_001, 2_001);
		await optOut('m2001');
		await service.settle();
		expect(service.find(must(segment, 'a segment').path)).not.toBeNull();
	});
});
