import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { assert } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { openCheckpointer } from './checkpointer.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { sizeOfFile, syncFolder, systemCode } from './data-folder.ts';
import { migrate } from './migrations/migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { OUTBOX_MIGRATIONS } from './migrations/outbox-migrations.ts';
import { createOutbox } from './outbox/create-outbox.ts';
import { readMemory } from './outbox/outbox-context.ts';
import { createOutboxFile, DURABLE, judgeOutboxFile, OUTBOX_PAGE_BYTES } from './outbox/outbox-file.ts';
import { SqliteError, toDiskError } from './sqlite-error.ts';

/** The file's limit. Recording has a lower one of its own, so that outcomes always find room. */
const OUTBOX_BYTES_MAX = 4 * 1024 ** 3;

/** Commits after which the log is moved into the file in the background: some ten megabytes. */
const COMMITS_PER_CHECKPOINT = 256;
export type OutboxOptions = {
	readonly folder: string;
	readonly clock: Clock;
	readonly random: Random;
	/** Smaller than `OUTBOX_BYTES_MAX` for a terminal with little room. */
	readonly maxBytes?: number;
	/** Makes room on a full disk; `false` when there is none to make. Asked before anything is refused for want of room. */
	readonly makeRoom?: () => Promise<boolean>;
	/** The steps of the schema that this program knows: all of them, but for a test of another version. */
	readonly migrations?: readonly Migration[];
};

/**
 * Opens the outbox of a data folder, or makes it. Fails with DISK-103 when `outbox.db` is damaged and DISK-104 when a newer version wrote it;
 * the file is then as it was. An older one is brought up to date, after a copy of it was put beside it as `outbox.pre-<version>.db`.
 */
export async function openOutbox(options: OutboxOptions): Promise<Result<Outbox, LoyaltyError>> {
	const file = path.join(options.folder, 'outbox.db');
	try {
		const isMissing = (await sizeOfFile(file)) === null;
		// A log without its file: whoever took the file away took entries with it.
		if (isMissing && ((await sizeOfFile(`${file}-wal`)) ?? 0) > 0) {
			return fail(terminalError('DISK-103', { verdict: 'never', detail: 'outbox.db is missing, its log is there' }));
		}
		if (isMissing) await makeOutbox(file, options);
		const refusal = await judgeOutboxFile(file, (options.migrations ?? OUTBOX_MIGRATIONS).length);
		return refusal === null ? await startOutbox(file, options) : fail(refusal);
	} catch (cause) {
		if (cause instanceof SqliteError) return fail(toDiskError(cause));
		const code = systemCode(cause);
		if (code === null) throw cause;
		return fail(terminalError(code === 'ENOSPC' ? 'DISK-101' : 'DISK-102', { detail: `outbox.db: ${code}` }));
	}
}

/** A new outbox gets its name when it is complete: an `outbox.db` of no length is therefore always a damaged one. */
async function makeOutbox(file: string, { folder, random, migrations = OUTBOX_MIGRATIONS }: OutboxOptions): Promise<void> {
	const draft = path.join(folder, 'outbox.new.db');
	for (const leftover of [draft, `${draft}-wal`, `${draft}-shm`]) await rm(leftover, { force: true });
	const connection = await createOutboxFile({ file: draft, random, migrations });
	await connection.close();
	await rename(draft, file);
	await syncFolder(folder);
}

async function startOutbox(
	file: string,
	{ folder, clock, random, maxBytes = OUTBOX_BYTES_MAX, makeRoom = noRoom, migrations = OUTBOX_MIGRATIONS }: OutboxOptions,
): Promise<Result<Outbox, LoyaltyError>> {
	const opened: Connection[] = [];
	try {
		const max_page_count = Math.floor(maxBytes / OUTBOX_PAGE_BYTES);
		const writer = await openConnection({ file, mode: 'existing', pragmas: { ...DURABLE, max_page_count } });
		opened.push(writer);
		if (!(await isDurable(writer))) {
			await writer.close();
			return fail(terminalError('DISK-102', { verdict: 'never', detail: 'the data folder is on a disk without a write-ahead log' }));
		}
		await migrate(writer, migrations, (version) => path.join(folder, `outbox.pre-${version + 1}.db`));
		const memory = await readMemory(writer);
		const reader = await openConnection({ file, mode: 'existing', pragmas: { query_only: 1, temp_store: 'MEMORY' } });
		opened.push(reader);
		const checkpointer = await openCheckpointer({ file, commitsPerLook: COMMITS_PER_CHECKPOINT, logBytes: 0, pragmas: DURABLE });
		return ok(createOutbox({ writer, reader, checkpointer, clock, random, memory, makeRoom }));
	} catch (cause) {
		for (const connection of opened) await connection.close();
		throw cause;
	}
}

async function noRoom(): Promise<boolean> {
	return Promise.resolve(false);
}

/** Whether every commit is flushed. Some network drives have no write-ahead log, and SQLite then silently keeps the journal there was. */
async function isDurable(writer: Connection): Promise<boolean> {
	const settings = await writer.get('SELECT journal_mode, synchronous FROM pragma_journal_mode, pragma_synchronous');
	assert(settings?.['synchronous'] === 2, 'FULL is in force');
	return settings['journal_mode'] === 'wal';
}
