import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { SnapshotFile } from '#shared/wire/snapshot.ts';
import type { Breakdown } from './classify-failure.ts';
import type { Answer } from './exchange.ts';
import { FILE_UNPACKED_BYTES_MAX } from './limits.ts';
import type { PartialFile } from './partial-file.ts';
import { isWholeRows, splitLines } from './split-lines.ts';

const gunzipInPool = promisify(gunzip);

/** How a complete file is checked and unpacked. `unpack` answers `null` for what is no gzip or unpacks to more than any file may. */
export type FilePorts = {
	readonly sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
	readonly unpack: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array | null>;
};

/** Both off the main thread. */
export const FILE_PORTS: FilePorts = {
	sha256: async (bytes) => Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex'),
	unpack,
};

/** A file of a snapshot or a segment of the feed, as headquarters lists it. */
export type PackedFile = Pick<SnapshotFile, 'path' | 'bytes' | 'sha256'>;

/** The header that asks for what is missing, or none when nothing is here yet. */
export function rangeHeader(partial: PartialFile): Record<string, string> {
	return partial.length() === 0 ? {} : { range: `bytes=${partial.length()}-` };
}

/** Whether an answer to a range request continues where `partial` ends. */
function continues(answer: Answer, partial: PartialFile): boolean {
	const start = /^bytes (\d+)-/.exec(answer.header('content-range') ?? '')?.[1];
	return start !== undefined && Number(start) === partial.length();
}

/**
 * Reads the body of a file's answer (200 or 206) into `partial`. A server that ignores the range and sends everything is taken at its
 * word: what was here is dropped. What arrived before a cut stays in `partial`.
 */
export async function receiveFile(answer: Answer, file: PackedFile, partial: PartialFile): Promise<Result<true, Breakdown>> {
	if (answer.status === 200) partial.clear();
	else if (!continues(answer, partial)) return damaged(partial, 'the range is not the one that was asked for');
	for await (const piece of answer.pieces(file.bytes)) {
		if (!partial.append(piece)) return damaged(partial, `more than the ${file.bytes} bytes of the manifest`);
	}
	return ok(true);
}

/**
 * Checks a complete file against its digest and unpacks it. The lines are views on the unpacked bytes.
 * A file that is not what the manifest says empties `partial`, so that it is fetched again from its first byte.
 */
export async function unpackFile(
	file: PackedFile,
	partial: PartialFile,
	ports: FilePorts = FILE_PORTS,
): Promise<Result<readonly Uint8Array[], Breakdown>> {
	if (partial.length() !== file.bytes) return damaged(partial, `${partial.length()} bytes instead of ${file.bytes}`);
	if ((await ports.sha256(partial.bytes())) !== file.sha256) return damaged(partial, 'the SHA-256 is another');
	const unpacked = await ports.unpack(partial.bytes());
	if (unpacked === null) return damaged(partial, 'it cannot be unpacked');
	const lines = splitLines(unpacked);
	return lines.every(isWholeRows) ? ok(lines) : damaged(partial, 'a line is no array of rows');
}

async function unpack(bytes: Uint8Array): Promise<Uint8Array | null> {
	try {
		return await gunzipInPool(bytes, { maxOutputLength: FILE_UNPACKED_BYTES_MAX, chunkSize: unpackedSize(bytes) });
	} catch {
		// Its digest was right and it is no gzip, or it unpacks to more than any file may: the caller says so.
		return null;
	}
}

/** Room for one byte more than a file says that it unpacks to, so that its end shows in the same step. */
const SPARE_BYTES = 64;
/** The last bytes of a gzip file: its unpacked size (RFC 1952, ISIZE). */
const SIZE_BYTES = 4;

/**
 * The size of the one piece of memory that a file is unpacked into. In the usual pieces of 16 KiB a file of six megabytes would come back to
 * the main thread four hundred times, be copied together, and leave all of it to be collected. A file that says something else unpacks all the same.
 */
function unpackedSize(bytes: Uint8Array): number {
	if (bytes.length < SIZE_BYTES) return SPARE_BYTES;
	const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - SIZE_BYTES, SIZE_BYTES).getUint32(0, true);
	return Math.min(size, FILE_UNPACKED_BYTES_MAX) + SPARE_BYTES;
}

function damaged(partial: PartialFile, detail: string): Result<never, Breakdown> {
	partial.clear();
	return fail({ at: 'body', problem: 'damaged_file', detail });
}
