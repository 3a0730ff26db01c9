import { z } from 'zod';
import { openConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { SqliteError } from '../sqlite-error.ts';
import { RECOVERED_ROW_SQL, RecoveredRowSchema } from './recovered-row.ts';
import type { RecoveredRow } from './recovered-row.ts';

/** What could be read of a damaged `outbox.db`, through SQLite itself and without changing a byte of it. */
export type Salvage = {
	readonly rows: readonly RecoveredRow[];
	/** Stretches of rows that could not be read. */
	readonly unreadable: number;
	readonly state: SalvagedState | null;
};
export type SalvagedState = { readonly hqEpoch: number; readonly skewMs: number; readonly lastCardNumber: number | null };

/** Rows that are read at once; where that fails they are read in halves. */
const ROWS_PER_READ = 128;
/** Reads that may fail: a hundred damaged pages cost some thousands. A table that is gone altogether is given up after this many. */
const FAILURES_MAX = 20_000;
/** Where the table is taken to end when even that cannot be read. */
const POSITIONS_MAX = 1 << 20;

const ROWS_BETWEEN = `SELECT ${RECOVERED_ROW_SQL} AS row FROM entry NOT INDEXED WHERE position > ?1 AND position <= ?2 ORDER BY position`;
const LAST_POSITION = 'SELECT max(position) AS position FROM entry NOT INDEXED';
const PositionSchema = z.object({ position: z.int().nullable() });
const StateSchema = z.object({ hq_epoch: z.int(), skew: z.int(), last_card_number: z.int().nullable() });

const NOTHING: Salvage = { rows: [], unreadable: 0, state: null };

/** Reads what can be read. A file that is no database, or has no table of ours, gives nothing. */
export async function salvageOutbox(file: string): Promise<Salvage> {
	try {
		const connection = await openConnection({ file, mode: 'read_only', pragmas: {} });
		try {
			return { ...(await readEntries(connection)), state: await readState(connection) };
		} finally {
			await connection.close();
		}
	} catch (cause) {
		if (cause instanceof SqliteError) return NOTHING;
		throw cause;
	}
}

type Reading = {
	readonly connection: Connection;
	readonly rows: RecoveredRow[];
	/** Why entries were closed, by event id. */
	readonly closings: Map<string, string>;
	unreadable: number;
	failures: number;
};

const CLOSINGS = `SELECT event_id, closing FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND status = 'closed' AND closing IS NOT NULL`;
const ClosingRowSchema = z.object({ event_id: z.string(), closing: z.string() });

/** Apart from the rows, since a file of the first version lacks the column: an entry stays closed also where the reason cannot be read. */
async function readClosings(connection: Connection, closings: Map<string, string>): Promise<void> {
	for (const row of (await tryReading(() => connection.all(CLOSINGS))) ?? []) {
		const parsed = ClosingRowSchema.safeParse(row);
		if (parsed.success) closings.set(parsed.data.event_id, parsed.data.closing);
	}
}

async function readEntries(connection: Connection): Promise<Pick<Salvage, 'rows' | 'unreadable'>> {
	const reading: Reading = { connection, rows: [], closings: new Map(), unreadable: 0, failures: 0 };
	await readClosings(connection, reading.closings);
	const last = PositionSchema.safeParse(await tryReading(() => connection.get(LAST_POSITION)));
	const end = last.success ? (last.data.position ?? 0) : POSITIONS_MAX;
	for (let after = 0; after < end && reading.failures < FAILURES_MAX; after += ROWS_PER_READ) {
		await readBetween(reading, after, Math.min(after + ROWS_PER_READ, end));
	}
	return reading;
}

async function readBetween(reading: Reading, after: number, upTo: number): Promise<void> {
	const found = await tryReading(() => reading.connection.all(ROWS_BETWEEN, [after, upTo]));
	if (found !== null) {
		for (const { row } of found) {
			const parsed = RecoveredRowSchema.safeParse(parse(row));
			if (parsed.success) reading.rows.push({ ...parsed.data, closing: reading.closings.get(parsed.data.event_id) ?? null });
			else reading.unreadable += 1;
		}
		return;
	}
	reading.failures += 1;
	if (upTo - after === 1 || reading.failures >= FAILURES_MAX) {
		reading.unreadable += upTo - after;
		return;
	}
	const middle = Math.floor((after + upTo) / 2);
	await readBetween(reading, after, middle);
	await readBetween(reading, middle, upTo);
}

async function readState(connection: Connection): Promise<SalvagedState | null> {
	const parsed = StateSchema.safeParse(
		await tryReading(() => connection.get('SELECT hq_epoch, skew, last_card_number FROM state WHERE id = 1')),
	);
	if (!parsed.success) return null;
	return { hqEpoch: parsed.data.hq_epoch, skewMs: parsed.data.skew, lastCardNumber: parsed.data.last_card_number };
}

/** `null` when the pages that it needs are damaged. */
async function tryReading<T>(read: () => Promise<T>): Promise<T | null> {
	try {
		return await read();
	} catch (cause) {
		if (cause instanceof SqliteError) return null;
		throw cause;
	}
}

function parse(text: unknown): unknown {
	try {
		const value: unknown = JSON.parse(String(text));
		return value;
	} catch {
		// Damage inside a row: no schema fits `undefined`.
		return undefined;
	}
}
