/**
 * What stands in a headquarters process before its modules, instead of an HTTP server: paths and bodies as on the wire, no sockets, no
 * signatures. Every answer goes through the wire's own schemas on both sides.
 */
import { z } from 'zod';
import type { ErrorEnvelope } from '#shared/wire/error-envelope.ts';
import { HelloRequestSchema } from '#shared/wire/hello.ts';
import { PushRequestSchema } from '#shared/wire/push.ts';
import type { HqContext } from '#sync/hq/context.ts';
import type { FeedReader } from '#sync/hq/feed/feed-reader.ts';
import type { Digests } from '#sync/hq/feed/digests.ts';
import type { SegmentService } from '#sync/hq/feed/segments.ts';
import { parseRange } from '#sync/hq/feed/snapshot/byte-range.ts';
import { partOf } from '#sync/hq/feed/snapshot/part.ts';
import type { SnapshotService } from '#sync/hq/feed/snapshot.ts';
import { readOutcomes } from '#sync/hq/ledger/outcomes.ts';
import { readOwnEvents } from '#sync/hq/ledger/own-events.ts';
import { push } from '#sync/hq/ledger/push.ts';
import { greet } from '#sync/hq/terminals/hello.ts';
import { wireError } from '#sync/hq/wire-error.ts';
import type { ServerAnswer, ServerRequest } from './network.ts';

export type FrontParts = {
	readonly context: HqContext;
	readonly reader: FeedReader;
	readonly digests: Digests;
	readonly snapshots: SnapshotService;
	readonly segments: SegmentService;
	/** The bytes of a file of a snapshot or a segment by where it lies. */
	readonly fileAt: (location: string) => Uint8Array | null;
	/** A defect that one event sets off, by the status it leads to. */
	readonly poisonOf: (events: readonly unknown[]) => number | null;
};

/** Small pages, so that few members and outcomes still need several. */
const OUTCOMES_PER_PAGE = 7;
const NEVER = new AbortController().signal;
const JSON_TYPE = { 'content-type': 'application/json' };

export async function answer(parts: FrontParts, request: ServerRequest): Promise<ServerAnswer> {
	const url = new URL(request.path, 'http://hq.test/');
	switch (url.pathname) {
		case '/terminals/hello':
			return answerHello(parts, request);
		case '/events/bulk':
			return answerPush(parts, request);
		case '/outcomes': {
			const after = Number(url.searchParams.get('after'));
			return json(200, await readOutcomes(parts.context, { terminal: request.terminal, after, most: OUTCOMES_PER_PAGE }));
		}
		case '/terminals/me/events': {
			const after = Number(url.searchParams.get('after'));
			return json(200, await readOwnEvents(parts.context, { terminal: request.terminal, after }));
		}
		case '/feed':
			return answerFeed(parts, url.searchParams);
		case '/feed/digests':
			return answerDigests(parts, url.searchParams.get('cursor') ?? '');
		case '/snapshot/manifest':
			return answerManifest(parts, url.searchParams);
		case '/health':
			return answerHealth(parts);
		default:
			return answerFile(parts, { path: url.pathname.slice(1), range: request.headers['range'] });
	}
}

async function answerHello({ context }: FrontParts, request: ServerRequest): Promise<ServerAnswer> {
	const greeted = await greet(context, HelloRequestSchema.parse(bodyOf(request)));
	if (greeted.ok) return json(200, greeted.value);
	return greeted.error === 'epoch_ahead'
		? refuse(503, { error: wireError('internal', 'headquarters was restored and has not been told so'), retry_after_ms: 60_000 })
		: refuse(426, { error: wireError('terminalTooOld', 'this terminal must be updated') });
}

async function answerPush({ context, poisonOf }: FrontParts, { terminal, ...request }: ServerRequest): Promise<ServerAnswer> {
	const body = PushRequestSchema.parse(bodyOf(request));
	const poison = poisonOf(body.events);
	if (poison !== null) return refuse(poison, { error: wireError('internal', 'a defect') });
	const pushed = await push(context, { sender: { terminal, incarnation: body.incarnation ?? null }, request: body });
	if (pushed.ok) return json(200, pushed.value);
	return pushed.error === 'other_epoch'
		? refuse(410, { error: wireError('resyncNeeded', 'say hello: headquarters was restored') })
		: refuse(503, { error: wireError('internal', 'the members of this request are in use'), retry_after_ms: 1_000 });
}

async function answerFeed({ reader }: FrontParts, query: URLSearchParams): Promise<ServerAnswer> {
	const question = { cursor: query.get('cursor') ?? '', takesSegments: query.get('segments') === '1' };
	const page = await reader.read({ ...question, waitMs: 0, signal: NEVER });
	if (!page.ok) return refuseResync(page.error.reason);
	return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: Buffer.from(page.value) };
}

async function answerDigests({ digests }: FrontParts, cursor: string): Promise<ServerAnswer> {
	const read = await digests.read(cursor);
	return read.ok ? json(200, read.value) : refuseResync(read.error.reason);
}

async function answerManifest({ snapshots }: FrontParts, query: URLSearchParams): Promise<ServerAnswer> {
	const current = await snapshots.current();
	const shards = query.get('shards');
	if ('ready' in current) {
		if (shards === null) return { status: 200, headers: JSON_TYPE, body: Buffer.from(current.ready.text) };
		const part = partOf(current.ready.manifest, { shards: shards.split(',').map(Number), cursor: query.get('cursor') ?? '' });
		return part.ok ? json(200, part.value) : refuseResync(part.error);
	}
	return refuse(503, {
		error: wireError('snapshotPreparing', 'the snapshot is being written'),
		retry_after_ms: 1_000,
		progress: current.preparing,
	});
}

function answerFile(
	{ snapshots, segments, fileAt }: FrontParts,
	wanted: { readonly path: string; readonly range: string | undefined },
): ServerAnswer {
	const file = snapshots.find(wanted.path) ?? segments.find(wanted.path);
	const bytes = file === null ? null : fileAt(file.location);
	if (bytes === null) return refuse(404, { error: wireError('notFound', 'no such file') });
	const range = parseRange(wanted.range, bytes.length);
	if (range.kind === 'unsatisfiable') return refuse(416, { error: wireError('notFound', 'no such part of the file') });
	if (range.kind === 'whole') return { status: 200, headers: {}, body: bytes };
	const headers = { 'content-range': `bytes ${range.first}-${range.last}/${bytes.length}` };
	return { status: 206, headers, body: bytes.subarray(range.first, range.last + 1) };
}

function answerHealth({ context }: FrontParts): ServerAnswer {
	return json(200, {
		status: 'ok',
		version: '0.0.0',
		protocol: 1,
		hq_epoch: context.epoch,
		storage: 'postgresql',
		members: 0,
		server_time: context.clock.nowMs(),
		is_signed: false,
	});
}

const JsonSchema = z.record(z.string(), z.unknown());

function bodyOf({ body }: Pick<ServerRequest, 'body'>): Record<string, unknown> {
	return JsonSchema.parse(JSON.parse(new TextDecoder().decode(body ?? new Uint8Array())));
}

function json(status: number, body: object): ServerAnswer {
	return { status, headers: JSON_TYPE, body: Buffer.from(JSON.stringify(body)) };
}

function refuseResync(reason: string): ServerAnswer {
	return refuse(410, { error: wireError('resyncNeeded', `load a snapshot: ${reason}`) });
}

function refuse(status: number, envelope: ErrorEnvelope): ServerAnswer {
	return json(status, envelope);
}
