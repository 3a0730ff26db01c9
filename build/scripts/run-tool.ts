import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './root.ts';

const Manifest = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/** Runs the command-line tool `name` of an npm package with the Node that runs us. Resolves with its exit code; null means a signal. */
export async function runTool(packageName: string, name: string, args: readonly string[]): Promise<number | null> {
	const folder = join(ROOT, 'node_modules', packageName);
	const { bin } = Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
	const file = typeof bin === 'string' ? bin : bin[name];
	if (file === undefined) throw new Error(`${packageName} has no command ${name}`);
	return runNode(join(folder, file), args);
}

/** Runs a script with the Node that runs us, its output passed on as it comes. Resolves with its exit code; null means a signal. */
export async function runNode(script: string, args: readonly string[]): Promise<number | null> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, stdio: 'inherit' });
		child.once('error', reject);
		child.once('exit', (code) => {
			resolve(code);
		});
	});
}
