import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Rejection } from './sift.ts';

/**
 * The list of rejected lines beside an imported file: `line<TAB>reason`, one a row. It exists only when a line was rejected.
 * Written and synced before the page commits, at the place that the checkpoint says: what a page wrote that did not commit is written over.
 */
export type RejectedList = {
	/** Writes from byte `at`, cutting off what was behind it; the length afterwards. */
	readonly write: (rejections: readonly Rejection[], at: number) => Promise<number>;
	readonly close: () => Promise<void>;
};

const HEADER = 'line\treason\n';

/** Nothing is opened or created before the first write. */
export function createRejectedList(path: string): RejectedList {
	let file: FileHandle | null = null;
	return {
		write: async (rejections, at) => {
			file ??= await open(path, at === 0 ? 'w' : 'r+');
			const rows = rejections.map(({ line, reason }) => `${line}\t${reason}\n`).join('');
			const bytes = Buffer.from(at === 0 ? HEADER + rows : rows);
			await file.truncate(at);
			await file.write(bytes, 0, bytes.length, at);
			await file.datasync();
			return at + bytes.length;
		},
		close: async () => {
			await file?.close();
			file = null;
		},
	};
}
