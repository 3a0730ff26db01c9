import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Database } from './database.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

export type DatabaseOptions = { readonly dataDir: string; readonly databaseUrl: string | null; readonly logger: Logger };

/** The server at `databaseUrl`, else the embedded database in `<dataDir>/db`, which is made if it is not there. The caller has the folder's lock. */
export async function openDatabase({ dataDir, databaseUrl, logger }: DatabaseOptions): Promise<Database> {
	if (databaseUrl !== null) return openPostgres(databaseUrl, (error) => logger.warn({ error }, 'a connection to the database broke'));
	const folder = join(dataDir, 'db');
	if (!existsSync(folder)) await makeFolder(folder);
	return openPglite(folder);
}

/** Made aside and renamed when complete: a start that was broken off in the middle leaves nothing that looks like a database. */
async function makeFolder(folder: string): Promise<void> {
	const unfinished = `${folder}.new`;
	rmSync(unfinished, { recursive: true, force: true });
	mkdirSync(unfinished, { recursive: true });
	const database = await openPglite(unfinished);
	await database.close();
	renameSync(unfinished, folder);
}
