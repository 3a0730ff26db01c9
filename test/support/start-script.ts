import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { must } from '#shared/lib/assert.ts';
import { PROJECT_ROOT } from './child.ts';

/** `npm start` as a newcomer has it: what it prints is all that is known of it. */
export type StartScript = {
	readonly headquarters: string;
	readonly bootLink: string;
	/** In the order in which they are printed. */
	readonly barcodes: readonly string[];
	readonly output: () => string;
	/** Ctrl-C; the exit code. */
	readonly stop: () => Promise<number | null>;
};

/** Starts it without a window and resolves when it has printed the link. Rejects with its output when it ends before that. */
export async function runStartScript(args: readonly string[]): Promise<StartScript> {
	const child = spawn(process.execPath, ['build/scripts/start.ts', '--no-window', ...args], { cwd: PROJECT_ROOT, stdio: 'pipe' });
	let text = '';
	const ready = new Promise<void>((resolve, reject) => {
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (chunk: Buffer) => {
				text += chunk.toString('utf8');
				if (text.includes('Stop it with Ctrl+C')) resolve();
			});
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${text}`)));
	});
	await ready;
	return {
		headquarters: linkIn(text, /^Headquarters: (\S+)$/m),
		bootLink: linkIn(text, /^ {2}(http:\S+__boot\S+)$/m),
		barcodes: [...text.matchAll(/^ {2}\S.* {2}(\d+)$/gm)].map((match) => match[1] ?? ''),
		output: () => text,
		stop: async () => stop(child),
	};
}

function linkIn(text: string, form: RegExp): string {
	return must(form.exec(text)?.[1], `a line like ${form.source} in:\n${text}`);
}

async function stop(child: ChildProcess): Promise<number | null> {
	if (child.exitCode === null && child.signalCode === null) {
		const exited = once(child, 'exit');
		child.kill('SIGINT');
		await exited;
	}
	return child.exitCode;
}
