import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { Logger } from '../ports.ts';

/** Two files of this size are kept: the running one and the one before. */
const BYTES_MAX = 8_000_000;

/** A logger with its file; `close` after the last line. */
export type LogFile = { readonly logger: Logger; readonly close: () => void };

/**
 * JSON lines in `file`, the earlier ones in `file.1`; never more than twice `bytesMax` on disk.
 * Written at once and not buffered: the lines before a crash are the ones that matter, and a terminal writes a few a minute.
 * A disk that takes no more lines loses them; it never stops the terminal.
 */
export function openLogFile(file: string, bytesMax: number = BYTES_MAX): LogFile {
	mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
	let descriptor = openSync(file, 'a', 0o600);
	let bytes = statSync(file).size;
	let isClosed = false;
	const turn = (): void => {
		closeSync(descriptor);
		renameSync(file, `${file}.1`);
		descriptor = openSync(file, 'a', 0o600);
		bytes = 0;
	};
	const write = (line: string): void => {
		if (isClosed) return;
		try {
			if (bytes > 0 && bytes + Buffer.byteLength(line) > bytesMax) turn();
			bytes += writeSync(descriptor, line);
		} catch {
			// A full disk: there is nowhere to tell it, and the outbox reports the same disk to the cashier.
			bytes = 0;
		}
	};
	const logger = pino(
		{ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
		{ write },
	);
	return {
		logger,
		close: () => {
			isClosed = true;
			closeSync(descriptor);
		},
	};
}
