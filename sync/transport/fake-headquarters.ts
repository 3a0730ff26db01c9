/**
 * A headquarters in memory behind the client's own type: it keeps the ledger's rules, and does to its callers what lines and servers do.
 * For tests of what works on a client.
 */
import type { EventId } from '#shared/domain/ids.ts';
import type { Clock, Timers } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { HelloRequest, HelloResponse } from '#shared/wire/hello.ts';
import type { PushResponse } from '#shared/wire/push.ts';
import { classifyFailure } from './classify-failure.ts';
import type { Breakdown } from './classify-failure.ts';
import { closeSegment, isAtHead, nameSegment, partOfSnapshot, readDigests, readPage, takeSnapshot } from './fake-feed.ts';
import type { FakeSegment, FakeSnapshot } from './fake-feed.ts';
import { applyEvent, copyLedger, createLedger, knownMaxSeq, outcomesAfter, ownEventsAfter } from './fake-ledger.ts';
import type { Ledger } from './fake-ledger.ts';
import { breakdownOf, createFakeLine } from './fake-line.ts';
import type { CallName, FakeLine, Fault } from './fake-line.ts';
import type { HeadquartersClient, TerminalPush } from './headquarters-client.ts';

export type FakeHeadquarters = {
	readonly client: HeadquartersClient;
	readonly line: Pick<FakeLine, 'fault' | 'weather'>;
	readonly ledger: () => Ledger;
	/** Calls in the order in which they arrived. */
	readonly calls: readonly CallName[];
	readonly hellos: readonly HelloRequest[];
	readonly pushes: readonly TerminalPush[];
	/** Bytes of snapshot files that went over the line. */
	readonly fileBytes: () => number;
	/** A push that holds this event fails like this, whatever else is in it. */
	readonly poison: Map<EventId, Fault>;
	/** What it says besides the usual: in a hello, and in the answer to a push. */
	readonly announce: (more: { readonly hello?: Partial<HelloResponse>; readonly push?: Partial<PushResponse> }) => void;
	/** The next manifest is of a snapshot as of then. */
	readonly publishSnapshot: () => void;
	/** What is new since the last segment becomes one; who lies in it is answered with it. */
	readonly closeSegment: () => void;
	readonly backup: () => Ledger;
	/** Restored from a backup: everything since is forgotten, the epoch is one higher than any before. */
	readonly restore: (backup: Ledger) => void;
	/** Its clock is ahead of the terminals' by this. */
	readonly setClockAhead: (ms: number) => void;
};

export type FakeHeadquartersOptions = {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly latencyMs?: number;
	readonly timeLimitMs?: number;
	readonly pageRows?: number;
	readonly fileRows?: number;
	readonly trace?: (call: string) => void;
};

/** Rows of a snapshot file unless told otherwise. */
const FILE_ROWS = 10;

type Memory = {
	ledger: Ledger;
	highestEpoch: number;
	snapshot: FakeSnapshot | null;
	snapshots: number;
	fileBytes: number;
	clockAheadMs: number;
	announced: Parameters<FakeHeadquarters['announce']>[0];
	readonly calls: CallName[];
	readonly hellos: HelloRequest[];
	readonly pushes: TerminalPush[];
	readonly poison: Map<EventId, Fault>;
	readonly segments: FakeSegment[];
};

export function createFakeHeadquarters(options: FakeHeadquartersOptions): FakeHeadquarters {
	const memory: Memory = {
		ledger: createLedger(1),
		highestEpoch: 1,
		snapshot: null,
		snapshots: 0,
		fileBytes: 0,
		clockAheadMs: 0,
		announced: {},
		calls: [],
		hellos: [],
		pushes: [],
		poison: new Map(),
		segments: [],
	};
	const line = createFakeLine({
		timers: options.timers,
		latencyMs: options.latencyMs ?? 20,
		timeLimitMs: options.timeLimitMs ?? 30_000,
		onCall: (name) => {
			memory.calls.push(name);
			options.trace?.(name);
		},
	});
	return {
		client: createClient(options, memory, line),
		line,
		ledger: () => memory.ledger,
		calls: memory.calls,
		hellos: memory.hellos,
		pushes: memory.pushes,
		fileBytes: () => memory.fileBytes,
		poison: memory.poison,
		announce: (more) => {
			memory.announced = more;
		},
		publishSnapshot: () => {
			memory.snapshot = null;
		},
		closeSegment: () => {
			const segment = closeSegment(memory.ledger, memory.segments.at(-1)?.to ?? 0, memory.segments.length);
			if (segment !== null) memory.segments.push(segment);
		},
		backup: () => copyLedger(memory.ledger, memory.ledger.epoch),
		restore: (backup) => {
			memory.highestEpoch += 1;
			memory.ledger = copyLedger(backup, memory.highestEpoch);
			memory.snapshot = null;
			memory.segments.length = 0;
		},
		setClockAhead: (ms) => {
			memory.clockAheadMs = ms;
		},
	};
}

function createClient(options: FakeHeadquartersOptions, memory: Memory, line: FakeLine): HeadquartersClient {
	const nowMs = (): number => options.clock.nowMs() + memory.clockAheadMs;
	const pageRows = options.pageRows ?? 100;
	return {
		pair: () => Promise.resolve(fail(classifyFailure({ at: 'answer', status: 404, envelope: null, retryAfterMs: null }, 'read'))),
		hello: (request, signal) =>
			line.call({ name: 'hello', signal }, () => {
				memory.hellos.push(request);
				return ok({
					hq_epoch: memory.ledger.epoch,
					known_max_seq: knownMaxSeq(memory.ledger, request.incarnation),
					server_time: nowMs(),
					protocol: 1,
					...memory.announced.hello,
				});
			}),
		push: (request, signal) => line.call({ name: 'push', signal }, () => carryOutPush(memory, request, nowMs())),
		outcomes: (after, signal) =>
			line.call({ name: 'outcomes', signal }, () => {
				const results = outcomesAfter(memory.ledger, after, pageRows);
				const next = results.at(-1)?.result_no ?? after;
				return ok({ hq_epoch: memory.ledger.epoch, results: [...results], next, has_more: next < memory.ledger.outcomes.size });
			}),
		ownEvents: (after, signal) => line.call({ name: 'ownEvents', signal }, () => ok(ownEventsAfter(memory.ledger, after, pageRows))),
		snapshotManifest: (part, signal) =>
			line.call({ name: 'manifest', signal }, () => {
				const snapshot = currentSnapshot(options, memory);
				const fileRows = options.fileRows ?? FILE_ROWS;
				return part === null ? ok(snapshot.manifest) : partOfSnapshot(memory.ledger, snapshot, { ...part, fileRows });
			}),
		snapshotFile: (file, partial, signal) => {
			const missing = file.bytes - partial.length();
			const transfer = (bytes: number): void => {
				memory.fileBytes += bytes;
				partial.append(new Uint8Array(bytes));
			};
			return line.call({ name: 'file', signal, onLost: () => transfer(Math.floor(missing / 2)) }, () => {
				const lines = memory.snapshot?.lines.get(file.path) ?? memory.segments.find(({ path }) => path === file.path)?.line;
				if (lines === undefined) return fail(breakdownOf({ status: 404, code: WIRE_CODES.notFound }));
				transfer(missing);
				return ok([lines]);
			});
		},
		feed: ({ cursor, waitMs = 0 }, signal) => {
			const isHeld = (): boolean => isAtHead(memory.ledger, cursor);
			return line.call({ name: 'feed', signal, waitMs, isHeld }, () => {
				const named = nameSegment(memory.ledger, memory.segments, { cursor, nowMs: nowMs() });
				return named === null ? readPage(memory.ledger, { cursor, pageRows, nowMs: nowMs() }) : ok(named);
			});
		},
		digests: (cursor, signal) => line.call({ name: 'digests', signal }, () => readDigests(memory.ledger, cursor)),
		health: (signal) =>
			line.call({ name: 'health', signal }, () => {
				const { epoch, members } = memory.ledger;
				return ok({
					status: 'ok',
					version: '1',
					protocol: 1,
					hq_epoch: epoch,
					storage: 'pglite',
					members: members.size,
					server_time: nowMs(),
					is_signed: true,
				});
			}),
	};
}

function carryOutPush(memory: Memory, request: TerminalPush, nowMs: number): Result<PushResponse, Breakdown> {
	memory.pushes.push(request);
	if (request.hq_epoch !== memory.ledger.epoch) return fail(breakdownOf({ status: 410, code: WIRE_CODES.resyncNeeded }));
	const [poison] = request.events.flatMap((event) => (event.event_id === undefined ? [] : (memory.poison.get(event.event_id) ?? [])));
	if (poison !== undefined) return fail(breakdownOf(poison));
	const results = request.events.map((event) => applyEvent(memory.ledger, event, request.incarnation));
	const errors = results.filter((result) => result.status === 'rejected').length;
	return ok({ results, total: results.length, errors, hq_epoch: memory.ledger.epoch, server_time: nowMs, ...memory.announced.push });
}

function currentSnapshot(options: FakeHeadquartersOptions, memory: Memory): FakeSnapshot {
	if (memory.snapshot !== null) return memory.snapshot;
	memory.snapshots += 1;
	const createdAtMs = options.clock.nowMs() + memory.clockAheadMs;
	const shape = { name: `s${memory.snapshots}`, fileRows: options.fileRows ?? FILE_ROWS, createdAtMs };
	memory.snapshot = takeSnapshot(memory.ledger, shape);
	return memory.snapshot;
}
