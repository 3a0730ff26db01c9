import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The epoch as it is kept outside of the database, in `<dataDir>/epoch.json`. A database that was restored from a backup has the epoch of
 * then; this file has the one that terminals have seen. Written before anybody is served with a new epoch.
 */
const FileSchema = z.object({ epoch: z.int().min(1) });

/** The database is older than what terminals have seen: it was restored, and nobody said so. */
export type EpochBehind = { readonly databaseEpoch: number; readonly keptEpoch: number };

/** The kept epoch, 0 when none was kept yet. Throws for a file that cannot be read: guessing would lose events. */
export function readKeptEpoch(dataDir: string): number {
	try {
		return FileSchema.parse(JSON.parse(readFileSync(pathIn(dataDir), 'utf8'))).epoch;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
		throw error;
	}
}

/** Keeps `epoch`, if it is another than the kept one. */
export function keepEpoch(dataDir: string, epoch: number): void {
	if (readKeptEpoch(dataDir) === epoch) return;
	const unfinished = `${pathIn(dataDir)}.new`;
	writeFileSync(unfinished, `${JSON.stringify({ epoch })}\n`, { mode: 0o600, flush: true });
	renameSync(unfinished, pathIn(dataDir));
}

function pathIn(dataDir: string): string {
	return join(dataDir, 'epoch.json');
}
