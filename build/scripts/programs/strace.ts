/**
 * Makes sure that the tests can count what the kernel is asked to flush (`test/durability/count-flushes.ts`): strace, installed on Debian as root if need
 * be. Where there is none the test says so and shows the rest without it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What it calls itself, or that there is none. */
export function findStrace(): string {
	const found = version();
	if (found !== null) return found;
	if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/etc/debian_version'))
		return 'no strace: flushes are not counted';
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
	spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'strace'], { stdio: 'inherit', env });
	return version() ?? 'strace could not be installed: flushes are not counted';
}

function version(): string | null {
	const run = spawnSync('strace', ['-V'], { encoding: 'utf8' });
	return run.status === 0 ? (run.stdout.split('\n')[0] ?? '') : null;
}
