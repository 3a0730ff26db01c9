import { chmod, mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';

/** Only the terminal's own account may read the folder: it holds members' names and contacts. */
const OWNER_ONLY = 0o700;
/** Written, flushed and removed to see that the disk takes a write. */
const PROBE = 'write-probe';

/**
 * Makes `folder` if it is missing, for this account alone, and checks that a file in it reaches the disk. Called once at start, so that
 * a read-only disk or a folder of another account is said in one sentence instead of at the first sale.
 * Fails with DISK-101 (no room) or DISK-102 (anything else), the system's code in `detail`.
 */
export async function prepareDataFolder(folder: string): Promise<Result<true, LoyaltyError>> {
	const probe = path.join(folder, PROBE);
	try {
		await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
		if (!(await stat(folder)).isDirectory()) return fail(terminalError('DISK-102', { detail: 'the data folder is no folder' }));
		await chmod(folder, OWNER_ONLY);
		const file = await open(probe, 'w', 0o600);
		try {
			await file.writeFile('probe');
			await file.sync();
		} finally {
			await file.close();
		}
		await rm(probe, { force: true });
		await syncFolder(folder);
		return ok(true);
	} catch (cause) {
		const code = systemCode(cause);
		if (code === null) throw cause;
		return fail(terminalError(code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK-101' : 'DISK-102', { detail: `data folder: ${code}` }));
	}
}

/** Puts a file that another writer has closed on the disk. */
export async function syncFile(file: string): Promise<void> {
	const handle = await open(file, 'r+');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** Puts the folder's own entries (a new or renamed file) on the disk. Windows does that by itself and cannot be asked to. */
export async function syncFolder(folder: string): Promise<void> {
	if (process.platform === 'win32') return;
	const handle = await open(folder, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** Whether there is a file, and how large. Bytes, or `null`. */
export async function sizeOfFile(file: string): Promise<number | null> {
	try {
		return (await stat(file)).size;
	} catch (cause) {
		if (systemCode(cause) === 'ENOENT') return null;
		throw cause;
	}
}

/** The code of a system error (`ENOSPC`, …), `null` of anything else. */
export function systemCode(cause: unknown): string | null {
	return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}
