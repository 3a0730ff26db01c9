import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { assert } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { EVENT_BYTES_MAX } from '#shared/wire/limits.ts';
import type { Entry } from '../../outbox/entry.ts';
import { foldText } from '../../outbox/fold-text.ts';
import type { Recording } from '../../outbox/outbox.ts';
import type { Executor, SqlValue } from '../connection.ts';
import { SqliteError, toDiskError } from '../sqlite-error.ts';
import { withRoom } from './change-outbox.ts';
import { ENTRY_ROW, readEntry } from './entry-rows.ts';
import { readMemory } from './outbox-context.ts';
import type { OutboxContext } from './outbox-context.ts';

/**
 * Entries that an outbox holds: years of a busy shop with the line down, about 1.5 GB. Recording stops before the file's own limit, so
 * that there is always room for outcomes.
 */
const ENTRIES_MAX = 1_000_000;

const INSERT = `INSERT INTO entry (
	event_id, request_id, incarnation, seq, status, action, member_id, barcode, event, event_bytes, points_estimated,
	receipt_number, amount_minor, currency, transaction_id, cashier, card_number, enrolment, occurred_at, monotonic, boot_id, skew
) VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)`;

const BY_REQUEST = `SELECT ${ENTRY_ROW} FROM entry WHERE request_id = ?1`;

/** When an event was confirmed, by this terminal's clocks. */
type Moment = Pick<Entry, 'occurredAtMs' | 'monotonicMs' | 'bootId'>;

/**
 * Writes an entry: one statement, one flush of the disk. The sequence number is given inside the writer's queue, in the order of writing,
 * so that there is never a gap, also after a write that failed.
 */
export async function recordEntry(context: OutboxContext, recording: Recording): Promise<Result<Entry, LoyaltyError>> {
	const { clock } = context;
	const moment = { occurredAtMs: Math.round(clock.nowMs()), monotonicMs: Math.round(clock.monotonicMs()), bootId: clock.bootId };
	try {
		return await withRoom(context, () => context.writer.exclusively((executor) => write(context, { executor, recording, moment })));
	} catch (cause) {
		if (cause instanceof SqliteError) return fail(toDiskError(cause));
		throw cause;
	}
}

type Write = { readonly executor: Executor; readonly recording: Recording; readonly moment: Moment };

async function write(context: OutboxContext, { executor, recording, moment }: Write): Promise<Result<Entry, LoyaltyError>> {
	const { memory } = context;
	if (!memory.isExact) Object.assign(memory, await readMemory(executor));
	const entries = Object.values(memory.counts).reduce((sum, count) => sum + count, 0);
	if (entries >= ENTRIES_MAX) return fail(terminalError('DISK-101', { detail: `the outbox holds ${ENTRIES_MAX} entries` }));
	const entry = newEntry(context, recording, moment);
	// What cannot be read back would stop every batch that it is in.
	const checked = WireEventSchema.safeParse(entry.event);
	if (!checked.success) {
		const where = checked.error.issues.map(({ path }) => path.join('.')).join(', ');
		return fail(terminalError('BRIDGE-101', { verdict: 'never', detail: `no event of the wire: ${where}`.slice(0, 500) }));
	}
	const json = JSON.stringify(entry.event);
	const bytes = Buffer.byteLength(json);
	if (bytes > EVENT_BYTES_MAX) {
		return fail(terminalError('BRIDGE-101', { verdict: 'never', detail: `an event of ${bytes} bytes is above ${EVENT_BYTES_MAX}` }));
	}
	try {
		await executor.run(INSERT, insertValues(entry, { recording, json, bytes }));
	} catch (cause) {
		if (!(cause instanceof SqliteError && cause.failure === 'constraint')) throw cause;
		const first = await findRecorded(executor, recording.requestId);
		assert(first !== null, 'an event id is recorded once');
		return ok(first);
	}
	memory.state = { ...memory.state, maxSeq: entry.seq };
	memory.counts.pending += 1;
	context.noteChange();
	return ok(entry);
}

/** The entry that a request recorded, or `null`. */
export async function findRecorded(executor: Pick<Executor, 'get'>, requestId: string): Promise<Entry | null> {
	const row = await executor.get(BY_REQUEST, [requestId]);
	return row === null ? null : readEntry(row).entry;
}

function newEntry({ memory }: OutboxContext, recording: Recording, moment: Moment): Entry {
	const { incarnation, maxSeq, skewMs } = memory.state;
	const seq = maxSeq + 1;
	const event: WireEvent = { ...recording.event, event_id: recording.eventId, seq, occurred_at: moment.occurredAtMs };
	return {
		eventId: recording.eventId,
		incarnation,
		seq,
		status: 'pending',
		action: event.action,
		memberId: recording.memberId,
		event,
		pointsEstimated: recording.pointsEstimated,
		receipt: recording.receipt,
		cashier: recording.cashier,
		...moment,
		skewMs,
		attempts: 0,
		nextAttemptAtMs: null,
		sentAtMs: null,
		outcome: null,
		closing: null,
	};
}

type Written = { readonly recording: Recording; readonly json: string; readonly bytes: number };

function insertValues(entry: Entry, { recording, json, bytes }: Written): readonly SqlValue[] {
	const { receipt } = entry;
	return [
		entry.eventId,
		recording.requestId,
		entry.incarnation,
		entry.seq,
		entry.action,
		entry.memberId,
		barcodeOf(entry.event),
		json,
		bytes,
		entry.pointsEstimated,
		receipt?.receiptNumber ?? null,
		receipt?.amountMinor ?? null,
		receipt?.currency ?? null,
		receipt?.transactionId ?? transactionOf(entry.event),
		entry.cashier,
		recording.cardNumber ?? null,
		enrolmentOf(entry),
		entry.occurredAtMs,
		entry.monotonicMs,
		entry.bootId,
		Math.round(entry.skewMs),
	];
}

/** The barcode that the event names: as its customer, or as the card of the member it is about. */
export function barcodeOf(event: WireEvent): string | null {
	if (event.external_id === 'loyalty_barcode') return event.customer;
	return event.action === 'opt_in' || event.action === 'profile' ? (event.data.loyalty_barcode ?? null) : null;
}

/** The sale that an event is about. */
export function transactionOf(event: WireEvent): string | null {
	return event.action === 'checkout' || event.action === 'refund' || event.action === 'partial_refund' ? event.data.transaction_id : null;
}

/** What the row of a local enrolment has besides the event's own fields. */
function enrolmentOf({ event, memberId }: Entry): string | null {
	if (event.action !== 'opt_in' || memberId === null) return null;
	const { first_name, last_name, consents = [] } = event.data;
	return JSON.stringify({
		// The blank in front lets a search look for ' ' + the beginning of a word.
		folded_name: ` ${foldText(`${first_name ?? ''} ${last_name ?? ''}`)}`,
		consents: Object.fromEntries(consents.map(({ purpose, granted }) => [purpose, granted])),
	});
}
