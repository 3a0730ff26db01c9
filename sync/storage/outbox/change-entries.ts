/** The changes of single entries and groups of entries besides recording, taking and settling. */
import { z } from 'zod';
import type { EventId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';
import { DiskFailure } from '../../outbox/disk-failure.ts';
import { ENTRY_STATUSES } from '../../outbox/entry.ts';
import type { Entry } from '../../outbox/entry.ts';
import type { ClosingOrder } from '../../outbox/outbox.ts';
import { nextStatus, sourcesOf } from '../../outbox/transitions.ts';
import type { EntryEvent } from '../../outbox/transitions.ts';
import type { Executor } from '../connection.ts';
import { changeOutbox } from './change-outbox.ts';
import type { Change } from './change-outbox.ts';
import { IS_CORRECTED, IS_CORRECTION } from './corrections.ts';
import { closingColumn, ENTRY_ROW, readEntry } from './entry-rows.ts';
import { isAnyWaitingOutside, renumberWaiting } from './incarnation.ts';
import type { Renumbered } from './incarnation.ts';
import { moveCount, newIncarnation } from './outbox-context.ts';
import type { OutboxContext } from './outbox-context.ts';

const StatusSchema = z.enum(ENTRY_STATUSES);
const BY_EVENT = `SELECT ${ENTRY_ROW} FROM entry WHERE event_id = ?1`;

/** Entries that `retire` deletes in one transaction. */
const RETIRED_MAX = 1000;

const NO_OUTCOME = 'applied_to = NULL, applied_ver = NULL, points = NULL, error = NULL, settled_at = NULL';
const AT_ONCE = 'next_attempt_at = NULL, deferrals = 0, deferred_since = NULL';

/** What puts an entry back at the beginning of its life; also used when headquarters was restored. */
export const START_AGAIN = `status = 'pending', ${AT_ONCE}, ${NO_OUTCOME}`;

/** The entry, or `null`. */
export async function findEntry(executor: Pick<Executor, 'get'>, eventId: EventId): Promise<Entry | null> {
	const row = await executor.get(BY_EVENT, [eventId]);
	return row === null ? null : readEntry(row).entry;
}

/** See `Outbox.voidEntry`. */
export function voidEntry(context: OutboxContext, eventId: EventId): Promise<Result<Entry, LoyaltyError>> {
	return asResult(
		changeEntry(context, { eventId, event: 'void' }, async (tx, entry) => {
			if (entry.status === 'voided') return ok(null);
			// Sent once, it may have arrived, whatever became of the answer.
			if (nextStatus(entry.status, 'void') === null || entry.sentAtMs !== null) return fail(terminalError('SALE-107', { eventId }));
			await tx.run(`DELETE FROM enrolment WHERE event_id = ?1`, [eventId]);
			return ok(`status = 'voided', next_attempt_at = NULL`);
		}),
	);
}

/** See `Outbox.resend`. */
export function resendEntry(context: OutboxContext, eventId: EventId): Promise<Result<Entry, LoyaltyError>> {
	return asResult(
		changeEntry(context, { eventId, event: 'resend', afterwards: (tx) => joinWaiting(tx, context) }, (_, entry) =>
			Promise.resolve(nextStatus(entry.status, 'resend') === null ? fail(terminalError('OUTBOX-101', { eventId })) : ok(START_AGAIN)),
		),
	);
}

/** One request names one incarnation: an entry of an earlier one that waits again gets a new one together with everybody else who waits. */
async function joinWaiting(tx: Executor, { memory, random }: OutboxContext): Promise<Renumbered | null> {
	return (await isAnyWaitingOutside(tx, memory.state.incarnation)) ? renumberWaiting(tx, newIncarnation(random)) : null;
}

const CORRECTED = `SELECT 1 FROM entry WHERE event_id = ?1 AND ${IS_CORRECTED}`;

/** See `Outbox.closeRefused`. The decision and the status in one transaction. */
export function closeRefused(context: OutboxContext, { eventId, by, because }: ClosingOrder): Promise<Result<Entry, LoyaltyError>> {
	return asResult(
		changeEntry(context, { eventId, event: 'close' }, async (tx, entry) => {
			if (entry.closing?.by === by && entry.closing.because === because) return ok(null);
			const isCorrected = (await tx.get(CORRECTED, [eventId])) !== null;
			if (isCorrected || nextStatus(entry.status, 'close') === null) return fail(terminalError('OUTBOX-101', { eventId }));
			const atMs = Math.round(context.clock.nowMs());
			await tx.run('UPDATE entry SET closing = ?2 WHERE event_id = ?1', [eventId, closingColumn({ by, atMs, because })]);
			// Nobody became a member by it: the card is free again, and nobody is warned of a duplicate.
			await tx.run('DELETE FROM enrolment WHERE event_id = ?1', [eventId]);
			return ok(`status = 'closed'`);
		}),
	);
}

type EntryChange = {
	readonly eventId: EventId;
	readonly event: EntryEvent;
	/** After the entry was changed, in the same transaction. */
	readonly afterwards?: (tx: Executor) => Promise<Renumbered | null>;
};
/** The assignments of the update, `null` for none, or why the person who asked is refused. */
type Decision = Result<string | null, LoyaltyError>;

function changeEntry(
	context: OutboxContext,
	{ eventId, event, afterwards }: EntryChange,
	decide: (tx: Executor, entry: Entry) => Promise<Decision>,
): Promise<Result<Entry, LoyaltyError>> {
	return changeOutbox(context, async (tx): Promise<Change<Result<Entry, LoyaltyError>>> => {
		const before = await findEntry(tx, eventId);
		if (before === null) return { value: fail(terminalError('OUTBOX-101', { eventId })), follow: null };
		const decision = await decide(tx, before);
		if (!decision.ok) return { value: decision, follow: null };
		if (decision.value === null) return { value: ok(before), follow: null };
		await tx.run(`UPDATE entry SET ${decision.value} WHERE event_id = ?1`, [eventId]);
		const renumbered = (await afterwards?.(tx)) ?? null;
		const after = must(await findEntry(tx, eventId), 'the entry that was changed');
		assert(after.status === nextStatus(before.status, event), 'the statement follows the table');
		return {
			value: ok(after),
			follow: () => {
				moveCount(context.memory, { from: before.status, to: after.status });
				if (renumbered !== null) context.memory.state = { ...context.memory.state, ...renumbered };
			},
		};
	});
}

async function asResult<T>(change: Promise<Result<T, LoyaltyError>>): Promise<Result<T, LoyaltyError>> {
	try {
		return await change;
	} catch (cause) {
		if (cause instanceof DiskFailure) return fail(cause.error);
		throw cause;
	}
}

/** See `Outbox.recoverSending`. */
export function recoverSending(context: OutboxContext): Promise<number> {
	const { from, to } = sourcesOf('recover');
	return changeOutbox(context, async (tx): Promise<Change<number>> => {
		const { changes } = await tx.run(
			`UPDATE entry SET status = ?2 WHERE position IN (
				SELECT position FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND status = ?1)`,
			[only(from), to],
		);
		return { value: changes, follow: changes === 0 ? null : () => moveCount(context.memory, { from: only(from), to, entries: changes }) };
	});
}

/** See `Outbox.release`. */
export function releaseEntries(context: OutboxContext, eventIds: readonly EventId[], nextAttemptAtMs: number): Promise<void> {
	const { from, to } = sourcesOf('release');
	return changeOutbox(context, async (tx): Promise<Change<undefined>> => {
		const { changes } = await tx.run(
			`UPDATE entry SET status = ?3, next_attempt_at = ?4
			WHERE event_id IN (SELECT value FROM json_each(?1)) AND status = ?2`,
			[JSON.stringify(eventIds), only(from), to, nextAttemptAtMs === 0 ? null : Math.round(nextAttemptAtMs)],
		);
		return { value: undefined, follow: changes === 0 ? null : () => moveCount(context.memory, { from: only(from), to, entries: changes }) };
	});
}

export type Parking = { readonly eventId: EventId; readonly why: LoyaltyError; readonly nextAttemptAtMs: number };

/** See `Outbox.park`. */
export function parkEntry(context: OutboxContext, { eventId, why, nextAttemptAtMs }: Parking): Promise<void> {
	return changeOutbox(context, async (tx): Promise<Change<undefined>> => {
		const before = await findEntry(tx, eventId);
		const to = before === null ? null : nextStatus(before.status, 'park');
		if (before === null || to === null) return { value: undefined, follow: null };
		const nowMs = Math.round(context.clock.nowMs());
		await tx.run(`UPDATE entry SET status = ?2, next_attempt_at = ?3, error = ?4, settled_at = ?5 WHERE event_id = ?1`, [
			eventId,
			to,
			Math.round(nextAttemptAtMs),
			JSON.stringify(asWireError(why)),
			nowMs,
		]);
		return { value: undefined, follow: () => moveCount(context.memory, { from: before.status, to }) };
	});
}

/** Why an entry was parked, in the form of headquarters' own words. */
function asWireError(why: LoyaltyError): WireError {
	return { type: why.code, code: WIRE_CODES.internal, message: (why.detail ?? why.code).slice(0, 500) };
}

/**
 * See `Outbox.retire`. The entry of an enrolment that is still shown stays, and the youngest, so that no row's place is given twice. A
 * correction stays as long as what it corrects, which would need somebody again without it.
 */
export function retireEntries(context: OutboxContext, beforeMs: number): Promise<number> {
	const { memory } = context;
	return changeOutbox(context, async (tx): Promise<Change<number>> => {
		const rows = await tx.all(
			`DELETE FROM entry WHERE position IN (
				SELECT position FROM entry
				WHERE occurred_at < ?1 AND (status IN ('applied', 'voided', 'closed') OR ${IS_CORRECTED})
					AND max(coalesce(settled_at, occurred_at), coalesce(closing->>'$.at', 0)) < ?1 AND NOT ${IS_CORRECTION}
					AND event_id NOT IN (SELECT event_id FROM enrolment) AND position < (SELECT max(position) FROM entry)
				ORDER BY occurred_at LIMIT ${RETIRED_MAX}
			) RETURNING status`,
			[beforeMs],
		);
		if (rows.length === 0) return { value: 0, follow: null };
		// The highest number may leave the table with them, and must not be given again.
		await tx.run('UPDATE state SET max_seq = max(max_seq, ?1) WHERE id = 1', [memory.state.maxSeq]);
		return {
			value: rows.length,
			follow: () => {
				for (const row of rows) memory.counts[StatusSchema.parse(row['status'])] -= 1;
			},
		};
	});
}

function only<T>(values: readonly T[]): T {
	const [first] = values;
	assert(first !== undefined && values.length === 1, 'one source');
	return first;
}
