import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { FEED_LINE_ROWS_MAX, FEED_PAGE_ROWS_MAX, SHARD_COUNT } from '#shared/wire/limits.ts';
import { MEMBER_COLUMNS, MemberRowSchema } from '#shared/wire/member-row.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { importSynthetic } from '../members/import-synthetic.ts';
import type { Queryable } from '../storage/database.ts';
import type { FeedPlace } from './cursor.ts';
import { openFakeHeadquarters } from './fake-context.ts';
import type { FakeHeadquarters } from './fake-context.ts';
import { checkPlace, readFeedPage } from './feed-page.ts';
import { publishRound, readHeads, ROUND_STAGED_MAX } from './publish-round.ts';

/** Places in a row. */
const ID = 0;
const VER = 1;
const SHARD = 17;
const SEQ = 18;

let hq: FakeHeadquarters;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
});

beforeEach(async () => {
	await hq.reset();
});

afterAll(async () => {
	await hq.close();
});

test('a round numbers each changed member once, densely by shard, and empties the staging table', async () => {
	const ids = Array.from({ length: 300 }, (_, index) => `member-${index}`);
	await change(ids);
	await change(ids.slice(0, 100));
	expect(await publishRound(hq.context.database)).toEqual({ isLeader: true, taken: 400, placed: 300, left: 0 });
	expect(await publishRound(hq.context.database)).toEqual({ isLeader: true, taken: 0, placed: 0, left: 0 });
	const rows = await hq.context.database.query<{ shard: number; seqs: string; last_seq: number }>(
		`SELECT m.shard, string_agg(m.seq::text, ',' ORDER BY m.seq) AS seqs, s.last_seq FROM member m JOIN shard s USING (shard) GROUP BY m.shard, s.last_seq`,
	);
	for (const row of rows) expect(row.seqs).toBe(Array.from({ length: row.last_seq }, (_, index) => index + 1).join(','));
	expect(rows.reduce((sum, row) => sum + row.last_seq, 0)).toBe(300);
});

test('a round takes a bounded number of changes, the oldest first', async () => {
	await addMembers(ROUND_STAGED_MAX + 10);
	await hq.context.database.query('INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM member ORDER BY id');
	expect(await publishRound(hq.context.database)).toMatchObject({ taken: ROUND_STAGED_MAX, placed: ROUND_STAGED_MAX });
	const [left] = await hq.context.database.query(
		'SELECT count(*)::int AS left, min(m.id) > (SELECT max(id) FROM member WHERE seq > 0) AS are_newest FROM change_staging s JOIN member m ON m.id = s.member_id',
	);
	expect(left).toEqual({ left: 10, are_newest: true });
});

test('a change that was rolled back is not published', async () => {
	await change(['kept']);
	await expect(
		hq.context.database.tx(async (tx) => {
			await changeIn(tx, ['kept', 'gone']);
			throw new Error('rolled back');
		}),
	).rejects.toThrow('rolled back');
	expect(await publishRound(hq.context.database)).toMatchObject({ taken: 1, placed: 1 });
	const { rows } = await readAll(origin());
	expect(rows.map((row) => [row[ID], row[VER]])).toEqual([['kept', 1]]);
});

test('a round that fails half-way gives out no number twice and loses no change', async () => {
	await change(['a', 'b', 'c']);
	const failing = hq.context.database.tx(async (tx) => {
		expect(await publishRound(tx)).toMatchObject({ placed: 3 });
		throw new Error('crash before commit');
	});
	await expect(failing).rejects.toThrow('crash before commit');
	expect((await readHeads(hq.context.database)).seqs.every((seq) => seq === 0)).toBe(true);
	expect(await publishRound(hq.context.database)).toMatchObject({ placed: 3 });
});

test('the places of columns that these tests look at are those of the wire', () => {
	expect([MEMBER_COLUMNS[ID], MEMBER_COLUMNS[VER], MEMBER_COLUMNS[SHARD], MEMBER_COLUMNS[SEQ]]).toEqual(['id', 'ver', 'shard', 'seq']);
});

test('rows come as the wire wants them: lines of a hundred, valid rows, tombstones without personal data', async () => {
	await importSynthetic(hq.context, { count: 500 });
	await hq.context.database.exec(`
		UPDATE member SET ver = 2, status = 'opted_out', card = NULL, card_status = NULL, first_name = NULL, last_name = NULL, mobile = NULL, email = NULL,
			points = 0, tier_points = 0, aliases = '[]', profile = '{}' WHERE id = (SELECT min(id) FROM member);
		UPDATE member SET status = 'merged', merged_into = (SELECT min(id) FROM member), merged_ver = 2 WHERE id = (SELECT max(id) FROM member);
		INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM member`);
	await publishRound(hq.context.database);
	const page = await readFeedPage(hq.context.database, { place: origin(), heads: await readHeads(hq.context.database) });
	expect(page).toMatchObject({ rows: 500, hasMore: false });
	expect(page.lines.map((line) => parseLine(line).length)).toEqual([100, 100, 100, 100, 100]);
	expect(FEED_LINE_ROWS_MAX).toBe(100);
	const rows = page.lines.flatMap(parseLine);
	const statuses = Map.groupBy(rows, (row) => row[2]);
	expect(statuses.get('opted_out')?.map((row) => row.slice(3, 10))).toEqual([[null, null, null, null, null, null, 0]]);
	expect(statuses.get('merged')?.map((row) => row.slice(13, 15))).toEqual([[rows.find((row) => row[2] === 'opted_out')?.[ID], 2]]);
	expect(rows.every((row) => row[SHARD] === shardOf(row[ID], SHARD_COUNT))).toBe(true);
});

test('a page holds at most five thousand rows, and pages follow each other without gap or repetition', async () => {
	await addMembers(11_000);
	await hq.context.database.query('INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM member');
	while ((await publishRound(hq.context.database)).taken > 0);
	const { rows, pages } = await readAll(origin());
	expect(pages.map((page) => page.rows)).toEqual([FEED_PAGE_ROWS_MAX, FEED_PAGE_ROWS_MAX, 1_000]);
	expect(pages.map((page) => page.hasMore)).toEqual([true, true, false]);
	expect(new Set(rows.map((row) => row[ID])).size).toBe(11_000);
});

test('only shards that have moved are read, and who has read to the head reads nothing', async () => {
	await change(Array.from({ length: 200 }, (_, index) => `member-${index}`));
	await publishRound(hq.context.database);
	const { place } = await readAll(origin());
	await change(['member-7']);
	await publishRound(hq.context.database);
	const { rows, place: after } = await readAll(place);
	expect(rows.map((row) => [row[ID], row[VER]])).toEqual([['member-7', 2]]);
	expect(after.seqs.filter((seq, shard) => seq !== place.seqs[shard])).toHaveLength(1);
	expect((await readAll(after)).rows).toEqual([]);
});

test.each([
	['another epoch', { epoch: 2 }, 'other_epoch'],
	['a place ahead of headquarters', { seqs: [1] }, 'ahead'],
	['a place older than the tombstones', { horizons: [1] }, 'behind_horizon'],
])('a cursor of %s leads to a snapshot', (_, given: { epoch?: number; seqs?: number[]; horizons?: number[] }, reason) => {
	const zeros = Array.from({ length: SHARD_COUNT }, () => 0);
	const place = { epoch: given.epoch ?? 1, seqs: zeros.with(5, given.seqs?.[0] ?? 0) };
	expect(checkPlace(place, { seqs: zeros, horizons: zeros.with(5, given.horizons?.[0] ?? 0) }, 1)).toBe(reason);
	expect(checkPlace({ epoch: 1, seqs: zeros }, { seqs: zeros.with(5, 9), horizons: zeros }, 1)).toBeNull();
});

// I6: at every place that a reader reaches, its rows are headquarters' published state at that place.
test('whatever writers, publishers and readers do in whatever order, a reader misses nothing that is published', async () => {
	const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
	const changeArbitrary = fc.record({
		what: fc.constant('change' as const),
		ids: fc.uniqueArray(fc.constantFrom(...ids), { minLength: 1, maxLength: 12 }),
		isRolledBack: fc.boolean(),
	});
	const stepArbitrary = fc.oneof(
		{ weight: 5, arbitrary: changeArbitrary },
		{ weight: 2, arbitrary: fc.record({ what: fc.constant('publish' as const) }) },
		{ weight: 2, arbitrary: fc.record({ what: fc.constant('read' as const) }) },
	);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.array(stepArbitrary, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }), async (rounds) => {
			await hq.reset();
			const reader = createReader();
			for (const steps of rounds) {
				// Together, as far as the database lets them be.
				await Promise.all(
					steps.map(async (step) => {
						if (step.what === 'publish') await publishRound(hq.context.database);
						else if (step.what === 'read') await reader.read();
						else await attempt(step);
					}),
				);
				await reader.read();
				await reader.expectPublishedState();
			}
			while ((await publishRound(hq.context.database)).taken > 0);
			await reader.read();
			await reader.expectPublishedState();
			expect(reader.versions()).toEqual(await versionsInTable());
		}),
		{ numRuns: 25 },
	);
});

async function attempt(step: { readonly ids: readonly string[]; readonly isRolledBack: boolean }): Promise<void> {
	const run = hq.context.database.tx(async (tx) => {
		await changeIn(tx, step.ids);
		if (step.isRolledBack) throw new Error('rolled back');
	});
	await run.catch((error: unknown) => {
		if (!step.isRolledBack) throw error;
	});
}

function createReader() {
	let place = origin();
	const replica = new Map<string, MemberRow>();
	let turn: Promise<void> = Promise.resolve();
	const readOnce = async (): Promise<void> => {
		const read = await readAll(place);
		for (const row of read.rows) {
			expect(row[SEQ]).toBeGreaterThan(must(place.seqs[Number(row[SHARD])], 'a shard'));
			const known = replica.get(row[ID]);
			if (known === undefined || row[VER] > known[VER]) replica.set(row[ID], row);
		}
		({ place } = read);
	};
	return {
		read: (): Promise<void> => (turn = turn.then(readOnce)),
		versions: () => new Map([...replica].map(([id, row]) => [id, row[VER]])),
		/** Every member that is published and not staged again is here in its version, and nothing is newer than the table. */
		expectPublishedState: async (): Promise<void> => {
			const rows = await hq.context.database.query<{ id: string; ver: number; is_settled: boolean }>(
				'SELECT id, ver, seq > 0 AND NOT EXISTS (SELECT 1 FROM change_staging s WHERE s.member_id = m.id) AS is_settled FROM member m',
			);
			for (const row of rows.filter((candidate) => candidate.is_settled))
				expect([row.id, replica.get(row.id)?.[VER]]).toEqual([row.id, row.ver]);
		},
	};
}

async function versionsInTable(): Promise<Map<string, number>> {
	const rows = await hq.context.database.query<{ id: string; ver: number }>('SELECT id, ver FROM member');
	return new Map(rows.map(({ id, ver }) => [id, ver]));
}

function origin(): FeedPlace {
	return { epoch: 1, seqs: Array.from({ length: SHARD_COUNT }, () => 0) };
}

async function readAll(from: FeedPlace) {
	const pages = [];
	let place = from;
	for (let hasMore = true; hasMore;) {
		const page = await readFeedPage(hq.context.database, { place, heads: await readHeads(hq.context.database) });
		pages.push(page);
		place = page.next;
		({ hasMore } = page);
	}
	return { pages, place, rows: pages.flatMap((page) => page.lines.flatMap(parseLine)) };
}

/** Bare members, evenly over the shards; their ids sort as they were added. */
async function addMembers(count: number): Promise<void> {
	await hq.context.database.query(
		`INSERT INTO member (id, status, tier, updated_at, shard) SELECT 'm' || lpad(n::text, 6, '0'), 'active', 'basic', 0, n % ${SHARD_COUNT} FROM generate_series(1, $1) AS n`,
		[count],
	);
}

function parseLine(line: string): MemberRow[] {
	return MemberRowSchema.array().max(FEED_LINE_ROWS_MAX).parse(JSON.parse(line));
}

async function change(ids: readonly string[]): Promise<void> {
	await hq.context.database.tx((tx) => changeIn(tx, ids));
}

async function changeIn(tx: Queryable, ids: readonly string[]): Promise<void> {
	for (const id of ids.toSorted()) {
		const shard = shardOf(id, SHARD_COUNT);
		await tx.query(
			`INSERT INTO member (id, status, tier, updated_at, shard) VALUES ($1, 'active', 'basic', 0, $2)
			ON CONFLICT (id) DO UPDATE SET ver = member.ver + 1`,
			[id, shard],
		);
		await tx.query('INSERT INTO change_staging (shard, member_id) VALUES ($1, $2)', [shard, id]);
	}
}
