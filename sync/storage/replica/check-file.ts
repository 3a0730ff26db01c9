import { openConnection } from '../connection.ts';
import { SqliteError } from '../sqlite-error.ts';

/**
 * Whether every page of a replica can be read and its rows are in order: `quick_check`, over a connection of its own, some seconds for a
 * million members. Look-ups and changes go on meanwhile; only the log cannot be cut until it is done.
 */
export async function isFileSound(file: string): Promise<boolean> {
	try {
		const connection = await openConnection({ file, mode: 'existing', pragmas: { query_only: 1 } });
		try {
			return (await connection.get('PRAGMA quick_check(1)'))?.['quick_check'] === 'ok';
		} finally {
			await connection.close();
		}
	} catch (cause) {
		// Busy or short of memory says nothing about the file.
		if (cause instanceof SqliteError) return cause.failure !== 'damaged';
		throw cause;
	}
}
