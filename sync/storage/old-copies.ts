/** Copies of `outbox.db` that were put beside it: `outbox.pre-N.db` before an upgrade, `outbox.damaged-<ms>.db` by a recovery, with their logs. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from './data-folder.ts';

const PRE_UPGRADE = /^outbox\.pre-\d+\.db(-wal|-shm)?$/;
const DAMAGED = /^outbox\.damaged-\d+\.db(-wal|-shm)?$/;

/** Deletes copies that were last written before `beforeMs`. Answers how many files. */
export async function removeOldCopies(folder: string, beforeMs: number): Promise<number> {
	return removeCopies(folder, async (name) => {
		if (!PRE_UPGRADE.test(name) && !DAMAGED.test(name)) return false;
		return (await stat(path.join(folder, name))).mtimeMs < beforeMs;
	});
}

/**
 * After an opt-out: copies hold what their outbox held, and no opt-out can be carried out in them. The one of before an upgrade is for an upgrade
 * that went wrong, which would have shown by now; a damaged one stays only while nobody knows whether everything was recovered from it.
 */
export async function removePersonalCopies(folder: string, isRecoveryComplete: boolean): Promise<number> {
	return removeCopies(folder, (name) => Promise.resolve(PRE_UPGRADE.test(name) || (isRecoveryComplete && DAMAGED.test(name))));
}

async function removeCopies(folder: string, isUnwanted: (name: string) => Promise<boolean>): Promise<number> {
	let removed = 0;
	for (const name of await readdir(folder)) {
		if (!(await isUnwanted(name))) continue;
		await rm(path.join(folder, name), { force: true });
		removed += 1;
	}
	if (removed > 0) await syncFolder(folder);
	return removed;
}
