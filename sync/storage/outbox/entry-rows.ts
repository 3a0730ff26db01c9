/** Rows of `entry` and `enrolment` as they lie on disk, and as the rest of the program knows them. */
import { z } from 'zod';
import { ClosingReasonSchema } from '#shared/domain/closing.ts';
import { must } from '#shared/lib/assert.ts';
import {
	EventIdSchema,
	IncarnationSchema,
	LoyaltyBarcodeSchema,
	MemberIdSchema,
	ReceiptNumberSchema,
	TransactionIdSchema,
} from '#shared/domain/ids.ts';
import { WireErrorSchema } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { ENTRY_STATUSES } from '../../outbox/entry.ts';
import type { Closing, Entry, Outcome, Receipt } from '../../outbox/entry.ts';
import type { LocalEnrolment } from '../../outbox/outbox.ts';
import { jsonIn } from '../columns.ts';
import type { SqlRow } from '../connection.ts';

/** The column `closing`. */
const ClosingSchema = z.object({ by: z.string(), at: z.int(), because: ClosingReasonSchema });

const EntryRowSchema = z.object({
	position: z.int(),
	event_id: EventIdSchema,
	incarnation: IncarnationSchema,
	seq: z.int().min(1),
	status: z.enum(ENTRY_STATUSES),
	member_id: MemberIdSchema.nullable(),
	event: WireEventSchema,
	points_estimated: z.int(),
	receipt_number: ReceiptNumberSchema.nullable(),
	amount_minor: z.int().nullable(),
	currency: z.string().nullable(),
	transaction_id: TransactionIdSchema.nullable(),
	cashier: z.string(),
	occurred_at: z.int(),
	monotonic: z.int(),
	boot_id: z.string(),
	skew: z.int(),
	attempts: z.int(),
	deferred_since: z.int().nullable(),
	next_attempt_at: z.int().nullable(),
	sent_at: z.int().nullable(),
	applied_to: MemberIdSchema.nullable(),
	applied_ver: z.int().nullable(),
	points: z.int().nullable(),
	error: WireErrorSchema.nullable(),
	settled_at: z.int().nullable(),
	closing: ClosingSchema.nullable(),
});
type EntryRow = z.infer<typeof EntryRowSchema>;

const EnrolmentRowSchema = z.object({
	member_id: MemberIdSchema,
	event_id: EventIdSchema,
	barcode: LoyaltyBarcodeSchema.nullable(),
	first_name: z.string().nullable(),
	last_name: z.string().nullable(),
	mobile: z.string().nullable(),
	email: z.string().nullable(),
	consents: z.record(z.string(), z.boolean()),
	enrolled_at: z.int(),
});

const JSON_COLUMNS = new Set(['event', 'error', 'consents', 'closing']);

/** All columns of a schema as one JSON object: a single text crosses from the driver to us faster than thirty columns. */
function rowAsJson(schema: z.ZodObject): string {
	const pairs = Object.keys(schema.shape).map((column) => `'${column}', ${JSON_COLUMNS.has(column) ? `json(${column})` : column}`);
	return `json_object(${pairs.join(', ')}) AS row`;
}

/** The result column of `SELECT … FROM entry` that `readEntry` reads. */
export const ENTRY_ROW = rowAsJson(EntryRowSchema);
/** The result column of `SELECT … FROM enrolment` that `readEnrolment` reads. */
export const ENROLMENT_ROW = rowAsJson(EnrolmentRowSchema);

/** An entry with what only the outbox itself looks at. */
export type StoredEntry = { readonly position: number; readonly entry: Entry; readonly deferredSinceMs: number | null };

/** Throws on a row that no version of ours has written. */
export function readEntry(sqlRow: SqlRow): StoredEntry {
	const row = EntryRowSchema.parse(jsonIn(sqlRow, 'row'));
	const entry: Entry = {
		eventId: row.event_id,
		incarnation: row.incarnation,
		seq: row.seq,
		status: row.status,
		action: row.event.action,
		memberId: row.member_id,
		event: row.event,
		pointsEstimated: row.points_estimated,
		receipt: readReceipt(row),
		cashier: row.cashier,
		occurredAtMs: row.occurred_at,
		monotonicMs: row.monotonic,
		bootId: row.boot_id,
		skewMs: row.skew,
		attempts: row.attempts,
		nextAttemptAtMs: row.next_attempt_at,
		sentAtMs: row.sent_at,
		outcome: readOutcome(row),
		closing: row.closing === null ? null : { by: row.closing.by, atMs: row.closing.at, because: row.closing.because },
	};
	return { position: row.position, entry, deferredSinceMs: row.deferred_since };
}

function readReceipt(row: EntryRow): Receipt | null {
	if (row.receipt_number === null) return null;
	return {
		receiptNumber: row.receipt_number,
		amountMinor: must(row.amount_minor, 'the amount of a receipt'),
		currency: must(row.currency, 'the currency of a receipt'),
		transactionId: must(row.transaction_id, 'the transaction of a receipt'),
	};
}

function readOutcome(row: EntryRow): Outcome | null {
	if (row.settled_at === null) return null;
	return { appliedTo: row.applied_to, appliedVer: row.applied_ver, points: row.points, error: row.error, settledAtMs: row.settled_at };
}

/** What `closing` holds. */
export function closingColumn({ by, atMs, because }: Closing): string {
	return JSON.stringify({ by, at: atMs, because } satisfies z.infer<typeof ClosingSchema>);
}

/** Throws on a row that no version of ours has written. */
export function readEnrolment(sqlRow: SqlRow): LocalEnrolment {
	const row = EnrolmentRowSchema.parse(jsonIn(sqlRow, 'row'));
	return {
		memberId: row.member_id,
		eventId: row.event_id,
		barcode: row.barcode,
		firstName: row.first_name,
		lastName: row.last_name,
		mobile: row.mobile,
		email: row.email,
		consents: row.consents,
		enrolledAtMs: row.enrolled_at,
	};
}
