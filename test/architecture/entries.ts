/** Where the product starts: the files that nothing imports and that are run or shown all the same. */
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from './source-tree.ts';

const PROGRAMS = ['sync/hq/main.ts', 'main/kiosk/main.ts', 'main/electron/main.ts', 'main/electron/preload.ts'];

/** Paths from the root. The window's entries are those that its pages name. */
export function productEntries(): string[] {
	const pages = globSync('renderer/**/*.html', { cwd: ROOT }).map((page) => page.replaceAll('\\', '/'));
	const scripts = pages.flatMap((page) =>
		[...readFileSync(join(ROOT, page), 'utf8').matchAll(/<script[^>]*\ssrc="([^"]+)"/g)].map(([, source = '']) =>
			source.startsWith('/') ? posix.join('renderer', source) : posix.join(posix.dirname(page), source),
		),
	);
	return [...PROGRAMS, ...scripts];
}

/** What npm and the test runners start. */
export function toolEntries(): string[] {
	return globSync(
		[
			'build/{scripts,config}/*.ts',
			'test/{demo,bench,soak,simulation,durability}/main.ts',
			'test/bench/programs/*.ts',
			'test/durability/{crashing-terminal,full-disk-child}.ts',
			'test/soak/terminal.ts',
			'test/simulation/run/seed-worker.ts',
			'test/support/postgres-{database,server}.ts',
			'test/{e2e,look}/**/*.e2e.ts',
		],
		{ cwd: ROOT },
	).map((path) => path.replaceAll('\\', '/'));
}
