import { CursorSchema } from '#shared/domain/ids.ts';
import type { Cursor } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';

/**
 * A place in the change feed: headquarters' epoch, and for each logical shard the last number that was read. The shard's index is its
 * place in the list, so that a cursor never names a machine and stays good wherever a shard lives.
 */
export type FeedPlace = { readonly epoch: number; readonly seqs: readonly number[] };

/** The first byte of every cursor. A cursor of another form is answered with "load a snapshot". */
const FORM = 1;
/** The highest number that fits: far beyond any feed, and exact in JavaScript. */
const NUMBER_MAX = Number.MAX_SAFE_INTEGER;
const NUMBER_BYTES_MAX = 8;
/** A terminal reads nothing in it but stores it with every page: 64 shards with a million changes each are about 260 characters. */
const CURSOR_LENGTH_MAX = 1024;

/** Opaque text for terminals: base64url of a form byte, the epoch and the numbers, each in seven-bit groups (LEB128). */
export function encodeCursor(place: FeedPlace): Cursor {
	assert(place.seqs.length === SHARD_COUNT, 'a cursor has a number for every shard');
	const bytes = [FORM];
	for (const number of [place.epoch, ...place.seqs]) pushNumber(bytes, number);
	return CursorSchema.parse(Buffer.from(bytes).toString('base64url'));
}

/** The place that a cursor names. Fails with `malformed` for any text that `encodeCursor` did not make. */
export function decodeCursor(text: string): Result<FeedPlace, 'malformed'> {
	if (text.length > CURSOR_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return fail('malformed');
	const bytes = Buffer.from(text, 'base64url');
	if (bytes[0] !== FORM) return fail('malformed');
	const numbers: number[] = [];
	let at = 1;
	while (at < bytes.length) {
		const read = readNumber(bytes, at);
		if (read === null) return fail('malformed');
		numbers.push(read.number);
		at = read.next;
	}
	const [epoch = 0, ...seqs] = numbers;
	if (epoch < 1 || seqs.length !== SHARD_COUNT) return fail('malformed');
	const place = { epoch, seqs };
	// One place, one text: caches and comparisons may rely on it.
	return encodeCursor(place) === text ? ok(place) : fail('malformed');
}

function pushNumber(bytes: number[], number: number): void {
	assert(Number.isSafeInteger(number) && number >= 0, 'a feed number is a whole number');
	let rest = number;
	while (rest >= 0x80) {
		bytes.push((rest % 0x80) + 0x80);
		rest = Math.floor(rest / 0x80);
	}
	bytes.push(rest);
}

function readNumber(bytes: Buffer, from: number): { readonly number: number; readonly next: number } | null {
	let number = 0;
	let unit = 1;
	for (let at = from; at < Math.min(bytes.length, from + NUMBER_BYTES_MAX); at += 1) {
		const byte = bytes[at] ?? 0;
		number += (byte % 0x80) * unit;
		if (number > NUMBER_MAX) return null;
		if (byte < 0x80) return { number, next: at + 1 };
		unit *= 0x80;
	}
	return null;
}
