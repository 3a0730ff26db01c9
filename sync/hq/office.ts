import { mkdirSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Programme } from '#shared/domain/programme.ts';
import { must } from '#shared/lib/assert.ts';
import type { Clock, Random, Timers } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { HqContext } from './context.ts';
import { createLogger } from './logging.ts';
import { DEFAULT_PROGRAMME } from './programme.ts';
import { createDemonstrationRoster } from './roster.ts';
import type { Database } from './storage/database.ts';
import { takeFolderLock } from './storage/folder-lock.ts';
import type { FolderTaken } from './storage/folder-lock.ts';
import { loadState, raiseEpoch, saveProgramme } from './storage/hq-state.ts';
import type { HqState } from './storage/hq-state.ts';
import { keepEpoch, readKeptEpoch } from './storage/kept-epoch.ts';
import type { EpochBehind } from './storage/kept-epoch.ts';
import { openDatabase } from './storage/open-database.ts';
import { migrate } from './storage/schema.ts';
import { startUpkeep } from './storage/upkeep.ts';
import { createSystemClock, createSystemRandom, createSystemTimers } from './system.ts';

/** What headquarters works with, before anybody can call it. */
export type OfficeOptions = {
	/** Made if it is not there. One headquarters at a time has it. */
	readonly dataDir: string;
	/** A PostgreSQL server instead of the embedded database. */
	readonly databaseUrl?: string;
	/** An open database to use instead; the caller closes it. */
	readonly database?: Database;
	/** Replaces the stored programme. */
	readonly programme?: Programme;
	/** Adds the demonstration's people to an empty roster. */
	readonly hasDemonstrationRoster?: boolean;
	/** The database comes from a backup: raises the epoch. */
	readonly isRestored?: boolean;
	readonly logger?: Logger;
	readonly clock?: Clock;
	readonly random?: Random;
	readonly timers?: Timers;
};

/** `close` ends what waits, closes the database and gives the folder back. May be called twice. */
export type Office = { readonly context: HqContext; readonly close: () => Promise<void>; readonly stop: () => void };

/** Why a headquarters does not open: another process has the folder, or its database was restored and `isRestored` does not say so. */
export type OfficeRefusal = FolderTaken | EpochBehind;

/** Opens folder, database and programme without serving. Rejects for what cannot be foreseen. */
export async function openOffice(options: OfficeOptions): Promise<Result<Office, OfficeRefusal>> {
	mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
	const lock = takeFolderLock(options.dataDir);
	if (!lock.ok) return lock;
	const logger = options.logger ?? createLogger('info');
	const stopping = new AbortController();
	let own: Database | null = null;
	const release = async (): Promise<void> => {
		stopping.abort();
		await own?.close();
		lock.value.release();
	};
	try {
		if (options.database === undefined)
			own = await openDatabase({ dataDir: options.dataDir, databaseUrl: options.databaseUrl ?? null, logger });
		const database = must(options.database ?? own, 'a database');
		const context = await createContext(options, { database, logger, stopping: stopping.signal });
		const keptEpoch = readKeptEpoch(options.dataDir);
		if (context.epoch < keptEpoch) {
			await release();
			return fail({ databaseEpoch: context.epoch, keptEpoch });
		}
		keepEpoch(options.dataDir, context.epoch);
		startUpkeep(context);
		return ok({ context, close: once(release), stop: () => stopping.abort() });
	} catch (error) {
		await release();
		throw error;
	}
}

type Parts = { readonly database: Database; readonly logger: Logger; readonly stopping: AbortSignal };

async function createContext(options: OfficeOptions, { database, logger, stopping }: Parts): Promise<HqContext> {
	const clock = options.clock ?? createSystemClock();
	const random = options.random ?? createSystemRandom();
	await migrate(database, clock);
	const state = await prepareState(database, options, { clock, random });
	const listeners = new Set<() => void>();
	return {
		database,
		clock,
		random,
		timers: options.timers ?? createSystemTimers(),
		logger,
		dataDir: options.dataDir,
		epoch: state.epoch,
		secret: state.secret,
		programme: () => state.programme,
		cashiers: () => state.cashiers,
		onStaged: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		announceStaged: () => {
			for (const listener of listeners) listener();
		},
		stopping,
	};
}

async function prepareState(
	database: Database,
	options: OfficeOptions,
	ports: { readonly clock: Clock; readonly random: Random },
): Promise<HqState> {
	const source = { ...ports, programme: options.programme ?? DEFAULT_PROGRAMME };
	const before = await loadState(database, source);
	if (options.isRestored === true) await raiseEpoch(database, readKeptEpoch(options.dataDir));
	const state = options.isRestored === true ? await loadState(database, source) : before;
	const needsRoster = options.hasDemonstrationRoster === true && state.cashiers.length === 0;
	const cashiers = needsRoster ? await createDemonstrationRoster(ports.random) : state.cashiers;
	return saveProgramme(database, state, { programme: options.programme ?? state.programme, cashiers });
}

/** `run`, at most once: a second call gets the first one's promise. */
export function once(run: () => Promise<void>): () => Promise<void> {
	let running: Promise<void> | null = null;
	return () => (running ??= run());
}
