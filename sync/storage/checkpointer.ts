import { openConnection } from './connection.ts';
import { sizeOfFile } from './data-folder.ts';
import { SqliteError } from './sqlite-error.ts';

/**
 * Moves a file's write-ahead log into the file, in the background and over a connection of its own, so that no commit ever pays for it
 * (inline checkpoints made one sale in a hundred take 200 ms). A checkpoint that fails loses nothing: the log stays and the next one
 * tries again; a full disk shows at the next commit.
 */
export type Checkpointer = {
	/** After a commit. Looks at the log's size every few commits and starts a checkpoint when it is large. */
	readonly noteCommit: () => void;
	/** After a run of commits, while nothing writes: a large log is moved before this resolves, so that the next run begins it anew. */
	readonly keepUp: () => Promise<void>;
	/** Empties the log: deleted personal data is gone from the disk when this resolves with `true`. */
	readonly truncate: () => Promise<boolean>;
	readonly close: () => Promise<void>;
};

export type CheckpointerOptions = {
	readonly file: string;
	/** Commits between two looks at the log. */
	readonly commitsPerLook: number;
	/** A log of this size is moved; 0: at every look. */
	readonly logBytes: number;
	readonly pragmas: Readonly<Record<string, number | string>>;
};

export async function openCheckpointer({ file, commitsPerLook, logBytes, pragmas }: CheckpointerOptions): Promise<Checkpointer> {
	const connection = await openConnection({ file, mode: 'existing', pragmas });
	let commits = 0;
	let running: Promise<unknown> = Promise.resolve();
	let isRunning = false;
	let isClosed = false;

	async function checkpoint(kind: 'PASSIVE' | 'TRUNCATE'): Promise<boolean> {
		try {
			const row = await connection.get(`PRAGMA wal_checkpoint(${kind})`);
			return row !== null && row['busy'] === 0;
		} catch (cause) {
			if (cause instanceof SqliteError) return false;
			throw cause;
		}
	}

	async function checkpointIfLarge(): Promise<void> {
		if (((await sizeOfFile(`${file}-wal`)) ?? 0) >= logBytes && !isClosed) await checkpoint('PASSIVE');
		isRunning = false;
	}

	return {
		noteCommit: () => {
			commits += 1;
			if (commits < commitsPerLook || isRunning || isClosed) return;
			commits = 0;
			isRunning = true;
			running = checkpointIfLarge();
		},
		keepUp: async () => {
			await running;
			await checkpointIfLarge();
		},
		truncate: async () => !isClosed && checkpoint('TRUNCATE'),
		close: async () => {
			isClosed = true;
			await running;
			await connection.close();
		},
	};
}
