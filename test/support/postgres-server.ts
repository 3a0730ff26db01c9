import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres.ts';

declare module 'vitest' {
	// An interface, because it is merged into vitest's own.
	interface ProvidedContext {
		/** The address of a running PostgreSQL server. */
		readonly postgresUrl: string;
	}
}

/** One server for all files of the project `postgresql`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
	const server = await startPostgres();
	project.provide('postgresUrl', server.url('postgres'));
	return server.stop;
}
