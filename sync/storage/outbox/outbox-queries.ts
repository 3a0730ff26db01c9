/** The outbox's answers to screens. All of them over the reader. */
import { z } from 'zod';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode, MemberId, ReceiptNumber } from '#shared/domain/ids.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { ENTRY_STATUSES } from '../../outbox/entry.ts';
import type { Entry, EntryStatus } from '../../outbox/entry.ts';
import { LIST_MAX } from '../../outbox/outbox.ts';
import type { PendingPoints, RecordedSale, ShiftSummary } from '../../outbox/outbox.ts';
import { jsonIn, nullableIntegerIn, numberIn } from '../columns.ts';
import type { Executor } from '../connection.ts';
import { IS_CORRECTED } from './corrections.ts';
import { ENTRY_ROW, readEntry } from './entry-rows.ts';

export type ListQuery = {
	readonly statuses?: readonly EntryStatus[];
	readonly before?: number;
	readonly limit: number;
	readonly isCorrectedLeftOut?: boolean;
};
export type PointsOf = { readonly memberIds: readonly MemberId[]; readonly barcodes: readonly LoyaltyBarcode[] };

/** Sales with one receipt number: a till that counts from 1 each day has one per day. */
const SALES_MAX = 50;
const NOT_REFUSED = `status NOT IN ('rejected', 'voided', 'closed')`;
/** What really changed once headquarters said so, until then what the terminal expects. */
const POINTS = 'coalesce(points, points_estimated)';

/** See `Outbox.list`. Applied entries are nearly all of them, so that a list without them reads its own short index. */
export async function listEntries(
	reader: Executor,
	{ statuses = ENTRY_STATUSES, before, limit, isCorrectedLeftOut = false }: ListQuery,
): Promise<readonly (Entry & { readonly position: number })[]> {
	assert(limit >= 1 && limit <= LIST_MAX, () => `a list has 1 to ${LIST_MAX} entries`);
	const isOpenOnly = !statuses.includes('applied');
	const rows = await reader.all(
		`SELECT ${ENTRY_ROW} FROM entry ${isOpenOnly ? 'INDEXED BY entry_open' : 'NOT INDEXED'}
		WHERE ${isOpenOnly ? `status <> 'applied' AND ` : ''}status IN (SELECT value FROM json_each(?1)) AND position < ?2
			${isCorrectedLeftOut ? `AND NOT ${IS_CORRECTED}` : ''}
		ORDER BY position DESC LIMIT ?3`,
		[JSON.stringify(statuses), before ?? Number.MAX_SAFE_INTEGER, limit],
	);
	return rows.map(readEntry).map(({ entry, position }) => ({ ...entry, position }));
}

/** See `Outbox.shiftSummary`. */
export async function summarizeShift(reader: Executor, sinceMs: number): Promise<ShiftSummary> {
	const row = await reader.get(
		`SELECT count(*) FILTER (WHERE action = 'checkout') AS sales, count(*) FILTER (WHERE action = 'opt_in') AS enrolled,
			coalesce(sum(${POINTS}) FILTER (WHERE ${POINTS} > 0), 0) AS given
		FROM entry WHERE occurred_at >= ?1 AND ${NOT_REFUSED}`,
		[sinceMs],
	);
	return { salesWithCard: numberIn(row, 'sales'), enrolled: numberIn(row, 'enrolled'), pointsGiven: numberIn(row, 'given') };
}

const REFUNDS = `
	SELECT transaction_id, sum(amount_minor) AS amount, -sum(${POINTS}) AS points FROM entry
	WHERE action IN ('refund', 'partial_refund') AND transaction_id IN (SELECT value FROM json_each(?1)) AND ${NOT_REFUSED}
	GROUP BY transaction_id`;

const RefundsSchema = z.object({ transaction_id: z.string(), amount: z.int(), points: z.int() });

/** See `Outbox.findSales`. */
export async function findSales(reader: Executor, receiptNumber: ReceiptNumber): Promise<readonly RecordedSale[]> {
	const rows = await reader.all(
		`SELECT ${ENTRY_ROW} FROM entry WHERE receipt_number = ?1 AND action = 'checkout' AND ${NOT_REFUSED}
		ORDER BY position DESC LIMIT ${SALES_MAX}`,
		[receiptNumber],
	);
	const sales = rows.map((row) => readEntry(row).entry).map((entry) => ({ entry, receipt: must(entry.receipt, 'the receipt of a sale') }));
	// Every sale asks whether its receipt is new, and nearly always it is.
	if (sales.length === 0) return [];
	const refunded = await reader.all(REFUNDS, [JSON.stringify(sales.map(({ receipt }) => receipt.transactionId))]);
	const refunds = new Map(refunded.map((row) => RefundsSchema.parse(row)).map((sums) => [sums.transaction_id, sums]));
	return sales.map(({ entry, receipt }) => ({
		entry,
		receipt,
		pointsEarned: entry.outcome?.points ?? entry.pointsEstimated,
		refundedMinor: refunds.get(receipt.transactionId)?.amount ?? 0,
		pointsTakenBack: refunds.get(receipt.transactionId)?.points ?? 0,
	}));
}

/** One row per own event of the members, by the id it was recorded with, the barcode it was recorded with, or the member that got it. */
export const PENDING_POINTS = `
	SELECT json_object('event_id', event_id, 'member_id', member_id, 'barcode', barcode, 'points', ${POINTS}, 'status', status,
		'applied_to', applied_to, 'applied_ver', applied_ver) AS row
	FROM entry WHERE position IN (
		SELECT position FROM entry WHERE member_id IN (SELECT value FROM json_each(?1))
		UNION
		SELECT position FROM entry WHERE applied_to IS NOT member_id AND applied_to IN (SELECT value FROM json_each(?1))
		UNION
		SELECT position FROM entry WHERE member_id IS NULL AND barcode IN (SELECT value FROM json_each(?2))
	) AND ${NOT_REFUSED} AND ${POINTS} <> 0`;

const PendingRowSchema = z.object({
	event_id: EventIdSchema,
	member_id: MemberIdSchema.nullable(),
	barcode: LoyaltyBarcodeSchema.nullable(),
	points: z.int(),
	status: z.enum(ENTRY_STATUSES),
	applied_to: MemberIdSchema.nullable(),
	applied_ver: z.int().nullable(),
});

/** See `Outbox.pendingPoints`. */
export async function readPendingPoints(reader: Executor, { memberIds, barcodes }: PointsOf): Promise<readonly PendingPoints[]> {
	const rows = await reader.all(PENDING_POINTS, [JSON.stringify(memberIds), JSON.stringify(barcodes)]);
	return rows
		.map((row) => PendingRowSchema.parse(jsonIn(row, 'row')))
		.map((row) => ({
			eventId: row.event_id,
			memberId: row.member_id,
			barcode: row.barcode,
			points: row.points,
			status: row.status,
			appliedTo: row.applied_to,
			appliedVer: row.applied_ver,
		}));
}

/** See `Outbox.nextAttemptAtMs`. */
export async function readNextAttempt(reader: Executor): Promise<number | null> {
	const row = await reader.get('SELECT min(next_attempt_at) AS at FROM entry WHERE next_attempt_at IS NOT NULL');
	return nullableIntegerIn(row, 'at');
}

/** See `Outbox.lastCardNumber`. */
export async function readLastCardNumber(reader: Executor): Promise<number | null> {
	const row = await reader.get('SELECT last_card_number FROM state WHERE id = 1');
	return nullableIntegerIn(row, 'last_card_number');
}
