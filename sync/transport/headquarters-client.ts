/**
 * The terminal's side of the wire to headquarters: builds requests, parses answers, and turns every failure into a `LineFailure`.
 * It holds no state and no policy: when to call, what to repeat and what a failure leads to is the engine's.
 */
import type { Cursor, Incarnation, TerminalId } from '#shared/domain/ids.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { DigestsResponseSchema } from '#shared/wire/digest.ts';
import type { DigestsResponse } from '#shared/wire/digest.ts';
import { HealthResponseSchema } from '#shared/wire/health.ts';
import type { HealthResponse } from '#shared/wire/health.ts';
import { HelloResponseSchema } from '#shared/wire/hello.ts';
import type { HelloRequest, HelloResponse } from '#shared/wire/hello.ts';
import { OutcomesResponseSchema } from '#shared/wire/outcomes.ts';
import type { OutcomesResponse } from '#shared/wire/outcomes.ts';
import { OwnEventsResponseSchema } from '#shared/wire/own-events.ts';
import type { OwnEventsResponse } from '#shared/wire/own-events.ts';
import { PairResponseSchema } from '#shared/wire/pairing.ts';
import type { PairRequest, PairResponse } from '#shared/wire/pairing.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import type { PushResponse } from '#shared/wire/push.ts';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import { createCaller, refuse } from './caller.ts';
import type { Call, Caller, CallerOptions, CallResult } from './caller.ts';
import { readFeedPage } from './feed-page.ts';
import type { FeedPage } from './feed-page.ts';
import { FEED_WAIT_MS_MAX, FILE_BYTES_MAX } from './limits.ts';
import type { PartialFile } from './partial-file.ts';
import { rangeHeader, receiveFile, unpackFile } from './snapshot-file.ts';
import type { FilePorts, PackedFile } from './snapshot-file.ts';

/** A push as terminals send it. */
export type TerminalPush = {
	readonly terminal: TerminalId;
	readonly incarnation: Incarnation;
	/** Unix milliseconds by this terminal's clock, wrong or not: headquarters measures the difference. */
	readonly sent_at: number;
	/** The epoch under which the entries were taken: a headquarters that was restored since must not get them before the older ones. */
	readonly hq_epoch: number;
	readonly events: readonly WireEvent[];
};

/** Some shards of a snapshot, for a terminal that stands at `cursor`. */
export type SnapshotPart = { readonly shards: readonly number[]; readonly cursor: Cursor };

/** The calls of `shared/wire`. None of them rejects; each ends within the limits of `limits.ts` or when `signal` is aborted. */
export type HeadquartersClient = {
	/** Unsigned. Fails with `pairing_code_wrong` (LINE-106). */
	readonly pair: (request: PairRequest, signal?: AbortSignal) => CallResult<PairResponse>;
	readonly hello: (request: HelloRequest, signal?: AbortSignal) => CallResult<HelloResponse>;
	/** A body above `BODY_BYTES_MAX` is not sent but fails as headquarters would refuse it (`request_refused`). */
	readonly push: (request: TerminalPush, signal?: AbortSignal) => CallResult<PushResponse>;
	/** Own outcomes from `result_no` `after` + 1. */
	readonly outcomes: (after: number, signal?: AbortSignal) => CallResult<OutcomesResponse>;
	/** What this terminal sent and what became of it, from `result_no` `after` + 1. */
	readonly ownEvents: (after: number, signal?: AbortSignal) => CallResult<OwnEventsResponse>;
	/** Fails with `preparing` and its progress while headquarters writes it. `part`: of some shards alone, for who stands at `cursor`. */
	readonly snapshotManifest: (part: SnapshotPart | null, signal?: AbortSignal) => CallResult<SnapshotManifest>;
	/**
	 * One file of a snapshot or segment of the feed: fetched (only what `partial` lacks), checked, unpacked, split. After a cut the bytes so far are in `partial`,
	 * which the caller passes again; a damaged file (`damaged_file`, DISK-106) empties it.
	 */
	readonly snapshotFile: (file: PackedFile, partial: PartialFile, signal?: AbortSignal) => CallResult<readonly Uint8Array[]>;
	/** One page after `cursor`, or the segment that takes its place. With `waitMs` headquarters holds the answer back until there is something new, at most 30 s. */
	readonly feed: (query: { readonly cursor: Cursor; readonly waitMs?: number }, signal?: AbortSignal) => CallResult<FeedPage>;
	/** What headquarters' members come to in the shards whose feed ends at `cursor`. */
	readonly digests: (cursor: Cursor, signal?: AbortSignal) => CallResult<DigestsResponse>;
	/** Unsigned. */
	readonly health: (signal?: AbortSignal) => CallResult<HealthResponse>;
};

/** A client of the headquarters at `hqUrl`. Throws when that is no http(s) address. */
export function createHeadquartersClient(options: CallerOptions): HeadquartersClient {
	const caller = createCaller(options);
	return {
		pair: (request, signal) => caller.post({ name: 'pair', path: 'terminals/pair', isSigned: false, signal }, request, PairResponseSchema),
		hello: (request, signal) =>
			caller.post({ name: 'hello', path: 'terminals/hello', isSigned: true, signal }, request, HelloResponseSchema),
		push: (request, signal) => caller.post({ name: 'push', path: 'events/bulk', isSigned: true, signal }, request, PushResponseSchema),
		outcomes: (after, signal) =>
			caller.get({ name: 'outcomes', path: `outcomes?after=${after}`, isSigned: true, signal }, OutcomesResponseSchema),
		ownEvents: (after, signal) =>
			caller.get({ name: 'ownEvents', path: `terminals/me/events?after=${after}`, isSigned: true, signal }, OwnEventsResponseSchema),
		snapshotManifest: (part, signal) => {
			const query = part === null ? '' : `?${new URLSearchParams({ shards: part.shards.join(','), cursor: part.cursor }).toString()}`;
			return caller.get({ name: 'manifest', path: `snapshot/manifest${query}`, isSigned: true, signal }, SnapshotManifestSchema);
		},
		snapshotFile: (file, partial, signal) => fetchFile(caller, { file, partial, signal, ports: options.files }),
		feed: ({ cursor, waitMs = 0 }, signal) => {
			const wait = Math.min(waitMs, FEED_WAIT_MS_MAX);
			const query = new URLSearchParams({ cursor, segments: '1', ...(wait === 0 ? {} : { wait_ms: String(wait) }) });
			const call: Call = { name: 'feed', path: `feed?${query.toString()}`, isSigned: true, waitMs: wait, signal };
			return caller.send(call, (answer, limits) => readFeedPage(answer, limits.bytesMax));
		},
		digests: (cursor, signal) => {
			const path = `feed/digests?${new URLSearchParams({ cursor }).toString()}`;
			return caller.get({ name: 'digests', path, isSigned: true, signal }, DigestsResponseSchema);
		},
		health: (signal) => caller.get({ name: 'health', path: 'health', isSigned: false, signal }, HealthResponseSchema),
	};
}

type FileFetch = {
	readonly file: PackedFile;
	readonly partial: PartialFile;
	readonly signal: AbortSignal | undefined;
	readonly ports: FilePorts | undefined;
};

async function fetchFile(caller: Caller, { file, partial, signal, ports }: FileFetch): CallResult<readonly Uint8Array[]> {
	if (file.bytes > FILE_BYTES_MAX)
		return refuse({ at: 'body', problem: 'damaged_file', detail: `${file.bytes} bytes are too many for a file` }, 'read');
	if (partial.length() < file.bytes) {
		// `identity`: the file is gzip by itself, and only its bytes as stored can be resumed and have the manifest's digest.
		const headers = { accept: '*/*', 'accept-encoding': 'identity', ...rangeHeader(partial) };
		const received = await caller.send({ name: 'file', path: file.path, isSigned: true, headers, signal }, (answer) =>
			receiveFile(answer, file, partial),
		);
		if (!received.ok) return received;
	}
	const lines = await unpackFile(file, partial, ports);
	return lines.ok ? lines : refuse(lines.error, 'read');
}
