import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { assert } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';

const OwnerSchema = z.object({ pid: z.int().min(1), host: z.string(), startedAt: z.string() });
type Owner = z.infer<typeof OwnerSchema>;

/** Who has the folder. */
export type FolderTaken = { readonly pid: number; readonly host: string; readonly lockFile: string };
export type FolderLock = { readonly release: () => void };

/**
 * Takes the folder for this process alone, for PGlite has no lock of its own and two processes would destroy each other's data.
 * The lock is the file `hq.lock`. One that a dead process of this machine left behind is taken over; one of another machine
 * (a shared disk, a container with its own name) cannot be judged from here and counts as taken.
 */
export function takeFolderLock(folder: string): Result<FolderLock, FolderTaken> {
	mkdirSync(folder, { recursive: true });
	const lockFile = join(folder, 'hq.lock');
	// Twice: the second time after removing what a dead process left.
	for (let round = 0; round < 2; round += 1) {
		if (writeOwner(lockFile)) return ok({ release: () => rmSync(lockFile, { force: true }) });
		const owner = readOwner(lockFile);
		if (owner !== null && isAlive(owner)) return fail({ pid: owner.pid, host: owner.host, lockFile });
		rmSync(lockFile, { force: true });
	}
	return fail({ pid: process.pid, host: hostname(), lockFile });
}

function writeOwner(lockFile: string): boolean {
	try {
		const descriptor = openSync(lockFile, 'wx', 0o600);
		const owner: Owner = { pid: process.pid, host: hostname(), startedAt: startOf(process.pid) };
		writeSync(descriptor, JSON.stringify(owner));
		closeSync(descriptor);
		return true;
	} catch (error) {
		assert(error instanceof Error && 'code' in error, 'file errors have a code');
		if (error.code === 'EEXIST') return false;
		throw error;
	}
}

/** `null` for a file that was cut short by a crash or has gone meanwhile. */
function readOwner(lockFile: string): Owner | null {
	try {
		return OwnerSchema.parse(JSON.parse(readFileSync(lockFile, 'utf8')));
	} catch {
		return null;
	}
}

function isAlive(owner: Owner): boolean {
	if (owner.host !== hostname()) return true;
	// After a restart of the machine another process may have got the number of the one that left the file.
	if (owner.startedAt !== startOf(owner.pid)) return false;
	try {
		process.kill(owner.pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}

/** What tells two processes of one number apart, where the system says it (Linux: start time in ticks since boot); else empty. */
function startOf(pid: number): string {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
	} catch {
		return '';
	}
}
