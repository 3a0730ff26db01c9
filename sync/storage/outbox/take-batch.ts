import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import type { EventAction } from '#shared/wire/event.ts';
import { ENTRY_STATUSES } from '../../outbox/entry.ts';
import type { Entry, EntryStatus } from '../../outbox/entry.ts';
import { isStubForced } from '../../outbox/deferral.ts';
import { planBatch } from '../../outbox/plan-batch.ts';
import type { BatchLimit, Candidate } from '../../outbox/plan-batch.ts';
import { nextStatus } from '../../outbox/transitions.ts';
import { jsonIn } from '../columns.ts';
import type { Executor } from '../connection.ts';
import { changeOutbox, readOutbox } from './change-outbox.ts';
import type { Change } from './change-outbox.ts';
import { ENTRY_ROW, readEntry } from './entry-rows.ts';
import type { StoredEntry } from './entry-rows.ts';
import { moveCount, WAITING_IN_SQL } from './outbox-context.ts';
import type { OutboxContext } from './outbox-context.ts';

/** Candidates that are looked at in one statement: twice a full batch. */
const CANDIDATES_PER_PAGE = 1000;
/** Entries that are parsed in one go: a full batch at once would hold the main thread for more than 10 ms. */
const ENTRIES_PER_READ = 100;

const CANDIDATES = `
	SELECT json_group_array(json_array(position, status, action, member_id, barcode, transaction_id, event_bytes, next_attempt_at)) AS page
	FROM (
		SELECT position, status, action, member_id, barcode, transaction_id, event_bytes, next_attempt_at
		FROM entry INDEXED BY entry_open
		WHERE status <> 'applied' AND status IN (${WAITING_IN_SQL}) AND position > ?1
		ORDER BY position LIMIT ${CANDIDATES_PER_PAGE}
	)`;

const MARK_SENDING = `
	UPDATE entry SET status = 'sending', sent_at = ?2, next_attempt_at = NULL
	WHERE position IN (SELECT value FROM json_each(?1))`;

const BY_POSITIONS = `SELECT ${ENTRY_ROW} FROM entry WHERE position IN (SELECT value FROM json_each(?1)) ORDER BY position`;

const ACTIONS: ReadonlySet<unknown> = new Set(WireEventSchema.options.map(({ shape }) => shape.action.value));

const PageSchema = z.array(
	z.tuple([
		z.int(),
		z.enum(ENTRY_STATUSES),
		z.custom<EventAction>((value) => ACTIONS.has(value)),
		z.string().nullable(),
		z.string().nullable(),
		z.string().nullable(),
		z.int(),
		z.int().nullable(),
	]),
);

/** See `Outbox.takeBatch`: marked `sending` on the disk before it is returned, so that after a crash nobody believes it was never sent. */
export async function takeBatch(context: OutboxContext, limit: BatchLimit): Promise<readonly Entry[]> {
	const positions = await changeOutbox(context, (tx) => markBatch(context, { tx, limit }));
	const entries: StoredEntry[] = [];
	for (let start = 0; start < positions.length; start += ENTRIES_PER_READ) {
		const chunk = JSON.stringify(positions.slice(start, start + ENTRIES_PER_READ));
		const rows = await readOutbox(context, (reader) => reader.all(BY_POSITIONS, [chunk]));
		entries.push(...rows.map(readEntry));
	}
	return entries.map(({ entry, deferredSinceMs }) =>
		isStubForced(deferredSinceMs, limit.nowMs) ? { ...entry, event: { ...entry.event, force_stub: true } } : entry,
	);
}

type Marking = { readonly tx: Executor; readonly limit: BatchLimit };

async function markBatch({ memory }: OutboxContext, { tx, limit }: Marking): Promise<Change<readonly number[]>> {
	const plan = planBatch(limit);
	const statuses = new Map<number, EntryStatus>();
	for (let after = 0, isOpen = true; isOpen;) {
		const page = await readCandidates(tx, after);
		for (const candidate of page) {
			statuses.set(candidate.position, candidate.status);
			isOpen = plan.offer(candidate);
			if (!isOpen) break;
		}
		after = page.at(-1)?.position ?? after;
		isOpen &&= page.length === CANDIDATES_PER_PAGE;
	}
	const positions = plan.positions();
	if (positions.length === 0) return { value: positions, follow: null };
	await tx.run(MARK_SENDING, [JSON.stringify(positions), Math.round(limit.nowMs)]);
	return {
		value: positions,
		follow: () => {
			for (const position of positions) {
				const from = must(statuses.get(position), 'the status of a taken entry');
				moveCount(memory, { from, to: must(nextStatus(from, 'take'), 'a taken entry has a next status') });
			}
		},
	};
}

async function readCandidates(tx: Executor, after: number): Promise<readonly Candidate[]> {
	const row = must(await tx.get(CANDIDATES, [after]), 'a page of candidates');
	return PageSchema.parse(jsonIn(row, 'page')).map(
		([position, status, action, memberId, barcode, transactionId, bytes, nextAttemptAtMs]) => ({
			position,
			status,
			action,
			memberId,
			barcode,
			transactionId,
			bytes,
			nextAttemptAtMs,
		}),
	);
}
