import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { syncFolder, systemCode } from '../data-folder.ts';

/** Events whose lines are to lose names and contacts, kept in the data folder until the journal could be rewritten. */
export type UnscrubbedList = {
	readonly list: () => Promise<readonly EventId[]>;
	/** On the disk when it resolves. */
	readonly add: (eventIds: readonly EventId[]) => Promise<void>;
	readonly clear: () => Promise<void>;
};

/** One id per line; a last line that was torn is left out, and comes again with the page that asked for it. */
export function createUnscrubbedList(dataFolder: string): UnscrubbedList {
	const file = path.join(dataFolder, 'journal.unscrubbed');
	let known: readonly EventId[] | null = null;

	async function read(): Promise<readonly EventId[]> {
		try {
			const lines = (await readFile(file, 'latin1')).split('\n');
			return lines.flatMap((line) => z.array(EventIdSchema).safeParse([line]).data ?? []);
		} catch (cause) {
			if (systemCode(cause) === 'ENOENT') return [];
			throw cause;
		}
	}

	return {
		list: async () => (known ??= await read()),
		add: async (eventIds) => {
			known ??= await read();
			const handle = await open(file, 'a', 0o600);
			try {
				await handle.appendFile(`\n${eventIds.join('\n')}\n`);
				await handle.sync();
			} finally {
				await handle.close();
			}
			await syncFolder(dataFolder);
			known = [...known, ...eventIds];
		},
		clear: async () => {
			await rm(file, { force: true });
			known = [];
		},
	};
}
