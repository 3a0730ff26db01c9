import { z } from 'zod';
import { assert } from '#shared/lib/assert.ts';
import type { EventId } from '#shared/domain/ids.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { deferralWaitMs } from '../../outbox/deferral.ts';
import { ENTRY_STATUSES } from '../../outbox/entry.ts';
import type { EntryStatus } from '../../outbox/entry.ts';
import { nextStatus } from '../../outbox/transitions.ts';
import type { Executor } from '../connection.ts';
import { changeOutbox } from './change-outbox.ts';
import type { Change } from './change-outbox.ts';
import { renumberWaiting } from './incarnation.ts';
import type { Renumbered } from './incarnation.ts';
import { moveCount, newIncarnation } from './outbox-context.ts';
import type { OutboxContext } from './outbox-context.ts';
import { emptyEntries, leftBy } from './scrub.ts';

/** Results in one call: a push has at most 500, a page of pulled outcomes 1,000. */
const RESULTS_MAX = 5000;

export type KeyedResult = EventResult & { readonly event_id: EventId };

/** Whether somebody was forgotten, and which ids are not here. */
type Found = { readonly hasLeft: boolean; readonly unknown: readonly EventId[] };

/** What the rules look at of an entry that was answered. */
type Answered = { readonly status: EntryStatus; readonly deferrals: number; readonly deferredSinceMs: number | null };

/** An entry after its answer, in the order of the columns that `STORE` sets. */
type Settled = Answered & { readonly result: KeyedResult; readonly nextAttemptAtMs: number | null };

const ANSWERED = `
	SELECT event_id, json_array(status, deferrals, deferred_since) AS answered
	FROM entry WHERE event_id IN (SELECT value FROM json_each(?1))`;

const STORE = `
	UPDATE entry SET
		status = answer.value->>1, attempts = attempts + 1, deferrals = answer.value->>2, deferred_since = answer.value->>3,
		next_attempt_at = answer.value->>4, applied_to = answer.value->>5, applied_ver = answer.value->>6, points = answer.value->>7,
		error = answer.value->>8, settled_at = answer.value->>9
	FROM json_each(?1) AS answer
	WHERE entry.event_id = answer.value->>0`;

const AnsweredSchema = z.object({
	event_id: z.string(),
	answered: z
		.string()
		.transform((text): unknown => JSON.parse(text))
		.pipe(z.tuple([z.enum(ENTRY_STATUSES), z.int(), z.int().nullable()])),
});

/**
 * See `Outbox.settle`. All answers in one transaction; an answer that changes nothing (the entry is settled, or not ours after a restore)
 * is passed over, so that settling twice is settling once; the ids of those that are not ours are answered. A `fork` gives all waiting entries a new incarnation in the same transaction. Who is refused
 * because the person has left is forgotten in it.
 */
export async function settleResults(context: OutboxContext, results: readonly KeyedResult[], at: number): Promise<readonly EventId[]> {
	const nowMs = Math.round(at);
	assert(results.length <= RESULTS_MAX, 'an answer has a limit');
	const leaver = leftBy(results);
	const { hasLeft, unknown } = await changeOutbox(context, async (tx): Promise<Change<Found>> => {
		const before = await readAnswered(tx, results);
		const found = {
			hasLeft: leaver.eventIds.length > 0 && (await emptyEntries(tx, leaver)),
			unknown: results.map((result) => result.event_id).filter((eventId) => !before.has(eventId)),
		};
		const after = new Map<string, Settled>();
		for (const result of results) {
			const answered = after.get(result.event_id) ?? before.get(result.event_id);
			const settled = answered === undefined ? null : settleOne(answered, result, nowMs);
			if (settled !== null) after.set(result.event_id, settled);
		}
		if (after.size === 0) return { value: found, follow: found.hasLeft ? () => {} : null };
		await tx.run(STORE, [JSON.stringify([...after.values()].map((settled) => storedForm(settled, nowMs)))]);
		const isForked = [...after.values()].some(({ result }) => result.status === 'fork');
		const renumbered = isForked ? await renumberWaiting(tx, newIncarnation(context.random)) : null;
		return { value: found, follow: () => followAnswers(context, { before, after, renumbered }) };
	});
	if (hasLeft) await context.checkpointer.truncate();
	return unknown;
}

/** One answer's effect on one entry, or `null`; pure. */
function settleOne(answered: Answered, result: KeyedResult, nowMs: number): Settled | null {
	const status = nextStatus(answered.status, result.status);
	if (status === null) return null;
	if (result.status === 'deferred') {
		return {
			status,
			deferrals: answered.deferrals + 1,
			deferredSinceMs: answered.deferredSinceMs ?? nowMs,
			nextAttemptAtMs: nowMs + deferralWaitMs(answered.deferrals),
			result,
		};
	}
	return { status, deferrals: answered.deferrals, deferredSinceMs: answered.deferredSinceMs, nextAttemptAtMs: null, result };
}

function storedForm({ status, deferrals, deferredSinceMs, nextAttemptAtMs, result }: Settled, nowMs: number): readonly unknown[] {
	const isApplied = status === 'applied';
	// A forked entry has no outcome yet: it is sent again at its new place.
	const hasOutcome = status !== 'pending';
	return [
		result.event_id,
		status,
		deferrals,
		deferredSinceMs,
		nextAttemptAtMs,
		isApplied ? (result.applied_to ?? null) : null,
		isApplied ? (result.applied_ver ?? null) : null,
		isApplied ? (result.points ?? null) : null,
		// `->>` of an object is its JSON as text.
		hasOutcome ? (result.error ?? null) : null,
		hasOutcome ? nowMs : null,
	];
}

async function readAnswered(tx: Executor, results: readonly KeyedResult[]): Promise<ReadonlyMap<string, Answered>> {
	const rows = await tx.all(ANSWERED, [JSON.stringify(results.map(({ event_id }) => event_id))]);
	return new Map(
		rows.map((row) => {
			const { event_id, answered } = AnsweredSchema.parse(row);
			const [status, deferrals, deferredSinceMs] = answered;
			return [event_id, { status, deferrals, deferredSinceMs }];
		}),
	);
}

type Answers = {
	readonly before: ReadonlyMap<string, Answered>;
	readonly after: ReadonlyMap<string, Settled>;
	readonly renumbered: Renumbered | null;
};

function followAnswers({ memory }: OutboxContext, { before, after, renumbered }: Answers): void {
	for (const [eventId, { status }] of after) {
		const from = before.get(eventId)?.status;
		assert(from !== undefined, 'what was settled was there');
		moveCount(memory, { from, to: status });
	}
	if (renumbered !== null) memory.state = { ...memory.state, ...renumbered };
}
