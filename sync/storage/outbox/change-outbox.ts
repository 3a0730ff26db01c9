import { DiskFailure } from '../../outbox/disk-failure.ts';
import type { Executor } from '../connection.ts';
import { SqliteError, toDiskError } from '../sqlite-error.ts';
import { readMemory } from './outbox-context.ts';
import type { OutboxContext } from './outbox-context.ts';

/** What a change leaves: its answer, and how the mirror in memory follows. `null`: nothing changed. */
export type Change<T> = { readonly value: T; readonly follow: (() => void) | null };

/**
 * Runs `work` in one FULL transaction and lets the mirror follow once it is on the disk.
 * Rejects with `DiskFailure`; then nothing has changed, or only the file knows, which is read again before the next change.
 */
export async function changeOutbox<T>(context: OutboxContext, work: (tx: Executor) => Promise<Change<T>>): Promise<T> {
	const { memory, writer } = context;
	try {
		return await withRoom(context, async () => {
			const { value } = await writer.transaction(
				async (tx) => {
					if (!memory.isExact) Object.assign(memory, await readMemory(tx));
					return work(tx);
				},
				({ follow }) => {
					if (follow === null) return;
					follow();
					context.noteChange();
				},
			);
			return value;
		});
	} catch (cause) {
		throw toDiskFailure(cause);
	}
}

/** Runs `write`; on a full disk once more, if room can be made. After a failure the mirror is read again from the file. */
export async function withRoom<T>({ memory, makeRoom }: OutboxContext, write: () => Promise<T>): Promise<T> {
	try {
		return await write();
	} catch (cause) {
		if (!(cause instanceof SqliteError)) throw cause;
		memory.isExact = false;
		if (cause.failure !== 'full' || !(await makeRoom())) throw cause;
	}
	try {
		return await write();
	} catch (cause) {
		if (cause instanceof SqliteError) memory.isExact = false;
		throw cause;
	}
}

/** Reads over the reader. Rejects with `DiskFailure`. */
export async function readOutbox<T>({ reader }: OutboxContext, work: (executor: Executor) => Promise<T>): Promise<T> {
	try {
		return await work(reader);
	} catch (cause) {
		throw toDiskFailure(cause);
	}
}

function toDiskFailure(cause: unknown): unknown {
	return cause instanceof SqliteError ? new DiskFailure(toDiskError(cause), cause) : cause;
}
