import { must } from '#shared/lib/assert.ts';
import type { Queryable } from '../../storage/database.ts';
import type { Place } from './records.ts';

/**
 * How far an import has come. The row is written in the transaction of each page, so that page and place are on disk together:
 * an import that was broken off, by whatever, goes on behind its last page, and a finished one is known as finished.
 */
export type Checkpoint = {
	readonly source: string;
	/** Bytes of a file, members of a synthetic base. */
	readonly next: Place;
	readonly imported: number;
	readonly rejected: number;
	/** Length of the list of rejected lines. */
	readonly rejectedBytes: number;
	readonly finishedAtMs: number | null;
};

type CheckpointRow = {
	readonly next_byte: number;
	readonly next_line: number;
	readonly imported: number;
	readonly rejected: number;
	readonly rejected_bytes: number;
	readonly finished_at: number | null;
};

/** The checkpoint of `source`; a new one begins at `first`. */
export async function openCheckpoint(
	database: Queryable,
	source: string,
	begin: { readonly first: Place; readonly nowMs: number },
): Promise<Checkpoint> {
	const { first, nowMs } = begin;
	await database.query(
		'INSERT INTO member_import (source, next_byte, next_line, started_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
		[source, first.byte, first.line, nowMs],
	);
	const rows = await database.query<CheckpointRow>(
		'SELECT next_byte, next_line, imported, rejected, rejected_bytes, finished_at FROM member_import WHERE source = $1',
		[source],
	);
	const row = must(rows[0], 'the checkpoint just made');
	return {
		source,
		next: { byte: row.next_byte, line: row.next_line },
		imported: row.imported,
		rejected: row.rejected,
		rejectedBytes: row.rejected_bytes,
		finishedAtMs: row.finished_at,
	};
}

/** Takes the checkpoint for the rest of the transaction and says whether it still stands at `known`: not when another run of the same import is ahead. */
export async function lockCheckpoint(tx: Queryable, known: Checkpoint): Promise<boolean> {
	const rows = await tx.query<{ next_byte: number; finished_at: number | null }>(
		'SELECT next_byte, finished_at FROM member_import WHERE source = $1 FOR UPDATE',
		[known.source],
	);
	const row = must(rows[0], 'the checkpoint of a running import');
	return row.next_byte === known.next.byte && row.finished_at === known.finishedAtMs;
}

/** Moves the locked checkpoint. */
export async function moveCheckpoint(
	tx: Queryable,
	{ source, next, imported, rejected, rejectedBytes, finishedAtMs }: Checkpoint,
): Promise<void> {
	await tx.query(
		'UPDATE member_import SET next_byte = $2, next_line = $3, imported = $4, rejected = $5, rejected_bytes = $6, finished_at = $7 WHERE source = $1',
		[source, next.byte, next.line, imported, rejected, rejectedBytes, finishedAtMs],
	);
}
