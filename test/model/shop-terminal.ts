/**
 * One terminal: a machine with a folder, a clock and, life after life, the program that runs on it: the real engine over the real files and
 * the real client. A crash takes the folder as it is on the disk at that instant; the life that goes on in this process is cut off from the
 * line and ends in the folder that nobody looks at any more.
 */
import { cpSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import { TerminalIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { Result } from '#shared/lib/result.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { createEngine } from '#sync/engine/engine.ts';
import type { Engine } from '#sync/engine/engine.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { Replica } from '#sync/replica/replica.ts';
import { openJournalledOutbox } from '#sync/storage/journalled-outbox.ts';
import { openReplica } from '#sync/storage/replica-database.ts';
import { createHeadquartersClient } from '#sync/transport/headquarters-client.ts';
import { createLine } from './line.ts';
import type { Line, LineEvents, Weather } from './line.ts';
import type { PartyClock } from './party-clock.ts';
import { createWatchedTimers } from './watched-timers.ts';
import type { WatchedTimers } from './watched-timers.ts';

/** Far above what a contact takes on a busy machine. */
const REST_WITHIN_MS = 30_000;
/** Of the longest wait: 150 ms, the first time, which is more than a call takes. */
const PAUSE = 0.15;

export type Life = {
	readonly outbox: Outbox;
	readonly replica: Replica;
	readonly engine: Engine;
	readonly line: Line;
	readonly watched: WatchedTimers;
	/** The side journal has all that was recorded. */
	readonly settleJournal: () => Promise<void>;
	/** Errors that the engine logged. */
	readonly complaints: readonly string[];
};

/** What people do in the middle of a contact. */
export type Meanwhile = Pick<LineEvents, 'onPage' | 'onSaleInPage'>;
export const NOTHING: Meanwhile = { onPage: () => Promise.resolve(), onSaleInPage: () => Promise.resolve(false) };

export type ShopTerminal = {
	readonly name: string;
	readonly clock: PartyClock;
	readonly folder: () => string;
	/** Folders with copies of its data, besides `folder`. */
	readonly journalFolder: string | null;
	readonly life: () => Life;
	/** The line is there until the engine has nothing more to do; `true` when the terminal crashed meanwhile and runs again. */
	readonly contact: (weather: Weather, meanwhile: Meanwhile) => Promise<{ readonly hasCrashed: boolean }>;
	/** Ends the program without a word and starts another over what was on the disk. */
	readonly crash: () => Promise<void>;
	readonly backup: () => Promise<void>;
	/** The folder as the last backup has it. */
	readonly restore: () => Promise<void>;
	readonly stop: () => Promise<void>;
};

export type ShopTerminalOptions = {
	readonly name: string;
	/** Of this terminal alone; it may have worked there before. */
	readonly root: string;
	/** The side journal is on a disk of its own, which no restore touches. */
	readonly hasJournalDisk: boolean;
	readonly hqUrl: string;
	readonly pairing: PairResponse;
	readonly clock: PartyClock;
	readonly onFinal: LineEvents['onFinal'];
	readonly onPublish: LineEvents['onPublish'];
};

type State = { folder: string; lives: number; life: Life | null; crashCopy: string | null; meanwhile: Meanwhile };

/** Opens it, over an empty folder if there is none yet. */
export async function openShopTerminal(options: ShopTerminalOptions): Promise<ShopTerminal> {
	const { root, name, clock } = options;
	const state: State = { folder: join(root, 'life-0'), lives: 0, life: null, crashCopy: null, meanwhile: NOTHING };
	const backupFolder = join(root, 'backup');
	const life = (): Life => must(state.life, 'a terminal that runs');
	const goOnIn = async (copy: string): Promise<void> => {
		await end(state);
		await rm(state.folder, { recursive: true, force: true });
		state.folder = copy;
		await begin(options, state);
	};
	const backup = async (): Promise<void> => {
		// The first mark of the journal is on its way when the program starts: a folder without one is the folder of another terminal.
		await life().settleJournal();
		await rm(backupFolder, { recursive: true, force: true });
		cpSync(state.folder, backupFolder, { recursive: true, filter: isData });
	};
	await mkdir(state.folder, { recursive: true });
	await begin(options, state);
	await backup();
	return {
		name,
		clock,
		folder: () => state.folder,
		journalFolder: journalFolderOf(options),
		life,
		contact: async (weather, meanwhile) => {
			state.meanwhile = meanwhile;
			const { engine, line, watched, replica, outbox } = life();
			line.open(weather);
			engine.syncNow();
			const isLoaded = (): boolean => replica.state().phase === 'ready' && replica.state().hqEpoch === outbox.state().hqEpoch;
			await watched.asleep(() => state.crashCopy !== null || line.weather() === null || isLoaded(), REST_WITHIN_MS);
			line.close();
			const copy = state.crashCopy;
			state.crashCopy = null;
			if (copy !== null) await goOnIn(copy);
			return { hasCrashed: copy !== null };
		},
		crash: async () => goOnIn(copyFolder(state)),
		backup,
		restore: async () => {
			const copy = nextFolder(state);
			cpSync(backupFolder, copy, { recursive: true });
			await goOnIn(copy);
		},
		stop: () => end(state),
	};
}

function journalFolderOf({ root, hasJournalDisk }: ShopTerminalOptions): string | null {
	return hasJournalDisk ? join(root, 'journal-disk') : null;
}

function nextFolder(state: State): string {
	state.lives += 1;
	return join(state.folder, '..', `life-${state.lives}`);
}

/** At once, so that no step of the program comes in between. What processes share of a log in memory is gone with them. */
function copyFolder(state: State): string {
	const copy = nextFolder(state);
	cpSync(state.folder, copy, { recursive: true, filter: isData });
	return copy;
}

function isData(file: string): boolean {
	return !file.endsWith('-shm');
}

async function begin(options: ShopTerminalOptions, state: State): Promise<void> {
	const { name, clock: machine, pairing, hqUrl, onFinal } = options;
	const { folder } = state;
	const clock = machine.underBoot(`${name}-${folder}`.slice(-64));
	const opened = orThrow(
		await openJournalledOutbox({
			folder,
			clock,
			random: systemRandom,
			journal: { folder: journalFolderOf(options) ?? join(folder, 'journal'), keyBox: null },
			isLossAccepted: false,
		}),
	);
	const { outbox } = opened;
	const replica = orThrow(await openReplica({ folder, clock }));
	const line = createLine({
		onFinal,
		onPage: () => state.meanwhile.onPage(),
		onSaleInPage: () => state.meanwhile.onSaleInPage(),
		onPublish: options.onPublish,
		onCrash: () => {
			state.crashCopy = copyFolder(state);
		},
	});
	const watched = createWatchedTimers();
	const complaints: string[] = [];
	const complain = (fields: object, message: string): void => void complaints.push(`${message} ${JSON.stringify(fields)}`);
	const ignore = (): void => undefined;
	const engine = createEngine({
		outbox,
		replica,
		clock,
		timers: watched.timers,
		random: { fraction: () => jitterOf(line), bytes: systemRandom.bytes },
		logger: { debug: ignore, info: ignore, warn: ignore, error: complain },
		identity: { terminal: TerminalIdSchema.parse(pairing.terminal), appVersion: '1.0.0' },
		programmeVersion: () => 0,
		onProgramme: () => Promise.resolve(),
		client: createHeadquartersClient({
			hqUrl,
			key: { apiKey: pairing.api_key, apiSecret: pairing.api_secret },
			skewMs: () => outbox.state().skewMs,
			clock,
			timers: systemTimers,
			fetch: line.fetch,
		}),
	});
	state.life = { outbox, replica, engine, line, watched, complaints, settleJournal: () => opened.journal.settled() };
	await engine.start();
	await watched.asleep(() => true, REST_WITHIN_MS);
}

/** No wait of a contact is by chance, and no loop turns without a line. */
function jitterOf(line: Line): number {
	const weather = line.weather();
	if (weather === null) return 0.999;
	return weather.hasPauses ? PAUSE : 0;
}

async function end(state: State): Promise<void> {
	const { life } = state;
	if (life === null) return;
	state.life = null;
	life.line.close();
	await life.engine.stop();
	await life.replica.close();
	await life.outbox.close();
}

/** The value of a success. */
export function orThrow<T>(result: Result<T, object>): T {
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}
