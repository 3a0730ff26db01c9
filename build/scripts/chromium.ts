/**
 * Finds a Chromium for the window, the screenshots and the end-to-end tests, or installs one, and the fonts with it.
 * As a script: `node build/scripts/chromium.ts` prints the path; `--fonts-only` leaves the browser alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';
import { ROOT } from './root.ts';

const NAMES = [
	'chromium',
	'chromium-browser',
	'google-chrome',
	'google-chrome-stable',
	'microsoft-edge',
	'microsoft-edge-stable',
	'chrome',
];
/** Where browsers are that do not enter the PATH. */
const PLACES = [
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
	'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
/** One sample of each script that the screens and their tests show, and the Debian package that can draw it. */
const FONTS = [
	{ language: 'ar', debianPackage: 'fonts-noto-core' },
	{ language: 'th', debianPackage: 'fonts-noto-core' },
	{ language: 'ja', debianPackage: 'fonts-noto-cjk' },
];
const HINT = 'Install Chromium, Chrome or Edge, or set CHROMIUM to the path of one.';

/** The path of a Chromium on this machine: the variable CHROMIUM, then the PATH, then the usual places, then Playwright's own. */
export function findChromium(): string | null {
	const wanted = process.env['CHROMIUM'];
	if (wanted !== undefined && wanted !== '') return existsSync(wanted) ? wanted : onPath(wanted);
	for (const name of NAMES) {
		const path = onPath(name);
		if (path !== null) return path;
	}
	return [...PLACES, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}

/** The path of a Chromium, installed if need be. Throws with one sentence for a person if there is no way. */
export function ensureChromium(): string {
	const found = findChromium();
	if (found !== null) return found;
	if (process.env['CHROMIUM'] !== undefined) throw new Error(`CHROMIUM names ${process.env['CHROMIUM']}, which is not there. ${HINT}`);
	console.log('No Chromium here: installing Playwright’s.');
	run(process.execPath, [join(ROOT, 'node_modules/playwright/cli.js'), 'install', 'chromium']);
	const downloaded = findChromium();
	if (downloaded !== null) return downloaded;
	if (!isRootOnDebian()) throw new Error(`No Chromium was found and none could be downloaded. ${HINT}`);
	console.log('That did not work: installing Debian’s chromium.');
	installDebian(['chromium']);
	const installed = findChromium();
	if (installed === null) throw new Error(`No Chromium was found and none could be installed. ${HINT}`);
	return installed;
}

/** Fonts for Arabic, Thai and Japanese, installed as root on Debian; elsewhere one sentence says which are missing. */
export function ensureFonts(): void {
	if (process.platform !== 'linux') return;
	const missing = FONTS.filter((font) => !hasFont(font.language));
	if (missing.length === 0) return;
	const packages = [...new Set(missing.map((font) => font.debianPackage))];
	if (isRootOnDebian()) {
		console.log(`Installing fonts: ${packages.join(', ')}`);
		installDebian(packages);
	} else {
		console.log(`No font here draws ${missing.map((font) => font.language).join(', ')}: install ${packages.join(' and ')} or their like.`);
	}
}

function onPath(name: string): string | null {
	const suffix = process.platform === 'win32' ? '.exe' : '';
	const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
	return folders.map((folder) => join(folder, `${name}${suffix}`)).find((path) => existsSync(path)) ?? null;
}

function hasFont(language: string): boolean {
	const listed = spawnSync('fc-list', [`:lang=${language}`, 'family'], { encoding: 'utf8' });
	return listed.status === 0 && listed.stdout.trim() !== '';
}

function isRootOnDebian(): boolean {
	return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version') && onPath('apt-get') !== null;
}

/** Recommended packages are left out, so what Chromium and fc-list need is named. */
function installDebian(packages: readonly string[]): void {
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	run('apt-get', ['update', '-qq'], env);
	run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'fontconfig', ...packages], env);
	run('fc-cache', ['-f'], env);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean {
	return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', env }).status === 0;
}

/** What the browser calls itself, for the log of a test run. */
export function chromiumVersion(path: string): string {
	const answered = spawnSync(path, ['--version', '--no-sandbox'], { encoding: 'utf8' });
	return answered.status === 0 ? answered.stdout.trim() : 'unknown version';
}

if (import.meta.main) {
	ensureFonts();
	if (!process.argv.includes('--fonts-only')) {
		try {
			const path = ensureChromium();
			console.log(`${path} (${chromiumVersion(path)})`);
		} catch (error) {
			console.error(error instanceof Error ? error.message : error);
			process.exitCode = 1;
		}
	}
}
