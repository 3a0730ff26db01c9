import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** What a failure of SQLite means to us; each has its own response. */
export type SqliteFailure =
	/** No room on the disk, or the file reached its limit. */
	| 'full'
	/** The file is a database and its content contradicts itself, or it is none at all. */
	| 'damaged'
	/** Another connection held the lock for longer than the busy time-out. */
	| 'busy'
	/** The disk, the folder or its rights refused. */
	| 'io'
	/** A constraint, a type of a STRICT table, or a row that is there already. */
	| 'constraint'
	/** `interrupt` ended the statement. */
	| 'interrupted'
	/** The statement or a value in it (JSON, a search expression) is wrong. */
	| 'statement'
	/** Anything else: no memory, misuse. */
	| 'other';

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const FAILURE_OF_CODE: ReadonlyMap<number, SqliteFailure> = new Map([
	[1, 'statement'],
	[3, 'io'],
	[5, 'busy'],
	[6, 'busy'],
	[8, 'io'],
	[9, 'interrupted'],
	[10, 'io'],
	[11, 'damaged'],
	[13, 'full'],
	[14, 'io'],
	[15, 'busy'],
	[19, 'constraint'],
	[20, 'constraint'],
	[26, 'damaged'],
]);

/** A statement that failed. Thrown by connections and turned into a value by the repositories. Its message may quote names of columns, never values. */
export class SqliteError extends Error {
	override readonly name = 'SqliteError';
	readonly failure: SqliteFailure;
	/** SQLite's result code. */
	readonly code: number;

	constructor(cause: Error, sql: string) {
		const code = 'errno' in cause && typeof cause.errno === 'number' ? cause.errno : 0;
		super(`${cause.message}, in: ${sql.slice(0, 200)}`, { cause });
		this.code = code;
		// The low byte is the primary code, also of an extended one.
		this.failure = FAILURE_OF_CODE.get(code & 0xff) ?? 'other';
	}
}

/** The cashier's side of a failure of `outbox.db`. */
export function toDiskError(error: SqliteError): LoyaltyError {
	const detail = error.message.slice(0, 500);
	switch (error.failure) {
		case 'full':
			return terminalError('DISK-101', { detail });
		case 'damaged':
			return terminalError('DISK-103', { detail });
		case 'busy':
			return terminalError('DISK-105', { detail });
		case 'io':
		case 'constraint':
		case 'interrupted':
		case 'statement':
		case 'other':
			return terminalError('DISK-102', { detail });
	}
}
