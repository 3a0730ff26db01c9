import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CursorSchema } from '#shared/domain/ids.ts';
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
		expect(server.seen[0]?.path).toBe(`/feed?cursor=${encodeURIComponent(cursor)}`);
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
