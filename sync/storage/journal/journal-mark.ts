import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { EventIdSchema, IncarnationSchema } from '#shared/domain/ids.ts';
import { systemCode } from '../data-folder.ts';
import { frame, unframe } from './journal-line.ts';

/**
 * How far the journal is, kept in the data folder, apart from the journal itself: a journal that lost its end, or is another one, is
 * noticed by it. `floorNo`: lines up to it were deleted on purpose. `isBehind`: the journal lacks entries that the outbox has.
 */
export const JournalMarkSchema = z.object({
	journalId: z.string().regex(/^[0-9a-f]{16}$/),
	lastNo: z.int().min(0),
	/** Of the last entry line. */
	last: z.object({ eventId: EventIdSchema, incarnation: IncarnationSchema, seq: z.int().min(1) }).nullable(),
	floorNo: z.int().min(0),
	isBehind: z.boolean(),
});
export type JournalMark = z.infer<typeof JournalMarkSchema>;

/** Written over in one piece of one disk sector. */
const MARK_BYTES = 512;

/** The mark, `null` when there is none, `'damaged'` when it cannot be read. */
export async function readMark(file: string): Promise<JournalMark | 'damaged' | null> {
	let bytes: Buffer;
	try {
		bytes = await readFile(file);
	} catch (cause) {
		if (systemCode(cause) === 'ENOENT') return null;
		throw cause;
	}
	const parsed = JournalMarkSchema.safeParse(unframe(bytes.subarray(0, bytes.indexOf(10))));
	return parsed.success ? parsed.data : 'damaged';
}

/**
 * Writes the mark over the one of before. Flushed only when asked: after a power cut an older mark is as good, since the journal's own end
 * counts when it is further.
 */
export async function writeMark(file: string, mark: JournalMark, isFlushed: boolean): Promise<void> {
	const bytes = Buffer.alloc(MARK_BYTES, 0x20);
	frame(mark).copy(bytes);
	const handle = await openOrMake(file);
	try {
		await handle.write(bytes, 0, MARK_BYTES, 0);
		if (isFlushed) await handle.sync();
	} finally {
		await handle.close();
	}
}

async function openOrMake(file: string): ReturnType<typeof open> {
	try {
		return await open(file, 'r+');
	} catch (cause) {
		if (systemCode(cause) !== 'ENOENT') throw cause;
		return open(file, 'w', 0o600);
	}
}
