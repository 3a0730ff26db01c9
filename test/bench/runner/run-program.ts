import { fork } from 'node:child_process';
import { once } from 'node:events';
import { PROJECT_ROOT } from '../../support/child.ts';
import { missingBecause, OutcomeSchema } from './outcome.ts';
import type { Outcome } from './outcome.ts';

const OUTPUT_LENGTH_MAX = 20_000;
/** The hosts start with as many: statements of several connections leave room for files and gzip. */
const THREADS = '8';

/** A program of `test/bench` with the options that it reads from its first argument. */
export type Program = { readonly entry: string; readonly options: Readonly<Record<string, unknown>>; readonly withinMs: number };

/** Runs a measured program in a process of its own, so that nobody pays for another's memory. A program that dies or is too slow is `missing`. */
export async function runProgram({ entry, options, withinMs }: Program): Promise<Outcome> {
	const child = fork(`${PROJECT_ROOT}${entry}`, [JSON.stringify(options)], {
		cwd: PROJECT_ROOT,
		silent: true,
		serialization: 'advanced',
		env: { ...process.env, UV_THREADPOOL_SIZE: THREADS },
	});
	// One that cannot be started has no end.
	const exited = once(child, 'exit').catch(() => undefined);
	let output = '';
	const keep = (chunk: unknown): void => {
		output = (output + String(chunk)).slice(-OUTPUT_LENGTH_MAX);
	};
	child.stdout?.on('data', keep);
	child.stderr?.on('data', keep);
	const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
	try {
		return await new Promise<Outcome>((resolve) => {
			child.on('message', (message) => {
				const parsed = OutcomeSchema.safeParse(message);
				if (parsed.success) resolve(parsed.data);
			});
			child.once('error', (error) => resolve(missingBecause(error)));
			child.once('exit', (code, signal) => resolve(missingBecause(reasonOf(code, signal, output))));
		});
	} finally {
		clearTimeout(timer);
		// The next one is not measured beside the end of this one.
		child.kill('SIGKILL');
		await exited;
	}
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, output: string): string {
	if (signal === 'SIGKILL') return 'took too long';
	const error = output.split('\n').find((line) => /Error|error/.test(line));
	const last = error ?? output.trim().split('\n').at(-1) ?? '';
	return `ended with ${code ?? signal}: ${last.trim().slice(0, 200)}`;
}
