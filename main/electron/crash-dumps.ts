import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** A dump is a picture of the memory and may hold member data: they stay on this machine, and only the newest few. */
const DUMPS_MAX = 5;

/** The options of the crash reporter: nothing ever leaves the machine. */
export const CRASH_REPORTER = { uploadToServer: false } as const;

/** Removes all but the newest dumps below `folder`. A folder that is not there has none. Gives how many it removed. */
export async function pruneCrashDumps(folder: string): Promise<number> {
	const names = await readdir(folder, { recursive: true }).catch(() => []);
	const dumps = await Promise.all(
		names
			.filter((name) => name.endsWith('.dmp'))
			.map(async (name) => {
				const file = path.join(folder, name);
				// One that is gone meanwhile counts as old: removing it again does no harm.
				return {
					file,
					modifiedAtMs: await stat(file).then(
						(found) => found.mtimeMs,
						() => 0,
					),
				};
			}),
	);
	const old = dumps.toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs).slice(DUMPS_MAX);
	for (const { file } of old) await rm(file, { force: true });
	return old.length;
}
