import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CursorSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { Timers } from '#shared/lib/clock.ts';
import { SnapshotFileSchema } from '#shared/wire/snapshot.ts';
import type { SnapshotFile } from '#shared/wire/snapshot.ts';
import type { CallerOptions } from './caller.ts';
import { startFakeHttpServer } from './fake-http-server.ts';
import type { FakeHttpServer } from './fake-http-server.ts';
import { createHeadquartersClient } from './headquarters-client.ts';
import type { HeadquartersClient } from './headquarters-client.ts';
import { createPartialFile } from './partial-file.ts';

const realTimers: Timers = {
	after: (delayMs, run) => {
		const timer = setTimeout(run, delayMs);
		return () => clearTimeout(timer);
	},
};
const decode = (line: Uint8Array): string => new TextDecoder().decode(line);
const cursor = CursorSchema.parse('e1:5+6/7=');

let server: FakeHttpServer;
const openClient = (more: Partial<CallerOptions> = {}): HeadquartersClient =>
	createHeadquartersClient({
		hqUrl: server.url,
		key: { apiKey: 'terminal-1', apiSecret: 'a secret that is none' },
		skewMs: () => 0,
		clock: { nowMs: () => 1_000, monotonicMs: () => 0, bootId: 'boot' },
		timers: realTimers,
		...more,
	});

beforeEach(async () => {
	server = await startFakeHttpServer();
});
afterEach(() => server.close());

const lines = ['[["m1",1],["m2",1]]', '[["m3",1]]'];
// Not compressible, so that it can be cut in several places.
const packed = gzipSync(`${lines.join('\n')}\n`);
const file: SnapshotFile = SnapshotFileSchema.parse({
	path: 'snapshot/s1/0/0.json.gz',
	shard: 0,
	rows: 3,
	bytes: packed.length,
	sha256: createHash('sha256').update(packed).digest('hex'),
});

describe('a snapshot file', () => {
	test('arrives as the lines that were packed, unasked-for encodings excluded', async () => {
		server.answerWith((_request, response) => response.writeHead(200, { 'content-type': 'application/gzip' }).end(packed));
		const result = await openClient().snapshotFile(file, createPartialFile(file.bytes));
		expect(result.ok && result.value.map(decode)).toEqual(lines);
		expect(server.seen[0]).toMatchObject({ path: `/${file.path}`, headers: { 'accept-encoding': 'identity' } });
		expect(server.seen[0]?.headers.range).toBeUndefined();
	});

	test.each([1, 10, packed.length - 1])('cut after %i bytes it goes on from there', async (cutAt) => {
		const partial = createPartialFile(file.bytes);
		server.answerWith((_request, response) => {
			response.writeHead(200, { 'content-length': String(packed.length) });
			response.write(packed.subarray(0, cutAt), () => setTimeout(() => response.socket?.destroy(), 5));
		});
		expect(await openClient().snapshotFile(file, partial)).toMatchObject({ ok: false, error: { kind: 'cut' } });
		expect(partial.length()).toBe(cutAt);

		server.answerWith((request, response) => {
			const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
			response.writeHead(206, { 'content-range': `bytes ${from}-${packed.length - 1}/${packed.length}` }).end(packed.subarray(from));
		});
		const result = await openClient().snapshotFile(file, partial);
		expect(result.ok && result.value.map(decode)).toEqual(lines);
		expect(server.seen[1]?.headers.range).toBe(`bytes=${cutAt}-`);
	});

	test('a server that does not know ranges starts again from the first byte', async () => {
		const partial = createPartialFile(file.bytes);
		partial.append(packed.subarray(0, 7));
		server.answerWith((_request, response) => response.writeHead(200).end(packed));
		const result = await openClient().snapshotFile(file, partial);
		expect(result.ok && result.value.map(decode)).toEqual(lines);
	});

	test('another range than the one asked for is not glued on', async () => {
		const partial = createPartialFile(file.bytes);
		partial.append(packed.subarray(0, 7));
		server.answerWith((_request, response) =>
			response.writeHead(206, { 'content-range': `bytes 3-${packed.length - 1}/${packed.length}` }).end(packed.subarray(3)),
		);
		expect(await openClient().snapshotFile(file, partial)).toMatchObject({
			ok: false,
			error: { kind: 'damaged_file', error: { detail: 'the range is not the one that was asked for' } },
		});
		expect(partial.length()).toBe(0);
	});
});

describe('a snapshot file that is not what the manifest says', () => {
	test('with another digest it is refused and forgotten', async () => {
		const partial = createPartialFile(file.bytes);
		const changed = Buffer.from(packed);
		changed[12] = (changed[12] ?? 0) ^ 1;
		server.answerWith((_request, response) => response.writeHead(200).end(changed));
		expect(await openClient().snapshotFile(file, partial)).toMatchObject({
			ok: false,
			error: { kind: 'damaged_file', error: { code: 'DISK-106', verdict: 'retry_later' } },
		});
		expect(partial.length()).toBe(0);
	});

	test('that is another file of the same size is refused by its digest', async () => {
		server.answerWith((_request, response) => response.writeHead(200).end(packed));
		const other = { ...file, sha256: '0'.repeat(64) };
		expect(await openClient().snapshotFile(other, createPartialFile(other.bytes))).toMatchObject({
			ok: false,
			error: { kind: 'damaged_file', error: { detail: 'the SHA-256 is another' } },
		});
	});

	test('larger than the manifest says it is refused', async () => {
		server.answerWith((_request, response) => response.writeHead(200).end(Buffer.concat([packed, packed])));
		expect(await openClient().snapshotFile(file, createPartialFile(file.bytes))).toMatchObject({ ok: false });
	});

	test('shorter than the manifest says it is refused', async () => {
		server.answerWith((_request, response) => response.writeHead(200).end(packed.subarray(0, 20)));
		expect(await openClient().snapshotFile(file, createPartialFile(file.bytes))).toMatchObject({
			ok: false,
			error: { kind: 'damaged_file' },
		});
	});

	test('a digest that fits something that is no gzip is refused', async () => {
		const plain = Buffer.from('[["m1",1]]\n');
		const other = { ...file, bytes: plain.length, sha256: createHash('sha256').update(plain).digest('hex') };
		server.answerWith((_request, response) => response.writeHead(200).end(plain));
		expect(await openClient().snapshotFile(other, createPartialFile(other.bytes))).toMatchObject({
			ok: false,
			error: { kind: 'damaged_file' },
		});
	});

	test('a manifest that promises more than any file may have costs no memory and no request', async () => {
		const other = { ...file, bytes: 10 ** 10 };
		expect(await openClient().snapshotFile(other, createPartialFile(other.bytes))).toMatchObject({
			ok: false,
			error: { kind: 'damaged_file' },
		});
		expect(server.seen).toEqual([]);
	});

	test('whose last bytes say less than it unpacks to is unpacked all the same', async () => {
		const long = `[["m1",1,"${'x'.repeat(100_000)}"]]`;
		// Two members in one file: the size at its end is that of the last.
		const twice = Buffer.concat([gzipSync(`${long}\n`), gzipSync('[["m2",1]]\n')]);
		const other = { ...file, bytes: twice.length, sha256: createHash('sha256').update(twice).digest('hex') };
		server.answerWith((_request, response) => response.writeHead(200).end(twice));
		const result = await openClient().snapshotFile(other, createPartialFile(other.bytes));
		expect(result.ok && result.value.map(decode)).toEqual([long, '[["m2",1]]']);
	});

	test('that is gone says so', async () => {
		server.answerWith((_request, response) =>
			response.writeHead(404).end(JSON.stringify({ error: { type: 'none', code: 900204, message: 'gone' } })),
		);
		expect(await openClient().snapshotFile(file, createPartialFile(file.bytes))).toMatchObject({ ok: false, error: { kind: 'gone' } });
	});
});

describe('a feed page', () => {
	const header = { hq_epoch: 1, next: 'e1:9', has_more: false, rows: 3, lines: 2, server_time: 5_000 };
	const page = (...lines: readonly string[]): string => `${[JSON.stringify(header), ...lines].join('\n')}\n`;

	test('has its header parsed and its lines as they came', async () => {
		server.answerWith((_request, response) =>
			response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(page('[["m1",2],["m2",2]]', '[["m3",7]]')),
		);
		const result = await openClient().feed({ cursor });
		expect(result.ok && result.value.header).toEqual(header);
		expect(result.ok && result.value.lines.map(decode)).toEqual(['[["m1",2],["m2",2]]', '[["m3",7]]']);
		expect(server.seen[0]?.path).toBe(`/feed?cursor=${encodeURIComponent(cursor)}&segments=1`);
	});

	test('may name a segment, which is fetched and checked like a file of a snapshot', async () => {
		const { rows, bytes, sha256 } = file;
		const segment = { path: 'segment/1/day-5-0a.json.gz', rows, bytes, sha256, next: 'e1:90' };
		const answer = { ...header, has_more: true, rows: 0, lines: 0, segment };
		server.answerWith((request, response) =>
			request.path.startsWith('/feed') ? response.writeHead(200).end(`${JSON.stringify(answer)}\n`) : response.writeHead(200).end(packed),
		);
		const result = await openClient().feed({ cursor });
		const named = result.ok ? result.value.header.segment : undefined;
		expect(named).toEqual(segment);
		const fetched = await openClient().snapshotFile(must(named, 'a segment'), createPartialFile(packed.length));
		expect(fetched.ok && fetched.value.map(decode)).toEqual(lines);
	});

	test('that is refused for some shards says which', async () => {
		const error = { type: 'resync', code: 900401, message: 'load a snapshot' };
		server.answerWith((_request, response) => response.writeHead(410).end(JSON.stringify({ error, shards: [3, 17] })));
		expect(await openClient().feed({ cursor })).toMatchObject({ ok: false, error: { kind: 'resync', shards: [3, 17] } });
	});

	test.each([
		['a line missing', page('[["m1",2],["m2",2]]')],
		['a line too many', page('[["m1",2]]', '[["m2",2]]', '[["m3",7]]')],
		['a line cut', page('[["m1",2],["m2",2]]', '[["m3",7').trimEnd()],
	])('with %s counts as cut', async (_name, body) => {
		server.answerWith((_request, response) => response.writeHead(200).end(body));
		expect(await openClient().feed({ cursor })).toMatchObject({ ok: false, error: { kind: 'cut' } });
	});

	test('with a header of another form is not understood', async () => {
		server.answerWith((_request, response) => response.writeHead(200).end('{"rows":[]}\n'));
		expect(await openClient().feed({ cursor })).toMatchObject({ ok: false, error: { kind: 'not_understood' } });
	});

	test('may be held back: the limit of the answer is longer by the wait', async () => {
		server.answerWith(
			(_request, response) => void setTimeout(() => response.writeHead(200).end(page('[["m1",2],["m2",2]]', '[["m3",7]]')), 80),
		);
		const limits = { feed: { answerMs: 30, stallMs: 1000, overallMs: 5000, bytesMax: 10_000 } };
		expect(await openClient({ limits }).feed({ cursor })).toMatchObject({ ok: false, error: { kind: 'late' } });
		expect(await openClient({ limits }).feed({ cursor, waitMs: 2000 })).toMatchObject({ ok: true });
		expect(server.seen.at(-1)?.path).toContain('wait_ms=2000');
	});
});

test('the manifest of some shards is asked for with them and with the terminal’s own place', async () => {
	const part = { shards: [{ shard: 3, seq: 9 }] };
	const manifest = { hq_epoch: 1, protocol: 2, snapshot: 's1', created_at: 1, cursor: 'e1:9', rows: 0, bytes: 0, files: [], ...part };
	server.answerWith((_request, response) => response.writeHead(200).end(JSON.stringify(manifest)));
	expect(await openClient().snapshotManifest({ shards: [3, 17], cursor })).toMatchObject({ ok: true, value: part });
	expect(server.seen[0]?.path).toBe(`/snapshot/manifest?shards=3%2C17&cursor=${encodeURIComponent(cursor)}`);
});

test('digests are asked for at a place', async () => {
	const answer = { hq_epoch: 1, shards: [{ shard: 3, rows: 10, sum: 1_099_511_627_775 }] };
	server.answerWith((_request, response) => response.writeHead(200).end(JSON.stringify(answer)));
	expect(await openClient().digests(cursor)).toEqual({ ok: true, value: answer });
	expect(server.seen[0]?.path).toBe(`/feed/digests?cursor=${encodeURIComponent(cursor)}`);
});
