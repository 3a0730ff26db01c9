import { z } from 'zod';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { MemberId } from '#shared/domain/ids.ts';

const STATUS = new TextEncoder().encode('"opted_out"');
const OPENING_BRACKET = 91;
const COMMA = 44;

/** What stands in a row before its status: `MEMBER_COLUMNS` begins with id and version. */
const BeforeStatusSchema = z.tuple([MemberIdSchema, z.int().min(1)]);

/**
 * The members among the rows of `lines` who have opted out. Looks for the status in the bytes and reads only the beginning of the rows that
 * have it, so that a page without any costs a search and no decoding. The same word elsewhere in a row is not taken for the status.
 */
export function findOptedOut(lines: readonly Uint8Array[]): readonly MemberId[] {
	return lines.flatMap((line) => {
		const bytes = Buffer.from(line.buffer, line.byteOffset, line.length);
		const found: MemberId[] = [];
		for (let at = bytes.indexOf(STATUS); at !== -1; at = bytes.indexOf(STATUS, at + STATUS.length)) {
			const memberId = readRowBefore(bytes, at);
			if (memberId !== null) found.push(memberId);
		}
		return found;
	});
}

/** The id in `["id",ver,` directly before `at`, or `null` when something else stands there. */
function readRowBefore(bytes: Buffer, at: number): MemberId | null {
	const open = bytes.lastIndexOf(OPENING_BRACKET, at);
	const comma = bytes.lastIndexOf(COMMA, at);
	if (open === -1 || comma < open) return null;
	const row = BeforeStatusSchema.safeParse(parse(`${bytes.toString('utf8', open, comma)}]`));
	return row.success ? row.data[0] : null;
}

function parse(text: string): unknown {
	try {
		const value: unknown = JSON.parse(text);
		return value;
	} catch {
		// The bracket belongs to a text or a list further on in a row: not the beginning of one.
		return null;
	}
}
