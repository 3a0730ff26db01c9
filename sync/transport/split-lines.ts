const NEWLINE = 10;
const OPENING_BRACKET = 91;
const CLOSING_BRACKET = 93;

/** The lines of `bytes` as views on it, without their line ends and without empty lines. Nothing is copied or decoded. */
export function splitLines(bytes: Uint8Array): readonly Uint8Array[] {
	const lines: Uint8Array[] = [];
	let start = 0;
	while (start < bytes.length) {
		const newline = bytes.indexOf(NEWLINE, start);
		const end = newline === -1 ? bytes.length : newline;
		if (end > start) lines.push(bytes.subarray(start, end));
		start = end + 1;
	}
	return lines;
}

/**
 * Whether a line begins and ends as a JSON array of arrays does, or is the empty array: a cheap look at its ends that finds most cuts.
 * The whole truth comes when SQLite parses it.
 */
export function isWholeRows(line: Uint8Array): boolean {
	const [first, second] = line;
	if (first !== OPENING_BRACKET || line.at(-1) !== CLOSING_BRACKET) return false;
	return line.length === 2 || (second === OPENING_BRACKET && line.at(-2) === CLOSING_BRACKET && line.length > 3);
}
