import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { ErrorEnvelopeSchema } from '#shared/wire/error-envelope.ts';
import { FeedHeaderSchema } from '#shared/wire/feed.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';
import type { SnapshotFile } from '#shared/wire/snapshot.ts';
import { importSynthetic } from '../members/import-synthetic.ts';
import { encodeCursor } from './cursor.ts';
import { openFakeHeadquarters } from './fake-context.ts';
import type { FakeHeadquarters } from './fake-context.ts';
import { registerFeedRoutes } from './routes.ts';
import type { Feed } from './routes.ts';

let hq: FakeHeadquarters;
let app: FastifyInstance;
let feed: Feed;
let origin: string;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
	await importSynthetic(hq.context, { count: 400 });
	app = fastify();
	feed = registerFeedRoutes(app, hq.context);
	await app.listen({ host: '127.0.0.1', port: 0 });
	// A socket's address is null or a path only when it does not listen on a port.
	origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});

afterAll(async () => {
	hq.stopAll();
	await app.close();
	await hq.close();
});

test('the manifest is refused with progress until the snapshot is written, then served and validated by its tag', async () => {
	const early = await fetch(`${origin}/snapshot/manifest`);
	expect([early.status, early.headers.get('retry-after'), early.headers.get('cache-control')]).toEqual([503, '1', 'no-store']);
	expect(ErrorEnvelopeSchema.parse(await early.json())).toMatchObject({
		error: { code: 900402 },
		retry_after_ms: 1_000,
		progress: { done: 0 },
	});
	await feed.snapshots.prepare();
	const answer = await fetch(`${origin}/snapshot/manifest`);
	expect(answer.status).toBe(200);
	expect(SnapshotManifestSchema.parse(await answer.json())).toMatchObject({ rows: 400 });
	const again = await fetch(`${origin}/snapshot/manifest`, { headers: { 'if-none-match': must(answer.headers.get('etag'), 'a tag') } });
	expect(again.status).toBe(304);
});

test('a file is served packed, unchanged, for ever cacheable, and in parts', async () => {
	const file = await firstFile();
	const answer = await fetch(`${origin}/${file.path}`);
	const bytes = Buffer.from(await answer.arrayBuffer());
	expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([file.bytes, file.sha256]);
	expect(headersOf(answer, ['content-type', 'content-encoding', 'cache-control', 'etag', 'accept-ranges'])).toEqual([
		'application/gzip',
		null,
		'public, max-age=31536000, immutable',
		`"${file.sha256}"`,
		'bytes',
	]);

	const part = await fetch(`${origin}/${file.path}`, { headers: { range: 'bytes=100-199' } });
	expect([part.status, part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([
		206,
		`bytes 100-199/${file.bytes}`,
		'100',
	]);
	expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200));

	const rest = await fetch(`${origin}/${file.path}`, { headers: { range: 'bytes=100-', 'if-range': `"${file.sha256}"` } });
	expect(Buffer.from(await rest.arrayBuffer())).toEqual(bytes.subarray(100));
	const changed = await fetch(`${origin}/${file.path}`, { headers: { range: 'bytes=100-', 'if-range': '"another"' } });
	expect([changed.status, (await changed.arrayBuffer()).byteLength]).toEqual([200, file.bytes]);
	const beyond = await fetch(`${origin}/${file.path}`, { headers: { range: `bytes=${file.bytes}-` } });
	expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${file.bytes}`]);
	expect((await fetch(`${origin}/${file.path}`, { headers: { 'if-none-match': `"${file.sha256}"` } })).status).toBe(304);
});

test.each([
	'snapshot/1',
	'snapshot/1/nothing/00-0001.json.gz',
	'snapshot/..%2f..%2fetc%2fpasswd',
	'snapshot/%2e%2e/manifest',
	'snapshot/1/%00',
])('nothing but files of a manifest is served: %s', async (path) => {
	const answer = await fetch(`${origin}/${path}`);
	expect(answer.status).toBe(404);
});

test('nor is the manifest on disk, nor anything else beside the files', async () => {
	const { path } = await firstFile();
	const folder = path.slice(0, path.lastIndexOf('/'));
	for (const name of ['manifest.json', '', '.', '../']) expect((await fetch(`${origin}/${folder}/${name}`)).status).toBe(404);
});

test('the feed gives a header and then lines of rows, and from its next place nothing more', async () => {
	const { cursor } = SnapshotManifestSchema.parse(await (await fetch(`${origin}/snapshot/manifest`)).json());
	await hq.context.database.query('INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM member ORDER BY id LIMIT 250');
	await feed.publisher.publishAll();
	const { header, lines, type } = await readFeed(cursor);
	expect(type).toBe('application/x-ndjson; charset=utf-8');
	expect(header).toMatchObject({ hq_epoch: 1, has_more: false, rows: 250, lines: 3 });
	expect(lines).toHaveLength(3);
	expect(lines.map((line) => Array.isArray(JSON.parse(line)))).toEqual([true, true, true]);
	expect((await readFeed(header.next)).header).toMatchObject({ rows: 0, lines: 0, has_more: false, next: header.next });
});

test.each([
	['no cursor', ''],
	['text that is no cursor', '?cursor=abc'],
	['a cursor of another epoch', `?cursor=${encodeCursor({ epoch: 2, seqs: Array.from({ length: SHARD_COUNT }, () => 0) })}`],
	['a cursor ahead of headquarters', `?cursor=${encodeCursor({ epoch: 1, seqs: Array.from({ length: SHARD_COUNT }, () => 10_000) })}`],
])('%s is told to load a snapshot', async (_, query) => {
	const answer = await fetch(`${origin}/feed${query}`);
	expect([answer.status, answer.headers.get('cache-control')]).toEqual([410, 'no-store']);
	expect(ErrorEnvelopeSchema.parse(await answer.json())).toMatchObject({ error: { code: 900401 } });
});

test('a wait that is no number is refused', async () => {
	expect((await fetch(`${origin}/feed?cursor=x&wait_ms=soon`)).status).toBe(400);
});

test('an answer is held back until there is news, then given to everybody who waits', async () => {
	const { next } = (await readFeed(await headCursor())).header;
	const answers = Promise.all([1, 2, 3].map(() => readFeed(next, 30_000)));
	await untilWaiting(3);
	await hq.context.database.query('INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM member ORDER BY id DESC LIMIT 1');
	hq.context.announceStaged();
	await hq.time.advance(50);
	for (const { header } of await answers) expect(header).toMatchObject({ rows: 1, has_more: false });
	expect(feed.publisher.metrics().lag.lastMs).toBeLessThanOrEqual(50);
});

test('an answer that is held back comes without news when its time is over', async () => {
	const { next } = (await readFeed(await headCursor())).header;
	const answer = readFeed(next, 30_000);
	await untilWaiting(1);
	await hq.time.advance(30_000);
	expect((await answer).header).toMatchObject({ rows: 0, next });
});

test('answers that are held back end when headquarters stops', async () => {
	const other = fastify();
	const context = { ...hq.context, stopping: new AbortController().signal };
	registerFeedRoutes(other, context);
	await other.listen({ host: '127.0.0.1', port: 0 });
	const { port } = other.server.address() as AddressInfo;
	const answer = fetch(`http://127.0.0.1:${port}/feed?wait_ms=30000&cursor=${await headCursor()}`);
	await untilWaiting(1);
	await other.close();
	expect((await answer).status).toBe(200);
});

async function firstFile(): Promise<SnapshotFile> {
	return must((await feed.snapshots.prepare()).files[0], 'a file');
}

async function headCursor(): Promise<string> {
	return encodeCursor({ epoch: 1, seqs: (await feed.publisher.refresh()).seqs });
}

/** Every request that is held back hangs on a timer of thirty seconds. */
async function untilWaiting(count: number): Promise<void> {
	await expect.poll(() => hq.timersOf(30_000), { timeout: 5_000, interval: 5 }).toBe(count);
}

async function readFeed(cursor: string, waitMs = 0) {
	const answer = await fetch(`${origin}/feed?cursor=${cursor}&wait_ms=${waitMs}`);
	expect(answer.status).toBe(200);
	const [header = '', ...lines] = (await answer.text()).split('\n').filter((line) => line !== '');
	return { header: FeedHeaderSchema.parse(JSON.parse(header)), lines, type: answer.headers.get('content-type') };
}

function headersOf(answer: Response, names: readonly string[]): (string | null)[] {
	return names.map((name) => answer.headers.get(name));
}
