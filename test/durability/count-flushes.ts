import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { assert } from '#shared/lib/assert.ts';
import { CRASHING_TERMINAL } from './killed-child.ts';

export type Flushes = {
	readonly sales: number;
	/** Acknowledged sales before which no flush of the outbox's log had ended since the one before. */
	readonly unflushed: number;
	/** Flushes of `outbox.db` and its log between the first acknowledgement and the last. */
	readonly outboxFlushes: number;
	readonly how: string;
};

/** A flush that ended well, also when another thread's call was printed in between. `-y` names the file. */
const FLUSH_OF_LOG = /^(\d+) .*f(?:data)?sync\(\d+<[^>]*outbox\.db-wal>/;
const FLUSH_RESUMED = /^(\d+) .*<\.\.\. f(?:data)?sync resumed>/;
const FLUSH_OF_OUTBOX = /f(?:data)?sync\(\d+<[^>]*outbox\.db(?:-wal)?>/;
const ACKNOWLEDGED = /write\(1<[^>]*>, "recorded /;

/**
 * Counts what the kernel was asked to flush while a terminal records sales one after another, with `strace`. Where there is none (it is Linux'
 * own, and `npm test` installs it on Debian) the test says so, and shows what is left to show: that each acknowledged sale is one commit of a
 * log which SQLite flushes at each commit.
 */
export async function countFlushes({ sales, folder }: { readonly sales: number; readonly folder: string }): Promise<Flushes> {
	const isThere = spawnSync('strace', ['-V'], { stdio: 'ignore' }).status === 0;
	if (!isThere) {
		process.stderr.write('There is no strace on this machine: the flushes of the disk are not counted.\n');
		return { ...(await countCommits({ sales, folder })), how: 'commits with synchronous=FULL' };
	}
	const trace = path.join(folder, 'trace.txt');
	const data = path.join(folder, 'data');
	const strace = ['-f', '-y', '-s', '64', '-e', 'trace=fsync,fdatasync,write', '-o', trace];
	const run = promisify(execFile)('strace', [...strace, process.execPath, CRASHING_TERMINAL, 'sales', data, '1', String(sales)]);
	await run;
	return { ...readTrace(readFileSync(trace, 'utf8')), how: 'strace' };
}

function readTrace(trace: string): Omit<Flushes, 'how'> {
	const lines = trace.split('\n');
	const begun = lines.slice(lines.findIndex((line) => line.includes('"begun')));
	const isFlush = createFlushReader();
	let [sales, unflushed, isFlushed] = [0, 0, false];
	for (const line of begun) {
		isFlushed = isFlush(line) || isFlushed;
		if (!ACKNOWLEDGED.test(line)) continue;
		sales += 1;
		if (!isFlushed) unflushed += 1;
		isFlushed = false;
	}
	return { sales, unflushed, outboxFlushes: begun.filter((line) => FLUSH_OF_OUTBOX.test(line)).length };
}

/** Whether a line ends a flush of the log; a call of one thread may be printed in two lines with those of others in between. */
function createFlushReader(): (line: string) => boolean {
	const flushing = new Set<string>();
	return (line) => {
		const thread = line.split(' ', 1)[0] ?? '';
		const isOfLog = FLUSH_OF_LOG.test(line);
		if (isOfLog && line.includes('<unfinished')) flushing.add(thread);
		const isResumed = FLUSH_RESUMED.test(line) && flushing.delete(thread);
		return (isOfLog || isResumed) && line.endsWith(' = 0');
	};
}

async function countCommits({ sales, folder }: { readonly sales: number; readonly folder: string }): Promise<Omit<Flushes, 'how'>> {
	const data = path.join(folder, 'data');
	const { stdout } = await promisify(execFile)(process.execPath, [CRASHING_TERMINAL, 'sales', data, '1', String(sales)]);
	const acknowledged = stdout.split('\n').filter((line) => line.startsWith('recorded ')).length;
	assert(acknowledged === sales, 'every sale was acknowledged');
	return { sales: acknowledged, unflushed: 0, outboxFlushes: acknowledged };
}
