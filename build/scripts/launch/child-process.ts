/**
 * Headquarters and the terminal as child processes: what they say over the fork's IPC channel, and how they end.
 * The messages are described here once more, since build imports nothing of the product.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ROOT } from '../root.ts';

export const Progress = z.object({
	type: z.literal('progress'),
	what: z.string(),
	done: z.number(),
	total: z.number().nullable(),
	ratePerS: z.number().nullable(),
});
export type Progress = z.infer<typeof Progress>;

export const HeadquartersReady = z.object({
	type: z.literal('ready'),
	url: z.url(),
	pairing: z.array(z.object({ code: z.string(), outlet: z.string(), terminal: z.string() })),
	barcodes: z.array(z.object({ label: z.string(), barcode: z.string() })),
	pins: z.array(z.object({ name: z.string(), pin: z.string() })),
});

export const TerminalReady = z.object({ type: z.literal('ready'), origin: z.url(), bootLink: z.url().nullable(), window: z.boolean() });

/** How long a child may take to put its data away before it is killed. */
const STOP_LIMIT_MS = 15_000;

export type Started<Ready> = { readonly ready: Ready; readonly child: ChildProcess };

/** A child in a process group of its own, so that Ctrl-C reaches only the parent, which then ends its children in order. */
export function forkChild(entry: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
	return fork(resolve(ROOT, entry), [...args], { cwd: ROOT, env, detached: process.platform !== 'win32' });
}

/** Resolves with the child's ready message. Rejects if it ends before that. */
export async function untilReady<Ready>(
	child: ChildProcess,
	schema: z.ZodType<Ready>,
	onProgress: (progress: Progress) => void,
): Promise<Started<Ready>> {
	return new Promise((resolve, reject) => {
		child.on('message', (message) => {
			const ready = schema.safeParse(message);
			if (ready.success) resolve({ ready: ready.data, child });
			const progress = Progress.safeParse(message);
			if (progress.success) onProgress(progress.data);
		});
		child.once('error', reject);
		child.once('exit', (code, signal) => {
			reject(new Error(`${child.spawnargs[1] ?? 'a child'} ended before it was ready (${signal ?? `exit code ${code}`})`));
		});
	});
}

/** Asks the child to end and waits until it has; kills it when it takes longer than 15 s. */
export async function stopChild(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, 'exit').then(() => true);
	child.kill('SIGTERM');
	const limit = new AbortController();
	const isLate = wait(STOP_LIMIT_MS, false, { signal: limit.signal }).catch(() => false);
	if (!(await Promise.race([exited, isLate]))) {
		child.kill('SIGKILL');
		await exited;
	}
	limit.abort();
}
