import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '../..');
const TEST = '*.test.{ts,tsx}';
const SECOND_MS = 1000;

/** Globs are relative to the root. Every test file belongs to one project, `integration` takes what no other names; `postgresql` repeats some. */
const suites = {
	unit: { include: ['shared', 'sync', 'main', 'renderer', 'build', 'test/support', 'test/simulators'], testTimeout: 20 * SECOND_MS },
	architecture: { include: ['test/architecture'], testTimeout: 120 * SECOND_MS },
	contract: { include: ['test/contract', 'test/conformance'], testTimeout: 60 * SECOND_MS },
	simulation: { include: ['test/simulation'], testTimeout: 300 * SECOND_MS },
	pack: { include: ['test/pack'], testTimeout: 180 * SECOND_MS },
};
/** On a PostgreSQL server: what has to meet itself there, and once more the suites that the embedded database has passed. */
const ON_POSTGRESQL = ['test/feed/**', 'sync/hq/ledger', 'sync/hq/feed'];
const named = [...Object.values(suites).flatMap((suite) => suite.include), 'test/feed'];

export default defineConfig({
	root,
	cacheDir: join(root, '.cache/vite'),
	// In plain Node `electron` is a downloader, not an API (https://www.electronjs.org/docs/latest/breaking-changes, 42.0).
	resolve: { alias: [{ find: /^electron(\/.*)?$/, replacement: join(root, 'main/electron/fake-electron.ts') }] },
	test: {
		environment: 'node',
		pool: 'forks',
		maxWorkers: 2,
		hookTimeout: 60 * SECOND_MS,
		restoreMocks: true,
		projects: [
			...Object.entries(suites).map(([name, suite]) => ({
				extends: true as const,
				test: { name, include: suite.include.map((folder) => `${folder}/**/${TEST}`), testTimeout: suite.testTimeout },
			})),
			{
				extends: true as const,
				test: {
					name: 'postgresql',
					include: ON_POSTGRESQL.map((folder) => `${folder}/${TEST}`),
					globalSetup: ['test/support/postgres-server.ts'],
					setupFiles: ['test/support/postgres-database.ts'],
					testTimeout: 120 * SECOND_MS,
				},
			},
			{
				extends: true as const,
				test: {
					name: 'integration',
					include: [`test/**/${TEST}`],
					exclude: named.map((folder) => `${folder}/**`),
					testTimeout: 120 * SECOND_MS,
				},
			},
		],
	},
});
