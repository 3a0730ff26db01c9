/** The files of a journal: `events-YYYYMMDD.log`, by the day (UTC) on which their first line was written, never going back. */
import { open, readdir, rename, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { syncFile, syncFolder } from '../data-folder.ts';
import { LINE_BYTES_MAX, readLine } from './journal-line.ts';
import type { JournalLine } from './journal-line.ts';

const NAME = /^events-\d{8}\.log$/;
const DRAFT = /^events-\d{8}\.log\.new$/;
const NEWLINE = 10;
const CHUNK_BYTES = 1 << 20;

/** Full paths, oldest first. */
export async function journalFiles(folder: string): Promise<readonly string[]> {
	const names = await readdir(folder);
	return names
		.filter((name) => NAME.test(name))
		.toSorted()
		.map((name) => path.join(folder, name));
}

/** The file for a line that is written at `nowMs`: a clock that is set back goes on in the file of before. */
export function fileOfDay(folder: string, nowMs: number, current: string | null): string {
	const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '');
	const file = path.join(folder, `events-${day}.log`);
	return current !== null && current > file ? current : file;
}

/** A line with its place; `line` is `null` for bytes that are no line of ours. */
export type PlacedLine = { readonly line: JournalLine | null; readonly bytes: Buffer; readonly end: number };

/**
 * The lines of a file, one by one, from chunks of a megabyte. What comes after the last newline is a torn line: `line` is `null`.
 * With `holding` only lines that have these bytes are read; the others cost a search.
 */
export async function* readLines(file: string, holding: string | null = null): AsyncGenerator<PlacedLine> {
	const handle = await open(file, 'r');
	try {
		let rest: Buffer = Buffer.alloc(0);
		let start = 0;
		for (;;) {
			const chunk = Buffer.alloc(CHUNK_BYTES);
			const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null);
			if (bytesRead === 0) break;
			const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
			let from = 0;
			for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
				const line = bytes.subarray(from, to);
				from = to + 1;
				if (holding === null || line.includes(holding)) yield { line: readLine(line), bytes: line, end: start + from };
			}
			start += from;
			rest = bytes.subarray(from);
			// No line is this long: these bytes are damage, and are not to fill the memory.
			if (rest.length > LINE_BYTES_MAX) {
				start += rest.length;
				rest = Buffer.alloc(0);
			}
		}
		if (rest.length > 0 && holding === null) yield { line: null, bytes: rest, end: start + rest.length };
	} finally {
		await handle.close();
	}
}

/** Cuts off what comes after the last whole line. Answers how many bytes. */
export async function cutTornTail(file: string): Promise<{ readonly cutBytes: number }> {
	let [whole, length] = [0, 0];
	for await (const { line, end } of readLines(file)) {
		if (line !== null) whole = end;
		length = end;
	}
	if (length > whole) {
		await truncate(file, whole);
		await syncFile(file);
	}
	return { cutBytes: length - whole };
}

/** Replaces a file whole or not at all. */
export async function replaceFile(file: string, lines: readonly Buffer[]): Promise<void> {
	const draft = `${file}.new`;
	const handle = await open(draft, 'w', 0o600);
	try {
		for (const line of lines) await handle.appendFile(line);
		await handle.sync();
	} finally {
		await handle.close();
	}
	await rename(draft, file);
	await syncFolder(path.dirname(file));
}

/** What a replacement that was broken off has left. */
export async function removeDrafts(folder: string): Promise<void> {
	for (const name of await readdir(folder)) if (DRAFT.test(name)) await rm(path.join(folder, name), { force: true });
}
