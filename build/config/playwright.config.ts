import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { findChromium } from '../scripts/chromium.ts';
import { electronBinary } from '../scripts/electron-binary.ts';

const root = join(import.meta.dirname, '../..');
const chromium = findChromium();

/** The same specs for both hosts. Without Electron's binary its project is absent, unless its absence is to be an error. */
const hosts = ['kiosk'];
if (electronBinary() !== null || process.env['REGULARS_REQUIRE_ELECTRON'] !== undefined) hosts.push('electron');

export default defineConfig({
	testDir: join(root, 'test/e2e'),
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
		launchOptions: chromium === null ? {} : { executablePath: chromium },
	},
	projects: hosts.map((name) => ({ name, metadata: { host: name } })),
});
