import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '#shared/lib/assert.ts';
import { PROJECT_ROOT } from '../support/child.ts';
import type { Subject } from './crashing-terminal.ts';

/** Starting the process is nearly all that a round costs: what Node has compiled once is kept. */
const COMPILE_CACHE = path.join(PROJECT_ROOT, '.cache/node');

export const CRASHING_TERMINAL = fileURLToPath(new URL('crashing-terminal.ts', import.meta.url));

export type Killing = {
	readonly what: Subject;
	readonly folder: string;
	readonly seed: number;
	/** What it may tell of before the clock of the kill runs. */
	readonly messages: number;
	readonly thenMs: number;
};

/** Runs the process until it has told of so many things, some milliseconds longer, and kills it with -9. Answers all that it had told. */
export async function killAfter({ what, folder, seed, messages, thenMs }: Killing): Promise<readonly string[]> {
	const child = spawn(process.execPath, [CRASHING_TERMINAL, what, folder, String(seed)], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
	});
	let [told, errors] = ['', ''];
	let isDue = false;
	child.stdout.setEncoding('latin1').on('data', (text: string) => {
		told += text;
		if (isDue || told.split('\n').length <= messages) return;
		isDue = true;
		void pause(thenMs).then(() => child.kill('SIGKILL'));
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		errors += text;
	});
	if (messages === 0) {
		isDue = true;
		void pause(thenMs).then(() => child.kill('SIGKILL'));
	}
	const end = await new Promise<string>((resolve) => {
		child.once('close', (code, signal) => {
			resolve(signal ?? String(code));
		});
	});
	assert(end === 'SIGKILL', () => `the process ended by itself (${end}): ${errors}`);
	// A line that the kill cut in two was not told.
	return told
		.slice(0, told.lastIndexOf('\n') + 1)
		.split('\n')
		.slice(0, -1);
}
