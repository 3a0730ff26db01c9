import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { EventIdSchema, IncarnationSchema } from '#shared/domain/ids.ts';

/** Bytes of one line: an event of the largest size, sealed and as text, with room to spare. */
export const LINE_BYTES_MAX = 131_072;

const NEWLINE = 10;
const FRAME = /^([0-9a-f]{8}) (\d{1,6}) /;

/**
 * One line. `no` counts the lines of a journal from 1 without gaps, so that a line that is gone is noticed.
 * `entry`: the outbox recorded it; `row` is the recorded row, sealed with the key named `key`, or plain JSON when that is `null`.
 * `void`: the cashier took it back before it was sent.
 */
export const JournalLineSchema = z.discriminatedUnion('kind', [
	z.object({
		no: z.int().min(1),
		kind: z.literal('entry'),
		event_id: EventIdSchema,
		incarnation: IncarnationSchema,
		seq: z.int().min(1),
		at: z.int(),
		key: z.string().max(32).nullable(),
		row: z.string(),
	}),
	z.object({ no: z.int().min(1), kind: z.literal('void'), event_id: EventIdSchema }),
]);
export type JournalLine = z.infer<typeof JournalLineSchema>;
export type EntryLine = Extract<JournalLine, { kind: 'entry' }>;

/** `crc32 length json`, with its newline: what was not written whole, or changed later, is recognised. */
export function frame(value: unknown): Buffer {
	const json = Buffer.from(JSON.stringify(value));
	return Buffer.concat([Buffer.from(`${crc32(json).toString(16).padStart(8, '0')} ${json.length} `), json, Buffer.of(NEWLINE)]);
}

/** The JSON of a framed line without its newline, or `undefined` when a byte of it is wrong or missing. */
export function unframe(line: Buffer): unknown {
	const head = FRAME.exec(line.toString('latin1', 0, 16));
	if (head === null) return undefined;
	const json = line.subarray(head[0].length);
	if (json.length !== Number(head[2]) || crc32(json) !== Number.parseInt(head[1] ?? '', 16)) return undefined;
	return parse(json.toString('utf8'));
}

/** A line of the journal, or `null`: torn, changed, or of no version of ours. */
export function readLine(line: Buffer): JournalLine | null {
	const parsed = JournalLineSchema.safeParse(unframe(line));
	return parsed.success ? parsed.data : null;
}

function parse(json: string): unknown {
	try {
		const value: unknown = JSON.parse(json);
		return value;
	} catch {
		// The check sum fits and it is no JSON: not a line of ours. `undefined` fits no schema.
		return undefined;
	}
}
