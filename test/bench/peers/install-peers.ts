import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PEERS_FOLDER } from './peer.ts';

const PACKAGES = join(import.meta.dirname, 'packages');
const FILES = ['package.json', 'package-lock.json'] as const;
/** Written last: what is in it is installed whole. */
const MARK = 'installed.json';
const TELL_EVERY_MS = 5_000;

/** Installs the peers' packages as their lock file says, once. Answers why it could not, as a sentence, or `null`. */
export async function installPeers(say: (line: string) => void): Promise<string | null> {
	const lock = await readFile(join(PACKAGES, 'package-lock.json'), 'utf8');
	if ((await readMark()) === lock) return null;
	say(`Installing the peers with npm, once, into ${PEERS_FOLDER}: about 150 packages …`);
	await rm(PEERS_FOLDER, { recursive: true, force: true });
	await mkdir(PEERS_FOLDER, { recursive: true });
	for (const file of FILES) await copyFile(join(PACKAGES, file), join(PEERS_FOLDER, file));
	const failure = await runNpm(say);
	if (failure !== null) return `The peers are left out, npm could not install them: ${failure}`;
	await writeFile(join(PEERS_FOLDER, MARK), lock);
	return null;
}

async function readMark(): Promise<string> {
	// Not installed yet, or not to the end.
	return readFile(join(PEERS_FOLDER, MARK), 'utf8').catch(() => '');
}

async function runNpm(say: (line: string) => void): Promise<string | null> {
	const startedAt = performance.now();
	const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEERS_FOLDER, stdio: ['ignore', 'ignore', 'pipe'] });
	let errors = '';
	npm.stderr.on('data', (chunk: unknown) => {
		errors += String(chunk);
	});
	const timer = setInterval(() => say(`  … ${Math.round((performance.now() - startedAt) / 1000)} s`), TELL_EVERY_MS);
	try {
		await once(npm, 'close');
	} finally {
		clearInterval(timer);
	}
	if (npm.exitCode === 0) return null;
	return errors.split('\n').find((line) => line.startsWith('npm error')) ?? `npm ended with ${npm.exitCode}`;
}
