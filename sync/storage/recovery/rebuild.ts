import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '#shared/lib/assert.ts';
import type { Incarnation } from '#shared/domain/ids.ts';
import type { Random } from '#shared/lib/clock.ts';
import type { Connection } from '../connection.ts';
import { sizeOfFile, syncFolder } from '../data-folder.ts';
import { OUTBOX_MIGRATIONS } from '../migrations/outbox-migrations.ts';
import { newIncarnation } from '../outbox/outbox-context.ts';
import { createOutboxFile } from '../outbox/outbox-file.ts';
import { insertRows, isSettled, liveIn } from './recovered-row.ts';
import type { RecoveredRow } from './recovered-row.ts';
import type { SalvagedState } from './salvage.ts';

/** Complete, and only to be put in the place of `outbox.db`. */
const RECOVERED = 'outbox.recovered.db';
const DRAFT = 'outbox.recovering.db';
const COMPANIONS = ['', '-wal', '-shm'];

export type Rebuilding = {
	readonly folder: string;
	readonly rows: readonly RecoveredRow[];
	/** No row is missing. */
	readonly isComplete: boolean;
	/** In which the last row was recorded; `null` when that is not known. */
	readonly lastIncarnation: Incarnation | null;
	readonly state: SalvagedState | null;
	readonly random: Random;
};

/**
 * Makes `outbox.recovered.db` with `rows`, complete and on the disk. Outcomes are pulled again from the first on.
 */
export async function rebuildOutbox({ folder, rows, isComplete, lastIncarnation, state, random }: Rebuilding): Promise<void> {
	const incarnation = lastIncarnation ?? newIncarnation(random);
	const draft = path.join(folder, DRAFT);
	for (const companion of COMPANIONS) await rm(draft + companion, { force: true });
	const connection = await createOutboxFile({ file: draft, random, migrations: OUTBOX_MIGRATIONS });
	try {
		await connection.transaction(async (tx) => {
			await insertRows(tx, isComplete ? rows : renumber(rows, incarnation, random), random);
			await liveIn(tx, incarnation, random);
			await tx.run(
				`UPDATE state SET hq_epoch = ?1, skew = ?2, last_card_number = nullif(max(coalesce(last_card_number, -1), coalesce(?3, -1)), -1)
				WHERE id = 1`,
				[state?.hqEpoch ?? 0, state?.skewMs ?? 0, state?.lastCardNumber ?? null],
			);
		});
		await assertSound(connection);
	} finally {
		await connection.close();
	}
	await rename(draft, path.join(folder, RECOVERED));
	await syncFolder(folder);
}

/**
 * Where rows are missing, the numbers are given so that headquarters knows of more than there is: it then hands back what it has, and the
 * outbox takes a new incarnation.
 */
function renumber(rows: readonly RecoveredRow[], incarnation: Incarnation, random: Random): readonly RecoveredRow[] {
	const past = newIncarnation(random);
	let [waiting, settled] = [0, 0];
	return rows.map((row) =>
		isSettled(row) ? { ...row, incarnation: past, seq: (settled += 1) } : { ...row, incarnation, seq: (waiting += 1) },
	);
}

async function assertSound(connection: Connection): Promise<void> {
	const check = await connection.get('PRAGMA integrity_check(1)');
	assert(check?.['integrity_check'] === 'ok', 'what was made anew is sound');
}

/**
 * Puts the recovered outbox in its place, the damaged one aside as `outbox.damaged-<ms>.db` with its log. Also finishes what a crash broke off:
 * from the first rename on, the recovered file decides. Answers whether there was anything to do.
 */
export async function putRecoveredInPlace(folder: string): Promise<boolean> {
	const recovered = path.join(folder, RECOVERED);
	if ((await sizeOfFile(recovered)) === null) return false;
	const live = path.join(folder, 'outbox.db');
	const aside = path.join(folder, `outbox.damaged-${await damagedSince(folder)}.db`);
	// The database first: a log alone is never taken for an outbox, a database without its log could be.
	for (const companion of COMPANIONS) await moveIfThere(live + companion, aside + companion);
	await syncFolder(folder);
	await rename(recovered, live);
	await syncFolder(folder);
	return true;
}

/** The moment at which the recovered file was made: the same for all parts, also when a crash came between them. */
async function damagedSince(folder: string): Promise<number> {
	return Math.round((await stat(path.join(folder, RECOVERED))).mtimeMs);
}

async function moveIfThere(from: string, to: string): Promise<void> {
	if ((await sizeOfFile(from)) !== null) await rename(from, to);
}
