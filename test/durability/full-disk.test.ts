import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createScratchFolder } from './scratch.ts';

const CHILD = fileURLToPath(new URL('full-disk-child.ts', import.meta.url));
const DISK_BYTES = 24 * 1024 ** 2;

const OutcomeSchema = z.object({
	onFullDisk: z.int(),
	refusedWith: z.string(),
	wasMissing: z.boolean(),
	afterwards: z.int(),
	entries: z.int(),
	maxSeq: z.int(),
	journalState: z.string(),
});

/** A mount namespace of the child's own: the small disk goes with it, however the child ends. As a common user in a user namespace, where allowed. */
function runOnSmallDisk(folder: string): ReturnType<typeof spawnSync> {
	const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
	const script = 'mount -t tmpfs -o size="$1" tmpfs "$2" && exec "$3" "$4" "$2"';
	return spawnSync('unshare', [...namespaces, 'sh', '-c', script, 'sh', String(DISK_BYTES), folder, process.execPath, CHILD], {
		encoding: 'utf8',
	});
}

function canMount(folder: string): boolean {
	const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
	return spawnSync('unshare', [...namespaces, 'mount', '-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' }).status === 0;
}

test(
	'DISK-101: on a disk that is really full the ballast is given up, sales go on, and when it is over nothing is lost',
	{ timeout: 120_000 },
	() => {
		const folder = createScratchFolder();
		if (!canMount(folder)) {
			// Elsewhere `sync/storage/full-disk.test.ts` holds it, with a limit of SQLite's own.
			process.stderr.write('No small disk can be mounted on this machine: the full disk is not tried for real.\n');
			return;
		}
		const run = runOnSmallDisk(folder);
		expect([run.status, run.stderr]).toEqual([0, '']);
		const outcome = OutcomeSchema.parse(JSON.parse(String(run.stdout)));
		expect(outcome).toMatchObject({ refusedWith: 'DISK-101', wasMissing: true, afterwards: 20, journalState: 'following' });
		// A recording writes some nine pages into the log, so that four megabytes are room for a hundred sales until the log is moved.
		expect(outcome.onFullDisk).toBeGreaterThan(50);
		expect(outcome.entries).toBe(20 + outcome.onFullDisk + 20);
		expect(outcome.maxSeq).toBe(outcome.entries);
	},
);
