import type { FileHandle } from 'node:fs/promises';
import { TextDecoder } from 'node:util';

/** The longest record, bytes. What is longer is rejected and skipped. */
export const RECORD_BYTES_MAX = 65_536;

/** How records end: a line each, or, with a delimiter, a line unless a quoted field goes on in the next one. */
export type RecordForm = { readonly delimiter: ',' | ';' | '\t' | null };

/** A place between two records: bytes before it, and the number of the line that begins there (from 1). */
export type Place = { readonly byte: number; readonly line: number };

/** One record as text, or why it cannot be read. `line` is where it begins. */
export type RawRecord = { readonly line: number; readonly text: string } | { readonly line: number; readonly problem: string };

/** Consecutive records and the place behind them. */
export type RecordPage = { readonly records: readonly RawRecord[]; readonly next: Place };

const CHUNK_BYTES = 1_048_576;
const LINE_END = 10;
const RETURN = 13;
const QUOTE = 34;
const SPACE = 32;

const TOO_LONG = `longer than ${RECORD_BYTES_MAX} bytes`;

/**
 * Reads a file record by record, in pages of `pageMax`, from any place that an earlier page gave. Empty lines are passed over.
 * A record that cannot be read costs itself alone: after a quote that is never closed reading goes on with the next line.
 */
export async function* readRecords(
	file: FileHandle,
	form: RecordForm,
	options: { readonly from: Place; readonly pageMax: number },
): AsyncGenerator<RecordPage> {
	const splitter = createSplitter(form, options.from);
	const chunk = Buffer.alloc(CHUNK_BYTES);
	let position = options.from.byte;
	let page: RawRecord[] = [];
	let isLast = false;
	while (!isLast) {
		const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
		position += bytesRead;
		isLast = bytesRead === 0;
		splitter.push(chunk.subarray(0, bytesRead), isLast);
		for (let record = splitter.next(); record !== null; record = splitter.next()) {
			page.push(record);
			if (page.length < options.pageMax) continue;
			yield { records: page, next: splitter.place() };
			page = [];
		}
	}
	yield { records: page, next: splitter.place() };
}

/** Where a record ends, `bytes` including its line end, or why it does not. */
type Extent = { readonly bytes: number; readonly lines: number; readonly problem: string | null };

function createSplitter(form: RecordForm, from: Place) {
	const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
	let buffer: Buffer = Buffer.alloc(0);
	let offset = 0;
	let isLast = false;
	let place = from;
	// Inside a line that is too long: the rest of it is passed over without being kept.
	let isSkipping = false;

	const take = (extent: Extent): Buffer => {
		const bytes = buffer.subarray(offset, offset + extent.bytes);
		offset += extent.bytes;
		place = { byte: place.byte + extent.bytes, line: place.line + extent.lines };
		return bytes;
	};
	const skip = (): boolean => {
		const end = buffer.indexOf(LINE_END, offset);
		take(end === -1 ? { bytes: buffer.length - offset, lines: 0, problem: null } : { bytes: end + 1 - offset, lines: 1, problem: null });
		return end !== -1;
	};
	return {
		place: () => place,
		/** Adds bytes. What was given by `next` is dropped. */
		push: (bytes: Buffer, last: boolean): void => {
			buffer = Buffer.concat([buffer.subarray(offset), bytes]);
			offset = 0;
			isLast = last;
		},
		/** The next record, or `null` when more bytes are needed. */
		next: (): RawRecord | null => {
			while (offset < buffer.length) {
				if (isSkipping) {
					isSkipping = !skip();
					continue;
				}
				const extent = extentOf(buffer.subarray(offset), form, isLast);
				if (extent === null) return null;
				const { line } = place;
				const isCut = extent.problem === TOO_LONG && buffer[offset + extent.bytes - 1] !== LINE_END;
				const bytes = withoutLineEnd(take(extent));
				isSkipping = isCut;
				if (extent.problem !== null) return { line, problem: extent.problem };
				if (bytes.length > 0) return decode(decoder, bytes, line);
			}
			return null;
		},
	};
}

function decode(decoder: TextDecoder, bytes: Buffer, line: number): RawRecord {
	try {
		return { line, text: decoder.decode(bytes) };
	} catch (error) {
		if (error instanceof TypeError) return { line, problem: 'not UTF-8' };
		throw error;
	}
}

/** The extent of the record at the start of `bytes`, or `null` when its end is not among them yet. */
function extentOf(bytes: Buffer, form: RecordForm, isLast: boolean): Extent | null {
	const end = bytes.indexOf(LINE_END);
	const isCut = end === -1 && !isLast;
	const line = { bytes: end === -1 ? bytes.length : end + 1, lines: isCut ? 0 : 1 };
	const window = bytes.subarray(0, RECORD_BYTES_MAX);
	if (form.delimiter !== null && window.subarray(0, line.bytes).includes(QUOTE)) {
		const scan = scanQuoted(window, form.delimiter.charCodeAt(0));
		return quotedExtentOf(bytes, scan, { line, isLast });
	}
	if (line.bytes > RECORD_BYTES_MAX) return { ...line, problem: TOO_LONG };
	return isCut ? null : { ...line, problem: null };
}

/** The same for a record with a quote in its first line: other lines may belong to it. Only its first line is given up when it has no end. */
function quotedExtentOf(
	bytes: Buffer,
	scan: Scan,
	known: { readonly line: { readonly bytes: number; readonly lines: number }; readonly isLast: boolean },
): Extent | null {
	const { line, isLast } = known;
	if (scan.end !== null) return { bytes: scan.end, lines: countLineEnds(bytes.subarray(0, scan.end)), problem: null };
	const isWhole = bytes.length <= RECORD_BYTES_MAX && isLast;
	if (isWhole && !scan.isOpen) return { bytes: bytes.length, lines: 1 + countLineEnds(bytes), problem: null };
	if (!isWhole && bytes.length < RECORD_BYTES_MAX) return null;
	return { ...line, problem: scan.isOpen && line.bytes <= RECORD_BYTES_MAX ? 'a quote is not closed' : TOO_LONG };
}

/** `end`: the place behind the line end that closes the record, if there is one. `isOpen`: a quote is open where the bytes end. */
type Scan = { readonly end: number | null; readonly isOpen: boolean };

/** A quote opens a field only at its start (spaces aside); doubled inside, it stands for itself. */
function scanQuoted(bytes: Buffer, delimiter: number): Scan {
	let isAtStart = true;
	for (let index = 0; index < bytes.length; index += 1) {
		const byte = bytes[index];
		if (byte === LINE_END) return { end: index + 1, isOpen: false };
		if (byte === QUOTE && isAtStart) {
			const closing = closingQuote(bytes, index + 1);
			if (closing === -1) return { end: null, isOpen: true };
			index = closing;
			isAtStart = false;
		} else {
			isAtStart = byte === delimiter || (isAtStart && byte === SPACE);
		}
	}
	return { end: null, isOpen: false };
}

function closingQuote(bytes: Buffer, from: number): number {
	let quote = bytes.indexOf(QUOTE, from);
	while (quote !== -1 && bytes[quote + 1] === QUOTE) quote = bytes.indexOf(QUOTE, quote + 2);
	return quote;
}

function countLineEnds(bytes: Buffer): number {
	let count = 0;
	for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) count += 1;
	return count;
}

function withoutLineEnd(bytes: Buffer): Buffer {
	let { length } = bytes;
	if (bytes[length - 1] === LINE_END) length -= 1;
	if (bytes[length - 1] === RETURN) length -= 1;
	return bytes.subarray(0, length);
}
