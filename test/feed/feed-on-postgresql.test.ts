/**
 * I6 where transactions really overlap: many writers, rollbacks, a foreign transaction that never ends, publishers that fight for the lead
 * and are killed, readers with pages of every size. Beside them the query that everybody writes first, which must miss rows here: a test
 * in which it does not would prove nothing.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import { openFakeHeadquarters } from '#sync/hq/feed/fake-context.ts';
import type { FakeHeadquarters } from '#sync/hq/feed/fake-context.ts';
import type { FeedPlace } from '#sync/hq/feed/cursor.ts';
import { readFeedPage } from '#sync/hq/feed/feed-page.ts';
import { readHeads } from '#sync/hq/feed/publish-round.ts';
import { createPublisher } from '#sync/hq/feed/publisher.ts';
import type { Publisher } from '#sync/hq/feed/publisher.ts';
import type { Database, Queryable } from '#sync/hq/storage/database.ts';
import { openPostgres } from '#sync/hq/storage/postgres.ts';
import { createSystemClock, createSystemTimers } from '#sync/hq/system.ts';

const WRITERS = 16;
const READERS = 3;
const MEMBERS = 300;
const TRANSACTIONS_PER_WRITER = 60;
const ROLLED_BACK_SHARE = 0.2;
/** How long a transaction stays open after its changes. */
const OPEN_MAX_S = 0.03;
const KILLS = 8;
const ID = 0;
const VER = 1;

const url = must(process.env['REGULARS_TEST_DATABASE_URL'], 'a PostgreSQL server: this suite belongs to the project postgresql');
const IDS = Array.from({ length: MEMBERS }, (_, index) => `m${index}`);
let hq: FakeHeadquarters;
let database: Database;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
	({ database } = hq.context);
	await database.exec(`
		CREATE TABLE naive_change (seq bigserial PRIMARY KEY, member_id text NOT NULL);
		CREATE TABLE foreign_work (id int);
		-- What was published at which number, by the database itself.
		CREATE TABLE publication (id bigserial, shard int, seq bigint, member_id text, ver bigint);
		CREATE FUNCTION note_publication() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN INSERT INTO publication (shard, seq, member_id, ver) VALUES (new.shard, new.seq, new.id, new.ver); RETURN new; END $$;
		CREATE TRIGGER note_publication AFTER UPDATE OF seq ON member FOR EACH ROW EXECUTE FUNCTION note_publication()`);
});

afterAll(() => hq.close());

async function write(random: ReturnType<typeof seededRandom>, publishers: readonly TestPublisher[]): Promise<void> {
	for (let count = 0; count < TRANSACTIONS_PER_WRITER; count += 1) {
		const ids = new Set(
			Array.from({ length: 1 + Math.floor(random.fraction() * 6) }, () => IDS[Math.floor(random.fraction() * MEMBERS)] ?? ''),
		);
		const isRolledBack = random.fraction() < ROLLED_BACK_SHARE;
		const openForS = random.fraction() * OPEN_MAX_S;
		const done = database.tx(async (tx) => {
			await changeIn(tx, [...ids].toSorted());
			await tx.query('SELECT pg_sleep($1)', [openForS]);
			if (isRolledBack) throw new Error('rolled back');
		});
		await done.catch((error: unknown) => {
			if (!isRolledBack) throw error;
		});
		for (const publisher of publishers) publisher.announce();
	}
}

async function changeIn(tx: Queryable, ids: readonly string[]): Promise<void> {
	for (const id of ids) {
		const shard = shardOf(id, SHARD_COUNT);
		// Numbered before the transaction ends, as `updated_at` and serials are: the mistake that this feed does not make.
		await tx.query('INSERT INTO naive_change (member_id) VALUES ($1)', [id]);
		await tx.query(
			`INSERT INTO member (id, status, tier, updated_at, shard) VALUES ($1, 'active', 'basic', 0, $2)
			ON CONFLICT (id) DO UPDATE SET ver = member.ver + 1`,
			[id, shard],
		);
		await tx.query('INSERT INTO change_staging (shard, member_id) VALUES ($1, $2)', [shard, id]);
	}
}

type Page = { readonly place: FeedPlace; readonly rows: readonly (readonly [id: string, ver: number])[] };

/** Reads until `isOver` and the head is reached; every page as it came. */
async function read(random: ReturnType<typeof seededRandom>, isOver: () => boolean): Promise<readonly Page[]> {
	const pages: Page[] = [];
	let place: FeedPlace = { epoch: 1, seqs: Array.from({ length: SHARD_COUNT }, () => 0) };
	for (;;) {
		const wasOver = isOver();
		const heads = await readHeads(database);
		const page = await readFeedPage(database, { place, heads, rowsMax: 1 + Math.floor(random.fraction() * 40) });
		const rows = page.lines.flatMap((line) => MemberRowSchema.array().parse(JSON.parse(line)));
		place = page.next;
		pages.push({ place, rows: rows.map((row) => [row[ID], row[VER]] as const) });
		if (wasOver && !page.hasMore) return pages;
	}
}

/** The query that everybody writes first. The numbers that it saw. */
async function readNaively(isOver: () => boolean): Promise<ReadonlySet<number>> {
	const seen = new Set<number>();
	let cursor = 0;
	for (;;) {
		const wasOver = isOver();
		const rows = await database.query<{ seq: number }>('SELECT seq FROM naive_change WHERE seq > $1 ORDER BY seq LIMIT 20', [cursor]);
		for (const row of rows) seen.add(row.seq);
		cursor = rows.at(-1)?.seq ?? cursor;
		if (wasOver && rows.length === 0) return seen;
	}
}

type TestPublisher = { readonly publisher: Publisher; readonly announce: () => void; readonly close: () => Promise<void> };

/** A publisher with connections of its own under a name by which they can be killed, as in another process. */
async function openPublisher(name: string): Promise<TestPublisher> {
	const own = openPostgres(`${url}?application_name=${name}`, () => undefined);
	let listener: () => void = () => undefined;
	const publisher = createPublisher({
		database: own,
		clock: createSystemClock(),
		timers: createSystemTimers(),
		logger: hq.context.logger,
		onStaged: (added) => {
			listener = added;
			return () => undefined;
		},
	});
	await publisher.start();
	return {
		publisher,
		announce: () => listener(),
		close: async () => {
			await publisher.stop();
			await own.close();
		},
	};
}

/** Kills whoever publishes, in the middle of a round if one runs, now this one and now the other. */
async function killPublishers(names: readonly string[], isOver: () => boolean): Promise<number> {
	let killed = 0;
	for (let kill = 0; kill < KILLS && !isOver(); kill += 1) {
		await database.query('SELECT pg_sleep(0.15)');
		const rows = await database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
			names[kill % names.length],
		]);
		killed += rows.length;
	}
	return killed;
}

/**
 * Every page ends at a place; whatever was published up to there must have come with it or before, in that version or a newer one, unless
 * the member has moved on to a number behind that place, where it is still to come. And no place is behind the one before.
 */
function checkPages(pages: readonly Page[], publications: readonly Publication[]): readonly string[] {
	const byShard = Map.groupBy(publications, (publication) => publication.shard);
	const newest = new Map(publications.map(({ member_id: id, seq }) => [id, seq]));
	const held = new Map<string, number>();
	const isMissed = (publication: Publication, seq: number): boolean =>
		(held.get(publication.member_id) ?? 0) < publication.ver && (newest.get(publication.member_id) ?? 0) <= seq;
	let before: readonly number[] = Array.from({ length: SHARD_COUNT }, () => 0);
	return pages.flatMap(({ place, rows }) => {
		for (const [id, ver] of rows) held.set(id, Math.max(ver, held.get(id) ?? 0));
		const wrong = place.seqs.flatMap((seq, shard) => {
			const from = must(before[shard], 'a shard');
			const missed = (byShard.get(shard)?.slice(from, seq) ?? []).filter((publication) => isMissed(publication, seq));
			return [...(seq < from ? [{ shard, from, seq }] : []), ...missed].map((what) => JSON.stringify(what));
		});
		before = place.seqs;
		return wrong;
	});
}

type Publication = { readonly shard: number; readonly seq: number; readonly member_id: string; readonly ver: number };

test('I6: sixteen writers, two publishers that are killed, a foreign transaction: no reader misses anything, and the naive query does', async () => {
	const names = ['publisher-a', 'publisher-b'];
	const publishers = await Promise.all(names.map(openPublisher));
	const foreign = openForeignTransaction();
	let isWritten = false;
	let isPublished = false;
	const readers = Array.from({ length: READERS }, (_, index) => read(seededRandom(100 + index), () => isPublished));
	const naive = readNaively(() => isWritten);
	const killing = killPublishers(names, () => isWritten);
	await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(seededRandom(index + 1), publishers)));
	isWritten = true;
	expect(await killing).toBeGreaterThan(0);
	await Promise.all(publishers.map(({ publisher }) => publisher.publishAll()));
	isPublished = true;
	const pages = await Promise.all(readers);
	foreign.end();
	await foreign.ended;
	await Promise.all(publishers.map(({ close }) => close()));

	const publications = await database.query<Publication>('SELECT shard, seq, member_id, ver FROM publication ORDER BY shard, seq');
	for (const [, list] of Map.groupBy(publications, ({ shard }) => shard))
		expect(list.map(({ seq }) => seq)).toEqual(list.map((_, index) => index + 1));
	for (const each of pages) expect(checkPages(each, publications)).toEqual([]);
	const final = await database.query<{ id: string; ver: number }>('SELECT id, ver FROM member ORDER BY id');
	for (const each of pages) expect(latestOf(each)).toEqual(new Map(final.map(({ id, ver }) => [id, ver])));
	expect(publishers.every(({ publisher }) => publisher.metrics().published > 0)).toBe(true);

	const committed = await database.query<{ seq: number }>('SELECT seq FROM naive_change');
	const seen = await naive;
	expect(committed.filter(({ seq }) => !seen.has(seq)).length).toBeGreaterThan(0);
});

/** A transaction of somebody else's that has written and stays open: under a watermark by transaction ids everything would wait for it. */
function openForeignTransaction(): { readonly ended: Promise<void>; readonly end: () => void } {
	const { promise, resolve } = Promise.withResolvers<void>();
	const ended = database.tx(async (tx) => {
		await tx.query('INSERT INTO foreign_work VALUES (1)');
		await promise;
	});
	return { ended, end: resolve };
}

function latestOf(pages: readonly Page[]): ReadonlyMap<string, number> {
	const latest = new Map<string, number>();
	for (const { rows } of pages) for (const [id, ver] of rows) latest.set(id, Math.max(ver, latest.get(id) ?? 0));
	return new Map([...latest].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
