import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ErrorEnvelope } from '#shared/wire/error-envelope.ts';
import type { HqContext } from '../context.ts';
import { wireError } from '../wire-error.ts';
import { parseRange } from './snapshot/byte-range.ts';
import { createDigests } from './digests.ts';
import { createFeedReader } from './feed-reader.ts';
import type { Resync } from './feed-reader.ts';
import { createPublisher } from './publisher.ts';
import type { Publisher } from './publisher.ts';
import { createSegments } from './segments.ts';
import type { SegmentService } from './segments.ts';
import { createSnapshotService } from './snapshot.ts';
import type { SnapshotService } from './snapshot.ts';
import { startPurging } from './tombstones.ts';
import type { BuildProgress } from './snapshot/build.ts';
import { partOf } from './snapshot/part.ts';
import type { PartWanted } from './snapshot/part.ts';
import type { ServedFile } from './snapshot/shelf.ts';

/** What runs behind the routes, for headquarters' own use: `prepare` a snapshot, `publishAll`, metrics. */
export type Feed = { readonly publisher: Publisher; readonly snapshots: SnapshotService; readonly segments: SegmentService };

const PREPARING_RETRY_MS = 1_000;
const WAIT_MS_MAX = 30_000;

const FeedQuerySchema = z.object({
	// Its own form is judged when it is decoded; a cursor that nobody can read is answered like one that is too old.
	cursor: z.string().max(4096).default(''),
	wait_ms: z.coerce
		.number()
		.int()
		.min(0)
		.default(0)
		.transform((waitMs) => Math.min(waitMs, WAIT_MS_MAX)),
	segments: z.enum(['0', '1']).default('0'),
});

const ManifestQuerySchema = z.object({
	shards: z
		.string()
		.regex(/^\d{1,3}(,\d{1,3})*$/)
		.transform((text) => text.split(',').map(Number))
		.optional(),
	cursor: z.string().max(4096).default(''),
});

/**
 * Registers `GET /feed`, `GET /feed/digests`, `GET /snapshot/manifest`, `GET /snapshot/*` and
 * `GET /segment/*`, and runs the publisher, the snapshots and the segments from `ready` to `close`
 * of the app. Who may call is decided by the app's own hooks.
 */
export function registerFeedRoutes(app: FastifyInstance, context: HqContext): Feed {
	const publisher = createPublisher(context);
	const snapshots = createSnapshotService(context, publisher);
	const segments = createSegments(context, publisher);
	const reader = createFeedReader(context, publisher, { segments });
	const digests = createDigests(context, publisher);
	app.addHook('onReady', async () => {
		await snapshots.start();
		await publisher.start();
		await segments.start();
		startPurging(context, publisher.refresh);
	});
	// Before the server waits for its connections to end: answers that are held back end now.
	app.addHook('preClose', async () => {
		reader.close();
		await publisher.stop();
		await segments.stop();
		await snapshots.stop();
	});

	app.get('/feed', async (request, reply) => {
		const query = FeedQuerySchema.safeParse(request.query);
		if (!query.success)
			return refuse(reply, 400, {
				error: wireError('bodyMalformed', 'cursor is one that headquarters gave, wait_ms a whole number of milliseconds'),
			});
		const gone = new AbortController();
		reply.raw.once('close', () => {
			gone.abort();
		});
		const answer = await reader.read({
			cursor: query.data.cursor,
			waitMs: query.data.wait_ms,
			takesSegments: query.data.segments === '1',
			signal: AbortSignal.any([gone.signal, context.stopping]),
		});
		if (!answer.ok) return refuse(reply, 410, resyncEnvelope(answer.error));
		return reply.type('application/x-ndjson; charset=utf-8').header('cache-control', 'no-store').send(answer.value);
	});
	app.get('/feed/digests', async (request, reply) => {
		const query = FeedQuerySchema.safeParse(request.query);
		if (!query.success) return refuse(reply, 400, { error: wireError('bodyMalformed', 'cursor is one that headquarters gave') });
		const answer = await digests.read(query.data.cursor);
		if (!answer.ok) return refuse(reply, 410, resyncEnvelope(answer.error));
		return reply.header('cache-control', 'no-store').send(answer.value);
	});
	app.get('/snapshot/manifest', async (request, reply) => {
		const query = ManifestQuerySchema.safeParse(request.query);
		if (!query.success)
			return refuse(reply, 400, {
				error: wireError('bodyMalformed', 'shards are numbers separated by commas, cursor is one that headquarters gave'),
			});
		const { shards, cursor } = query.data;
		return shards === undefined ? sendManifest(snapshots, request, reply) : sendPart(snapshots, { shards, cursor }, reply);
	});
	app.get<{ Params: { '*': string } }>('/snapshot/*', async (request, reply) => {
		const file = snapshots.find(`snapshot/${request.params['*']}`);
		return file === null ? refuse(reply, 404, { error: wireError('notFound', 'no such snapshot file') }) : sendFile(file, request, reply);
	});
	app.get<{ Params: { '*': string } }>('/segment/*', async (request, reply) => {
		const file = segments.find(`segment/${request.params['*']}`);
		return file === null ? refuse(reply, 404, { error: wireError('notFound', 'no such segment') }) : sendFile(file, request, reply);
	});
	return { publisher, snapshots, segments };
}

function resyncEnvelope({ reason, shards }: Resync): ErrorEnvelope {
	const error = wireError('resyncNeeded', `load a snapshot: ${reason}`);
	return shards === undefined ? { error } : { error, shards: [...shards] };
}

function refusePreparing(reply: FastifyReply, progress: BuildProgress): FastifyReply {
	return refuse(reply.header('retry-after', Math.ceil(PREPARING_RETRY_MS / 1000)), 503, {
		error: wireError('snapshotPreparing', 'the snapshot is being written'),
		retry_after_ms: PREPARING_RETRY_MS,
		progress,
	});
}

/** The manifest of some shards, for a terminal that replaces these alone. */
async function sendPart(snapshots: SnapshotService, part: PartWanted, reply: FastifyReply): Promise<FastifyReply> {
	const current = await snapshots.current();
	if ('preparing' in current) return refusePreparing(reply, current.preparing);
	const manifest = partOf(current.ready.manifest, part);
	if (!manifest.ok) return refuse(reply, 410, resyncEnvelope({ reason: manifest.error }));
	return reply.type('application/json; charset=utf-8').header('cache-control', 'no-store').send(JSON.stringify(manifest.value));
}

async function sendManifest(snapshots: SnapshotService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
	const current = await snapshots.current();
	if ('preparing' in current) return refusePreparing(reply, current.preparing);
	const etag = `"${current.ready.etag}"`;
	reply.header('etag', etag).header('cache-control', 'no-cache');
	if (request.headers['if-none-match'] === etag) return reply.code(304).send();
	return reply.type('application/json; charset=utf-8').send(current.ready.text);
}

/** Sends a file, whole or in part. Under its path it never changes, so that any cache may keep it for ever. */
async function sendFile(
	file: Pick<ServedFile, 'location' | 'bytes' | 'sha256'>,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const etag = `"${file.sha256}"`;
	reply.header('etag', etag).header('cache-control', 'public, max-age=31536000, immutable').header('accept-ranges', 'bytes');
	if (request.headers['if-none-match'] === etag) return reply.code(304).send();
	const condition = request.headers['if-range'];
	const range = parseRange(condition === undefined || condition === etag ? request.headers.range : undefined, file.bytes);
	if (range.kind === 'unsatisfiable') {
		return refuse(reply.header('content-range', `bytes */${file.bytes}`), 416, {
			error: wireError('notFound', 'no such part of the file'),
		});
	}
	const handle = await openOrNull(file.location);
	// A newer one took its place between the look-up and now.
	if (handle === null) return refuse(reply, 404, { error: wireError('notFound', 'no such snapshot file') });
	const { first, last } = range.kind === 'part' ? range : { first: 0, last: file.bytes - 1 };
	if (range.kind === 'part') reply.code(206).header('content-range', `bytes ${first}-${last}/${file.bytes}`);
	// No content-encoding: the terminal checks the packed bytes and unpacks them itself.
	reply.type('application/gzip').header('content-length', last - first + 1);
	return reply.send(handle.createReadStream({ start: first, end: last }));
}

async function openOrNull(path: string): Promise<FileHandle | null> {
	try {
		return await open(path, 'r');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
		throw error;
	}
}

function refuse(reply: FastifyReply, status: number, body: ErrorEnvelope): FastifyReply {
	return reply.code(status).removeHeader('etag').header('cache-control', 'no-store').send(body);
}
