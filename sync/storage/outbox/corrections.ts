/** Which refused entries were corrected, and by what. The link is the request id of the newer one (`../../outbox/correction.ts`). */
import { z } from 'zod';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import { LIST_MAX } from '../../outbox/outbox.ts';
import type { Correction } from '../../outbox/outbox.ts';
import type { Executor } from '../connection.ts';
import { ENTRY_ROW, readEntry } from './entry-rows.ts';

/** A range over the unique index of request ids: `!` is the character behind the space. */
const CORRECTS = (corrected: string): string =>
	`newer.request_id >= 'corrects ' || ${corrected} || ' ' AND newer.request_id < 'corrects ' || ${corrected} || '!' AND newer.status <> 'voided'`;

/** Out of the request id: the event names it too, but an enrolment loses its data when its member leaves. */
const CORRECTED = `substr(request_id, 10, 36)`;

/** A condition on a row of `entry`: it corrects one that is still here. */
export const IS_CORRECTION = `(request_id LIKE 'corrects %' AND EXISTS (SELECT 1 FROM entry AS older WHERE older.event_id = ${CORRECTED.replace('request_id', 'entry.request_id')}))`;

/** A condition on a row of `entry`: a correction of it stands. */
export const IS_CORRECTED = `(entry.status = 'rejected' AND EXISTS (SELECT 1 FROM entry AS newer WHERE ${CORRECTS('entry.event_id')}))`;

/** See `Outbox.corrections`. */
export async function findCorrections(reader: Executor, eventIds: readonly EventId[]): Promise<readonly Correction[]> {
	assert(eventIds.length <= LIST_MAX, () => `at most ${LIST_MAX} entries at once`);
	const rows = await reader.all(
		`SELECT ${CORRECTED} AS of, ${ENTRY_ROW} FROM entry WHERE position IN (
			SELECT newer.position FROM json_each(?1) AS asked, entry AS newer WHERE ${CORRECTS('asked.value')}
		) ORDER BY position`,
		[JSON.stringify(eventIds)],
	);
	return rows.map((row) => ({ of: EventIdSchema.parse(row['of']), entry: readEntry(row).entry }));
}

/** See `Outbox.countCorrected`. */
export async function countCorrected(reader: Executor): Promise<number> {
	const row = await reader.get(`SELECT count(*) AS entries FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND ${IS_CORRECTED}`);
	return z.object({ entries: z.int() }).parse(row).entries;
}
