import type { Clock } from '#shared/lib/clock.ts';
import type { Logger } from '../ports.ts';

/** A program that breaks sooner than this would break again: a person is told instead. */
const HEALTHY_MS = 60_000;

/** The part of Node's `process` by which it tells of defects. */
export type DefectSource = {
	on(event: 'uncaughtException' | 'unhandledRejection', listener: (cause: unknown) => void): unknown;
	off(event: 'uncaughtException' | 'unhandledRejection', listener: (cause: unknown) => void): unknown;
};

/**
 * Ends the program when something that cannot happen has happened, and starts it again from what is on disk. Without this Electron shows a
 * box and goes on with whatever state is left. Returns the way to stop watching. Uncaught exceptions are in the log already.
 */
export function endOnDefect(of: {
	readonly process: DefectSource;
	readonly app: { readonly relaunch: () => void; readonly exit: (code: number) => void };
	readonly clock: Clock;
	readonly logger: Logger;
	readonly tell: (text: string) => void;
}): () => void {
	const { app, clock } = of;
	const startedAtMs = clock.monotonicMs();
	let isEnding = false;
	const end = (cause: unknown): void => {
		if (isEnding) return;
		isEnding = true;
		if (clock.monotonicMs() - startedAtMs > HEALTHY_MS) app.relaunch();
		else of.tell(`The terminal has stopped because of a defect. What was recorded is safe. Tell IT the time. (${String(cause)})`);
		app.exit(1);
	};
	const endRejected = (cause: unknown): void => {
		of.logger.error({ err: cause }, 'the terminal crashes');
		end(cause);
	};
	of.process.on('uncaughtException', end);
	of.process.on('unhandledRejection', endRejected);
	return () => {
		of.process.off('uncaughtException', end);
		of.process.off('unhandledRejection', endRejected);
	};
}
