import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { hasErrorCode } from '../../error-code.ts';

/** Older files than so many are removed: who wants to keep one takes it. */
const FILES_MAX = 50;

/** Writes `text` as a new file into `folder`, readable by this account alone, and gives its path. DISK-101 when there is no room, else DISK-102. */
export async function writeExport(folder: string, name: string, text: string): Promise<Result<string, LoyaltyError>> {
	const path = join(folder, name);
	try {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		await writeFile(path, text, { encoding: 'utf8', mode: 0o600 });
		// Names begin with their time, so that the oldest are first.
		const files = (await readdir(folder)).toSorted();
		for (const old of files.slice(0, Math.max(0, files.length - FILES_MAX))) await rm(join(folder, old), { force: true });
	} catch (cause) {
		return fail(terminalError(hasErrorCode(cause, 'ENOSPC', 'EDQUOT') ? 'DISK-101' : 'DISK-102'));
	}
	return ok(path);
}
