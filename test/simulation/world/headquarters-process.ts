/**
 * One process of headquarters: the real push, outcomes, hello, publisher, feed and snapshots over a connection to the store in memory. It owns
 * nothing that outlives it but its machine's snapshot folder; it can end at every statement and commit.
 */
import { createHash } from 'node:crypto';
import pino from 'pino';
import type { Random, Timers } from '#shared/lib/clock.ts';
import { must } from '#shared/lib/assert.ts';
import type { MergeRequest } from '#shared/wire/merge.ts';
import type { HqContext } from '#sync/hq/context.ts';
import { createDigests } from '#sync/hq/feed/digests.ts';
import { createFeedReader } from '#sync/hq/feed/feed-reader.ts';
import { createPublisher } from '#sync/hq/feed/publisher.ts';
import { createSegments } from '#sync/hq/feed/segments.ts';
import { createSnapshotService } from '#sync/hq/feed/snapshot.ts';
import { mergeMembers } from '#sync/hq/ledger/merge.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import type { MemoryStore } from '../memory-database/memory-store.ts';
import { ONLY_ROW } from '../memory-database/tables.ts';
import { answer } from './front.ts';
import type { FrontParts } from './front.ts';
import { fileAt, openFolders } from './headquarters-disks.ts';
import type { HeadquartersDisk } from './headquarters-disks.ts';
import { createLife } from './life.ts';
import type { Life, MachineClock } from './life.ts';
import type { Server } from './network.ts';
import { demandSignatures } from './signatures.ts';

export type HeadquartersProcess = Server & {
	/** What the network leads to: where requests are signed, the check of signatures is in front. */
	readonly front: Server;
	readonly life: Life;
	/** What a person at headquarters does. */
	readonly merge: (request: MergeRequest) => Promise<void>;
	/** Every statement takes this long from now on, for so many statements. */
	readonly slowDown: (statements: number, ms: number) => void;
	/** So many rounds of the publisher find somebody else publishing. */
	readonly loseLead: (rounds: number) => void;
};

export type ProcessOptions = {
	readonly label: string;
	readonly store: MemoryStore;
	readonly clock: MachineClock;
	readonly timers: Timers;
	readonly random: Random;
	readonly disk: HeadquartersDisk;
	readonly poisonOf: FrontParts['poisonOf'];
	readonly isSigned: boolean;
	/** An assumption of headquarters was broken. */
	readonly onDefect: (detail: string) => void;
};

/** Small pages and files, so that few members still need several, and a file as soon as somebody is not at the head. */
const ROWS_PER_PAGE = 8;
const ROWS_PER_SEGMENT = 6;
const SEGMENT_BEHIND_MIN = 2;
/** An idle publisher looks again each second; a simulated one more seldom, for there is nothing to see. */
const IDLE_MS = 1_000;
const IDLE_STRETCH = 15;
/** Keys the hashes of forgotten cards. */
const SECRET = 'simulated';

export function startProcess(options: ProcessOptions): HeadquartersProcess {
	const { label, store, random, disk } = options;
	const life = createLife(options.timers, random);
	const slow = { statements: 0, ms: 0 };
	let leadsLost = 0;
	const connection = store.connect({
		label,
		reach: async (moment) => {
			await life.reach();
			if (slow.statements === 0 || moment === 'committed') return;
			slow.statements -= 1;
			await pause(life.timers, slow.ms);
		},
	});
	life.onEnd(connection.drop);
	const isLeadLost = (): boolean => {
		leadsLost = Math.max(0, leadsLost - 1);
		return leadsLost > 0;
	};
	const context = createContext(options, life, connection);
	const publisher = createPublisher({ ...context, timers: stretched(life.timers), database: withoutLead(connection, isLeadLost) });
	const folders = openFolders(disk, { epoch: context.epoch, reach: life.reach });
	const snapshots = createSnapshotService(context, publisher, { folder: folders.snapshots, pack });
	const segments = createSegments(context, publisher, {
		folder: folders.segments,
		pack,
		unpack: (bytes) => Promise.resolve(bytes),
		rowsMax: ROWS_PER_SEGMENT,
		behindMin: SEGMENT_BEHIND_MIN,
	});
	const reader = createFeedReader(context, publisher, { rowsMax: ROWS_PER_PAGE, segments });
	const parts: FrontParts = {
		context,
		reader,
		digests: createDigests(context, publisher),
		snapshots,
		segments,
		fileAt: (location) => fileAt(disk, location),
		poisonOf: options.poisonOf,
	};
	const started = startAll([snapshots, publisher, segments]);
	const server: Server = {
		onEnd: life.onEnd,
		handle: async (request) => {
			await started;
			try {
				return await answer(parts, request);
			} catch (error) {
				options.onDefect(error instanceof Error ? (error.stack ?? error.message) : String(error));
				return { status: 500, headers: {}, body: new Uint8Array() };
			}
		},
	};
	return {
		...server,
		front: options.isSigned ? demandSignatures(server, options.clock) : server,
		life,
		merge: async (request) => {
			await started;
			await mergeMembers(context, request);
		},
		slowDown: (statements, ms) => Object.assign(slow, { statements, ms }),
		loseLead: (rounds) => {
			leadsLost = rounds + 1;
		},
	};
}

async function startAll(parts: readonly { readonly start: () => Promise<void> }[]): Promise<void> {
	for (const part of parts) await part.start();
}

/** Files are not packed. */
function pack(text: string): Promise<Buffer> {
	return Promise.resolve(Buffer.from(text));
}

function createContext(options: ProcessOptions, life: Life, database: HqContext['database']): HqContext {
	const listeners = new Set<() => void>();
	const { epoch } = must(options.store.tables().hq_state.get(ONLY_ROW), 'the state of headquarters');
	return {
		database,
		clock: options.clock.clock(options.label),
		random: options.random,
		timers: life.timers,
		logger: pino({ level: 'error' }, { write: (line) => reportDefect(line, options.onDefect) }),
		dataDir: '',
		epoch,
		secret: SECRET,
		programme: () => DEFAULT_PROGRAMME,
		cashiers: () => [],
		onStaged: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		announceStaged: () => {
			for (const listener of listeners) listener();
		},
		stopping: new AbortController().signal,
	};
}

/** What the modules log and live on with: everything but an error of a database is a defect. */
function reportDefect(line: string, onDefect: (detail: string) => void): void {
	if (!line.includes('a terminal has seen a higher epoch')) onDefect(line.slice(0, 600));
}

function stretched(timers: Timers): Timers {
	return { after: (delayMs, run) => timers.after(delayMs === IDLE_MS ? IDLE_MS * IDLE_STRETCH : delayMs, run) };
}

/** The publisher's connection, which now and then finds somebody else publishing. */
function withoutLead(database: HqContext['database'], isLost: () => boolean): HqContext['database'] {
	const query: HqContext['database']['query'] = (sql, params) =>
		database.urgent.query(sql.includes('publish_round') && isLost() ? 'SELECT nobody leads' : sql, params);
	return { ...database, urgent: { ...database.urgent, query } };
}

function pause(timers: Timers, delayMs: number): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	timers.after(delayMs, resolve);
	return promise;
}

/** How a terminal checks a file of a simulated snapshot, which is not packed. */
export const FILES = {
	sha256: (bytes: Uint8Array): Promise<string> => Promise.resolve(createHash('sha256').update(bytes).digest('hex')),
	unpack: (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve(bytes),
};
