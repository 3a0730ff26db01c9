import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { hasErrorCode } from '../../error-code.ts';

/** The largest file that is read, in characters. */
const LENGTH_MAX = 4_000_000;

/** What is in a file of ours: `absent` there is none, `damaged` it is not what was written (cut, edited, of another version). */
export type FileContent<T> =
	| { readonly state: 'present'; readonly value: T }
	| { readonly state: 'absent' }
	| { readonly state: 'damaged' };

/** Reads and parses `path`. Rejects only when the disk does. */
export async function readJsonFile<S extends z.ZodType>(path: string, schema: S): Promise<FileContent<z.infer<S>>> {
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch (cause) {
		if (hasErrorCode(cause, 'ENOENT')) return { state: 'absent' };
		throw cause;
	}
	if (text.length > LENGTH_MAX) return { state: 'damaged' };
	const parsed = schema.safeParse(parseJson(text));
	return parsed.success ? { state: 'present', value: parsed.data } : { state: 'damaged' };
}

/**
 * Replaces `path` whole or not at all, readable by this account alone: written beside it, fsynced, renamed over it.
 * After a crash there is the old content or the new.
 */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
	const draft = `${path}.new`;
	await rm(draft, { force: true });
	const file = await open(draft, 'wx', 0o600);
	try {
		await file.writeFile(`${JSON.stringify(value, null, '\t')}\n`, 'utf8');
		await file.sync();
	} finally {
		await file.close();
	}
	await rename(draft, path);
	await syncFolder(dirname(path));
}

/** Makes a rename in `folder` durable. Windows has no such call and needs none: NTFS journals the rename. */
async function syncFolder(folder: string): Promise<void> {
	if (process.platform === 'win32') return;
	const handle = await open(folder, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// What is no JSON is nothing that a schema accepts: the caller hears `damaged`.
		return undefined;
	}
}
