import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';

/** A program of ours in a process of its own, which said over IPC that it is ready. */
export type Child<Ready> = {
	readonly ready: Ready;
	readonly pid: number;
	/** What it has printed so far, for the message of a failed test. */
	readonly output: () => string;
	/** Tells it something over IPC; nothing happens when it has ended. */
	readonly send: (message: Readonly<Record<string, unknown>>) => void;
	/** Asks it to stop and waits until it did. */
	readonly stop: () => Promise<void>;
	/** kill -9. */
	readonly kill: () => Promise<void>;
};

export type ChildOptions<Schema extends z.ZodType> = {
	/** Below the project's root. */
	readonly entry: string;
	readonly args: readonly string[];
	readonly ready: Schema;
	readonly env?: Readonly<Record<string, string>>;
	readonly onProgress?: (message: unknown) => void;
};

export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUTPUT_LENGTH_MAX = 200_000;

/** Forks `entry` and resolves with its first message that `ready` accepts. Rejects with its output when it ends before that. */
export async function startChild<Schema extends z.ZodType>(options: ChildOptions<Schema>): Promise<Child<z.infer<Schema>>> {
	const child = fork(`${PROJECT_ROOT}${options.entry}`, [...options.args], {
		cwd: PROJECT_ROOT,
		silent: true,
		env: { ...process.env, ...options.env },
	});
	let output = '';
	const keep = (chunk: unknown): void => {
		output = (output + String(chunk)).slice(-OUTPUT_LENGTH_MAX);
	};
	child.stdout?.on('data', keep);
	child.stderr?.on('data', keep);
	const ready = await new Promise<z.infer<Schema>>((resolve, reject) => {
		child.on('message', (message) => {
			const parsed = options.ready.safeParse(message);
			if (parsed.success) resolve(parsed.data);
			else options.onProgress?.(message);
		});
		child.once('exit', (code, signal) => reject(new Error(`${options.entry} ended (${code ?? signal}) before it was ready:\n${output}`)));
		child.once('error', reject);
	});
	return {
		ready,
		pid: child.pid ?? 0,
		output: () => output,
		send: (message) => {
			// A child that is being killed may go between the two.
			if (child.connected) child.send(message, () => undefined);
		},
		stop: async () => end(child, 'SIGTERM'),
		kill: async () => end(child, 'SIGKILL'),
	};
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, 'exit');
	child.kill(signal);
	await exited;
}
