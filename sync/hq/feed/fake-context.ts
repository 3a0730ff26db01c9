import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import pino from 'pino';
import type { Timers } from '#shared/lib/clock.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import type { HqContext } from '../context.ts';
import { DEFAULT_PROGRAMME } from '../programme.ts';
import type { Database } from '../storage/database.ts';
import { openPglite } from '../storage/pglite.ts';
import { openPostgres } from '../storage/postgres.ts';
import { migrate } from '../storage/schema.ts';

/** A headquarters for tests: a real database in memory, a real folder, time and randomness that the test governs. */
export type FakeHeadquarters = {
	readonly context: HqContext;
	readonly time: FakeTime;
	/** Timers that are set to `delayMs` and have neither run nor been cancelled. */
	readonly timersOf: (delayMs: number) => number;
	/** Empties the database, as if it were new. */
	readonly reset: () => Promise<void>;
	/** Aborts `context.stopping`. */
	readonly stopAll: () => void;
	readonly close: () => Promise<void>;
};

/**
 * Starting the database takes about two seconds: one for all tests of a file. It is embedded, unless `REGULARS_TEST_DATABASE_URL` names an empty
 * PostgreSQL server; there only one test file may run at a time.
 */
export async function openFakeHeadquarters(database?: Database): Promise<FakeHeadquarters> {
	const time = createFakeTime({ settle: () => setImmediate() });
	const opened = database ?? (await openTestDatabase());
	await migrate(opened, time.clock);
	const dataDir = await mkdtemp(join(tmpdir(), 'regulars-hq-'));
	const counted = countTimers(time.timers);
	const stopping = new AbortController();
	const listeners = new Set<() => void>();
	const context: HqContext = {
		database: opened,
		clock: time.clock,
		random: time.random,
		timers: counted.timers,
		logger: pino({ level: 'silent' }),
		dataDir,
		epoch: 1,
		secret: 'for tests',
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
		stopping: stopping.signal,
	};
	const reset = async (): Promise<void> => {
		await opened.exec(`
			TRUNCATE member, card_index, change_staging, member_import, ledger_entry, hq_state;
			UPDATE shard SET last_seq = 0, horizon = 0;
			INSERT INTO hq_state (secret, created_at) VALUES ('for tests', 0)`);
	};
	await reset();
	return {
		context,
		time,
		timersOf: counted.of,
		reset,
		stopAll: () => stopping.abort(),
		close: async () => {
			stopping.abort();
			await opened.close();
			await rm(dataDir, { recursive: true, force: true });
		},
	};
}

async function openTestDatabase(): Promise<Database> {
	const url = process.env['REGULARS_TEST_DATABASE_URL'];
	return url === undefined ? openPglite() : openPostgres(url, () => undefined);
}

function countTimers(timers: Timers): { readonly timers: Timers; readonly of: (delayMs: number) => number } {
	const waiting = new Map<symbol, number>();
	const after: Timers['after'] = (delayMs, run) => {
		const timer = Symbol('timer');
		waiting.set(timer, delayMs);
		const cancel = timers.after(delayMs, () => {
			waiting.delete(timer);
			run();
		});
		return () => {
			waiting.delete(timer);
			cancel();
		};
	};
	return { timers: { after }, of: (delayMs) => [...waiting.values()].filter((waits) => waits === delayMs).length };
}
