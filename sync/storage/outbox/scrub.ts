/**
 * What an opt-out takes out of the outbox: names, contacts and cards of enrolments and profile changes. Ids and points stay.
 *
 * A person is known by member id, by the id that headquarters took instead, and, in entries that are over without headquarters having them
 * (refused, closed, taken back), by card, mobile number or e-mail address: their ids never became anybody's, so that no opt-out names them. An
 * entry goes with the one that corrects it, or that it corrects. What still waits goes by its ids alone: it may be the same person joining anew.
 */
import { z } from 'zod';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { PersonTrace } from '../../outbox/outbox.ts';
import type { Executor } from '../connection.ts';
import { changeOutbox } from './change-outbox.ts';
import type { Change } from './change-outbox.ts';
import type { OutboxContext } from './outbox-context.ts';

/** Who has left: by id, by events of theirs, and by what else is known of them. */
export type Leaver = {
	readonly memberIds: readonly MemberId[];
	readonly eventIds: readonly EventId[];
	readonly traces: readonly PersonTrace[];
};

/** Entries of these members: recorded with their ids, or with an id that headquarters took for one of them (a card enrolled twice, a merge). */
const ENTRIES_OF = `
	SELECT position FROM entry WHERE member_id IN (SELECT id FROM leaver)
	UNION SELECT position FROM entry WHERE applied_to IS NOT member_id AND applied_to IN (SELECT id FROM leaver)
	UNION SELECT position FROM entry WHERE event_id IN (SELECT value FROM json_each(?2))`;

const IS_NAMING = `action IN ('opt_in', 'profile')`;

/** Parameters as of `valuesOf`. `found (position)`: every entry of a person who has left. */
const FOUND = `
	WITH RECURSIVE
	leaver (id) AS (
		SELECT value FROM json_each(?1)
		UNION SELECT member_id FROM entry WHERE event_id IN (SELECT value FROM json_each(?2)) AND member_id IS NOT NULL
	),
	own (position) AS MATERIALIZED (${ENTRIES_OF}),
	trace (kind, value) AS MATERIALIZED (
		SELECT value->>0, value->>1 FROM json_each(?3)
		UNION SELECT 'barcode', barcode FROM entry WHERE position IN own AND ${IS_NAMING}
		UNION SELECT 'mobile', event->>'$.data.mobile_phone' FROM entry WHERE position IN own AND ${IS_NAMING}
		UNION SELECT 'email', lower(event->>'$.data.email') FROM entry WHERE position IN own AND ${IS_NAMING}
	),
	found (position) AS (
		SELECT position FROM own
		UNION
		SELECT position FROM entry INDEXED BY entry_open
		WHERE status <> 'applied' AND status IN ('rejected', 'voided', 'closed') AND ${IS_NAMING} AND (
			barcode IN (SELECT value FROM trace WHERE kind = 'barcode')
			OR event->>'$.data.mobile_phone' IN (SELECT value FROM trace WHERE kind = 'mobile')
			OR lower(event->>'$.data.email') IN (SELECT value FROM trace WHERE kind = 'email')
		)
		UNION
		SELECT older.position FROM found CROSS JOIN entry AS newer ON newer.position = found.position
			CROSS JOIN entry AS older ON older.event_id = substr(newer.request_id, 10, 36)
		WHERE newer.request_id GLOB 'corrects *'
		UNION
		SELECT newer.position FROM found CROSS JOIN entry AS older ON older.position = found.position
			CROSS JOIN entry AS newer
			ON newer.request_id >= 'corrects ' || older.event_id || ' ' AND newer.request_id < 'corrects ' || older.event_id || '!'
	)`;

export const NAMING = `${FOUND} SELECT event_id, event->>'$.data' <> '{}' AS has_data FROM entry WHERE position IN found AND ${IS_NAMING}`;

const EMPTIED = `json_set(event, '$.data', json('{}'))`;
const EMPTY = `
	UPDATE entry SET event = ${EMPTIED}, event_bytes = octet_length(${EMPTIED}), barcode = NULL, enrolment = NULL
	WHERE event_id IN (SELECT value FROM json_each(?1)) AND event->>'$.data' <> '{}'`;
const FORGET = `
	DELETE FROM enrolment WHERE member_id IN (SELECT value FROM json_each(?1)) OR event_id IN (SELECT value FROM json_each(?2))`;

const NamingSchema = z.object({ event_id: EventIdSchema, has_data: z.int() }).transform(({ event_id, has_data }) => ({
	eventId: event_id,
	hasData: has_data === 1,
}));

/** The enrolments and profile changes of who has left, and whether they still say anything. */
export async function findNaming(
	reader: Pick<Executor, 'all'>,
	{ memberIds, eventIds, traces }: Leaver,
): Promise<readonly z.infer<typeof NamingSchema>[]> {
	const known = traces.flatMap(({ barcodes, mobile, email }) => [
		...barcodes.map((barcode) => ['barcode', barcode]),
		...(mobile === null ? [] : [['mobile', mobile]]),
		...(email === null ? [] : [['email', email.toLowerCase()]]),
	]);
	const rows = await reader.all(NAMING, [JSON.stringify(memberIds), JSON.stringify(eventIds), JSON.stringify(known)]);
	return rows.map((row) => NamingSchema.parse(row));
}

/** Answers whether anything was taken out. */
export async function emptyEntries(tx: Executor, leaver: Leaver): Promise<boolean> {
	const named = JSON.stringify((await findNaming(tx, leaver)).map(({ eventId }) => eventId));
	const emptied = await tx.run(EMPTY, [named]);
	const forgotten = await tx.run(FORGET, [JSON.stringify(leaver.memberIds), named]);
	return emptied.changes + forgotten.changes > 0;
}

/** See `Outbox.scrubMembers`. Resolves when the log of the file has no trace either, or has as soon as a reader lets go of it. */
export async function scrubMembers(
	context: OutboxContext,
	memberIds: readonly MemberId[],
	traces: readonly PersonTrace[] = [],
): Promise<void> {
	if (memberIds.length === 0) return;
	const isScrubbed = await changeOutbox(context, async (tx): Promise<Change<boolean>> => {
		const isChanged = await emptyEntries(tx, { memberIds, eventIds: [], traces });
		return { value: isChanged, follow: isChanged ? () => {} : null };
	});
	if (isScrubbed) await context.checkpointer.truncate();
}

/** The events that headquarters refused because their person has left: an opt-out that arrives before the change feed tells of it. */
export function leftBy(results: readonly (EventResult & { readonly event_id: EventId })[]): Leaver {
	const eventIds = results.flatMap(({ event_id, status, error }) =>
		status === 'rejected' && error?.code === WIRE_CODES.optedOut ? [event_id] : [],
	);
	return { memberIds: [], eventIds, traces: [] };
}
