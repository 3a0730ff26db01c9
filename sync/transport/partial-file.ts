import { assert } from '#shared/lib/assert.ts';

/**
 * The first bytes of a file whose transfer broke off, so that the next call asks only for the rest. Owned by the caller, in memory
 * only: after a crash the file starts again from its first byte.
 */
export type PartialFile = {
	/** Bytes that are here. */
	readonly length: () => number;
	/** Adds what follows; `false` when the file would become larger than it may be, and then nothing is added. */
	readonly append: (piece: Uint8Array) => boolean;
	readonly clear: () => void;
	/** A view on what is here. */
	readonly bytes: () => Uint8Array<ArrayBuffer>;
};

/** Room for a file of exactly `size` bytes. */
export function createPartialFile(size: number): PartialFile {
	assert(Number.isInteger(size) && size >= 0, 'a size is a whole number of bytes');
	// Taken with the first piece only: what a manifest claims costs nothing until it arrives.
	let buffer = new Uint8Array(0);
	let length = 0;
	return {
		length: () => length,
		append: (piece) => {
			if (length + piece.length > size) return false;
			if (buffer.length !== size) buffer = new Uint8Array(size);
			buffer.set(piece, length);
			length += piece.length;
			return true;
		},
		clear: () => {
			length = 0;
		},
		bytes: () => buffer.subarray(0, length),
	};
}
