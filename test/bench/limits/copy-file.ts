import { copyFile, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender } from '../runner/gather-runs.ts';

export const COPY = 'copy of a ready file';

/** The limit of the disk: a replica that is ready is copied and flushed. Runs after the terminal, whose file it copies. */
export function copyReplica({
	from,
	folder,
	members,
}: {
	readonly from: string;
	readonly folder: string;
	readonly members: number;
}): Contender {
	return {
		name: COPY,
		note: 'a limit: the finished replica, copied and flushed',
		run: async () => {
			const file = join(folder, 'copy.db');
			await rm(file, { force: true });
			const startedAt = performance.now();
			await copyFile(from, file);
			const handle = await open(file, 'r+');
			await handle.sync();
			await handle.close();
			const loadS = (performance.now() - startedAt) / 1000;
			const fileMib = (await stat(file)).size / 2 ** 20;
			await rm(file, { force: true });
			return { type: 'values', values: { loadS, firstS: loadS, rowsPerS: members / loadS, fileMib } };
		},
	};
}
