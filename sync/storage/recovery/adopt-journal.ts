import { z } from 'zod';
import type { Random } from '#shared/lib/clock.ts';
import { openConnection } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { DURABLE } from '../outbox/outbox-file.ts';
import type { ReadJournal } from './gather.ts';
import { asUnsent, insertRows, liveIn } from './recovered-row.ts';

/** `isOurs`: the data folder knows it by its id; otherwise an entry that both have must show it. */
export type Adopted = { readonly journal: ReadJournal; readonly isOurs: boolean };

/**
 * A sound `outbox.db` that lacks the end of its own journal was restored from a copy. What was recorded since is added, to be sent again under the
 * same ids and, if no other event has taken them since, the same numbers. Answers how many were added.
 */
export async function adoptJournal(file: string, { journal, isOurs }: Adopted, random: Random): Promise<number> {
	const connection = await openConnection({ file, mode: 'existing', pragmas: DURABLE });
	try {
		const { known, position } = await readCommon(connection, journal);
		// Entries before the last one that both have were retired here; only what comes after it is missing.
		const after = journal.entries.findLastIndex(({ event_id }) => known.has(event_id));
		if (after === -1 && !isOurs) return 0;
		const rows = journal.entries.slice(after + 1).flatMap(({ event_id }) => journal.rows.get(event_id) ?? []);
		const last = rows.at(-1);
		if (last === undefined) return 0;
		return await connection.transaction(async (tx) => {
			// What was recorded on the older copy came later: it moves behind, so that places stay in the order of recording.
			await tx.run('UPDATE entry SET position = -position WHERE position > ?1', [position]);
			const unsent = rows.map((row) => asUnsent(row, journal.voided.has(row.event_id)));
			const added = await insertRows(tx, unsent, random);
			await tx.run('UPDATE entry SET position = ?1 - position WHERE position < 0', [rows.length]);
			await liveIn(tx, last.incarnation, random);
			return added;
		});
	} finally {
		await connection.close();
	}
}

const COMMON = `
	SELECT json_group_array(event_id) AS known, coalesce(max(position), (SELECT max(position) FROM entry), 0) AS position
	FROM entry WHERE event_id IN (SELECT value FROM json_each(?1))`;
const CommonSchema = z.object({ known: z.string(), position: z.int() });

/** The entries that outbox and journal both have, and the place of the last of them. */
async function readCommon(
	connection: Connection,
	{ entries }: ReadJournal,
): Promise<{ readonly known: ReadonlySet<string>; readonly position: number }> {
	const row = await connection.get(COMMON, [JSON.stringify(entries.map(({ event_id }) => event_id))]);
	const { known, position } = CommonSchema.parse(row);
	return { known: new Set(z.array(z.string()).parse(JSON.parse(known))), position };
}

/** Whether the outbox has this event. */
export async function hasEntry(file: string, eventId: string): Promise<boolean> {
	const connection = await openConnection({ file, mode: 'read_only', pragmas: {} });
	try {
		return (await connection.get('SELECT 1 AS found FROM entry WHERE event_id = ?1', [eventId])) !== null;
	} finally {
		await connection.close();
	}
}
