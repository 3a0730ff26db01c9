/**
 * `npm test`: every check of the repository in the order in which a failure is cheapest to find, and it stops at the first stage
 * that fails. `--check` is the short form for every day (`npm run check`): no bundle, no browser, unit tests only.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { chromiumVersion, ensureChromium, ensureFonts } from './chromium.ts';
import { ensurePostgres } from './programs/postgres.ts';
import { ROOT } from './root.ts';
import { runNode, runTool } from './run-tool.ts';
import { findStrace } from './programs/strace.ts';

type Outcome = { readonly passed: number; readonly failed: number };
type Stage = { readonly name: string; readonly isShort: boolean; readonly run: () => Promise<Outcome> };

const VITEST_REPORT = join(ROOT, '.cache/vitest/report.json');
const PLAYWRIGHT_REPORT = join(ROOT, '.cache/e2e/report.json');

const VitestReport = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });
const PlaywrightReport = z.object({ stats: z.object({ expected: z.int(), unexpected: z.int(), flaky: z.int() }) });

/** What ships, and the gallery for the specs of the look. */
const BUNDLED = ['renderer', 'electron', 'kiosk', 'gallery'].flatMap((name) => ['--only', name]);

const isShort = process.argv.includes('--check');

const stages: readonly Stage[] = [
	check('types', async () => runTool('typescript', 'tsc', ['-b'])),
	check('lint', async () => runTool('oxlint', 'oxlint', [])),
	check('format', async () => runTool('oxfmt', 'oxfmt', ['--check'])),
	check('unused code', async () => runTool('knip', 'knip', ['-c', 'build/config/knip.json'])),
	{ ...check('bundle', async () => runNode(join(ROOT, 'build/scripts/bundle.ts'), BUNDLED)), isShort: false },
	// Before the tests: those of the kiosk host drive a real one.
	{ name: 'browser', isShort: false, run: findBrowser },
	{ name: 'database', isShort: false, run: findPostgres },
	{ name: isShort ? 'unit tests' : 'tests', isShort: true, run: runVitest },
	{ name: 'end to end', isShort: false, run: runPlaywright },
];

function check(name: string, run: () => Promise<number | null>): Stage {
	return { name, isShort: true, run: async () => verdict((await run()) === 0) };
}

function verdict(isGood: boolean): Outcome {
	return isGood ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runVitest(): Promise<Outcome> {
	rmSync(VITEST_REPORT, { force: true });
	const args = [
		'run',
		'-c',
		'build/config/vitest.config.ts',
		'--reporter=default',
		'--reporter=json',
		`--outputFile.json=${VITEST_REPORT}`,
	];
	const code = await runTool('vitest', 'vitest', isShort ? [...args, '--project', 'unit'] : args);
	return counted(code, () => {
		const report = VitestReport.parse(JSON.parse(readFileSync(VITEST_REPORT, 'utf8')));
		return { passed: report.numPassedTests, failed: report.numFailedTests };
	});
}

async function findBrowser(): Promise<Outcome> {
	ensureFonts();
	try {
		const path = ensureChromium();
		console.log(`${path} (${chromiumVersion(path)})`);
		return verdict(true);
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		return verdict(false);
	}
}

async function findPostgres(): Promise<Outcome> {
	try {
		console.log(ensurePostgres());
		console.log(findStrace());
		return verdict(true);
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		return verdict(false);
	}
}

async function runPlaywright(): Promise<Outcome> {
	rmSync(PLAYWRIGHT_REPORT, { force: true });
	const code = await runTool('@playwright/test', 'playwright', ['test', '-c', 'build/config/playwright.config.ts']);
	return counted(code, () => {
		const { stats } = PlaywrightReport.parse(JSON.parse(readFileSync(PLAYWRIGHT_REPORT, 'utf8')));
		return { passed: stats.expected, failed: stats.unexpected + stats.flaky };
	});
}

/** A runner's own count, which must agree with its exit code: a run that broke outside of any test counts as one failure. */
function counted(code: number | null, read: () => Outcome): Outcome {
	let outcome: Outcome;
	try {
		outcome = read();
	} catch (error) {
		console.error('The report of this stage cannot be read:', error);
		return verdict(false);
	}
	return code !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

function seconds(sinceMs: number): string {
	return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

let passed = 0;
const times: string[] = [];
for (const stage of stages.filter((candidate) => candidate.isShort || !isShort)) {
	console.log(`\n── ${stage.name} ──`);
	const startedMs = performance.now();
	// Stages follow each other on purpose: each needs what the one before has shown or made.
	const outcome = await stage.run();
	times.push(`${stage.name} ${seconds(startedMs)}`);
	passed += outcome.passed;
	if (outcome.failed === 0) continue;
	console.log(`\n${times.join(' · ')}\nFailed at: ${stage.name}\n${passed} passed, ${outcome.failed} failed`);
	process.exit(1);
}
console.log(`\n${times.join(' · ')}\n${passed} passed, 0 failed`);
