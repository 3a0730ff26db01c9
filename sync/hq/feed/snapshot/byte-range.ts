/** What a `Range` header asks for: bytes `first` to `last`, both included; `whole` when it asks for nothing that is served in parts. */
export type ByteRange =
	| { readonly kind: 'whole' }
	| { readonly kind: 'part'; readonly first: number; readonly last: number }
	| { readonly kind: 'unsatisfiable' };

/**
 * Reads a `Range` header (RFC 9110 §14.2) for a body of `size` bytes. One range of bytes is served; several, other units and
 * malformed ones are ignored, as the standard allows.
 */
export function parseRange(header: string | undefined, size: number): ByteRange {
	const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
	if (match === null) return { kind: 'whole' };
	const [, from = '', to = ''] = match;
	if (from === '') return to === '' ? { kind: 'whole' } : lastBytes(Number(to), size);
	return span(Number(from), to === '' ? size - 1 : Number(to), size);
}

function span(first: number, last: number, size: number): ByteRange {
	if (first >= size) return { kind: 'unsatisfiable' };
	return last < first ? { kind: 'whole' } : { kind: 'part', first, last: Math.min(last, size - 1) };
}

function lastBytes(count: number, size: number): ByteRange {
	if (count === 0 || size === 0) return { kind: 'unsatisfiable' };
	return { kind: 'part', first: Math.max(0, size - count), last: size - 1 };
}
