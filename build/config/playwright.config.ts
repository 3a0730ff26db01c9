import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { findChromium } from '../scripts/chromium.ts';
import { chooseHosts, HOST_NAMES } from '../scripts/launch/e2e-hosts.ts';

const root = join(import.meta.dirname, '../..');
const chromium = findChromium();

/** The same specs for both hosts. */
const { hosts, leftOut } = chooseHosts({ root, platform: process.platform, environment: process.env });
// Playwright reads this file in every worker as well.
if (leftOut !== null && process.env['TEST_WORKER_INDEX'] === undefined) process.stdout.write(`${leftOut}\n`);

const launchOptions = chromium === null ? {} : { executablePath: chromium };

export default defineConfig({
	testMatch: '**/*.e2e.ts',
	outputDir: join(root, '.cache/e2e/results'),
	snapshotPathTemplate: join(root, 'test/e2e/screenshots/{arg}{ext}'),
	fullyParallel: false,
	forbidOnly: true,
	workers: 2,
	retries: 0,
	// Two terminals, each with services in a process of their own, start in some of them.
	timeout: 120_000,
	expect: { timeout: 10_000 },
	reporter: [['list'], ['json', { outputFile: join(root, '.cache/e2e/report.json') }]],
	use: {
		browserName: 'chromium',
		headless: process.env['HEADED'] === undefined,
		serviceWorkers: 'block',
		trace: 'retain-on-failure',
		screenshot: 'only-on-failure',
		launchOptions,
	},
	projects: [
		...hosts.map((host) => ({
			name: host.name,
			testDir: join(root, 'test/e2e'),
			// What belongs to one host alone says so in its name.
			testIgnore: HOST_NAMES.filter((name) => name !== host.name).map((name) => `**/*.${name}.e2e.ts`),
			metadata: { host },
		})),
		{
			name: 'look',
			testDir: join(root, 'test/look'),
			outputDir: join(root, '.cache/e2e/look'),
			fullyParallel: true,
			timeout: 180_000,
			use: {
				// A state that fails is told in words, and the page is shared by all of them.
				trace: 'off' as const,
				screenshot: 'off' as const,
				launchOptions: { ...launchOptions, args: ['--allow-file-access-from-files'] },
			},
		},
	],
});
