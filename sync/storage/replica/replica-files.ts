/** The files of a replica in its data folder, and what may be done to them while nobody has them open. */
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { sizeOfFile, syncFolder } from '../data-folder.ts';

/** Beside the database: its log, the log's index, its rollback journal. */
const COMPANIONS = ['-wal', '-shm', '-journal'];

const DAMAGED = /^replica\.damaged-(\d+)\.db$/;
/** A file that was put aside is for a technician; opt-outs do not reach it, so it does not stay. */
const DAMAGED_KEPT_MS = 30 * 86_400_000;

export type ReplicaFiles = {
	readonly folder: string;
	/** Look-ups answer from it. */
	readonly live: string;
	/** A load in progress, or one that was broken off. */
	readonly loading: string;
	/** Shards that are being loaded to replace those of the live one. */
	readonly shards: string;
};

export function replicaFiles(folder: string): ReplicaFiles {
	return {
		folder,
		live: path.join(folder, 'replica.db'),
		loading: path.join(folder, 'replica.loading.db'),
		shards: path.join(folder, 'replica.shards.db'),
	};
}

export async function exists(file: string): Promise<boolean> {
	return (await sizeOfFile(file)) !== null;
}

/** Deletes a database with its companions. */
export async function removeDatabase(file: string): Promise<void> {
	// The log before the database: a log that finds another database in its place would be replayed into it.
	for (const name of [...COMPANIONS.map((companion) => file + companion), file]) await rm(name, { force: true });
}

/**
 * Puts the loaded file in the place of the live one. Should the power fail in between, either the old replica or a complete loaded one is
 * there, and the next start knows both.
 */
export async function swapFiles({ folder, live, loading }: ReplicaFiles): Promise<void> {
	for (const file of [live, loading]) for (const companion of COMPANIONS) await rm(file + companion, { force: true });
	await rename(loading, live);
	await syncFolder(folder);
}

/** Puts a damaged file aside for diagnosis; at most one is kept. Its log and journal are worth nothing without it. */
export async function putAside({ folder, live }: ReplicaFiles, nowMs: number): Promise<void> {
	await removeAside(folder, () => true);
	for (const companion of COMPANIONS) await rm(live + companion, { force: true });
	await rename(live, path.join(folder, `replica.damaged-${Math.round(nowMs)}.db`));
	await syncFolder(folder);
}

/** Removes a file that was put aside too long ago. */
export function removeOldAside(folder: string, nowMs: number): Promise<void> {
	return removeAside(folder, (sinceMs) => nowMs - sinceMs > DAMAGED_KEPT_MS);
}

/** Removes everything: the terminal was revoked, or headquarters is another. */
export async function removeAll({ folder, live, loading, shards }: ReplicaFiles): Promise<void> {
	for (const file of [live, loading, shards]) await removeDatabase(file);
	await removeAside(folder, () => true);
	await syncFolder(folder);
}

async function removeAside(folder: string, isUnwanted: (sinceMs: number) => boolean): Promise<void> {
	for (const name of await readdir(folder)) {
		const sinceMs = DAMAGED.exec(name)?.[1];
		if (sinceMs !== undefined && isUnwanted(Number(sinceMs))) await rm(path.join(folder, name), { force: true });
	}
}
