import { assert, must } from '#shared/lib/assert.ts';
import type { Queryable } from '../../storage/database.ts';
import type { BootMark, RequestTime } from './effective-time.ts';
import type { Sender } from './incoming.ts';
import { BALANCE_COLUMNS, MEMBER_RECORD_TYPES } from './member-rows.ts';
import type { BalanceRecord } from './member-rows.ts';
import type { FreshEvent, World } from './world.ts';

export type WriteContext = {
	readonly sender: Sender;
	readonly time: RequestTime;
	readonly secret: string;
	readonly lastResultNo: number;
	readonly bootMark: BootMark | null;
};

const BALANCE_INPUT = ['id', 'profile', ...BALANCE_COLUMNS] as const;
const SALE_COLUMNS =
	'transaction_id, event_id, content_hash, member_id, currency, amount_minor, points, refunded_minor, points_taken_back, receipt_number, effective_at, eligible_minor, rule_id';
const SALE_TYPES =
	'transaction_id text, event_id uuid, content_hash text, member_id text, currency text, amount_minor bigint, points bigint, refunded_minor bigint, points_taken_back bigint, receipt_number text, effective_at bigint, eligible_minor bigint, rule_id text';
const EVENT_COLUMNS =
	'event_id, seq, origin_member, named_as, action, payload, content_hash, is_scrubbed, status, error, points, applied_to, applied_ver, result_no, occurred_at, effective_at, is_late';
const EVENT_TYPES =
	'event_id uuid, seq bigint, origin_member text, named_as text, action text, payload jsonb, content_hash text, is_scrubbed boolean, status text, error jsonb, points bigint, applied_to text, applied_ver bigint, result_no bigint, occurred_at bigint, effective_at bigint, is_late boolean, debit text, credit text, amount bigint';

// All that every push writes, in one statement: members are locked until the commit, and each turn of the line makes others wait for them.
// A locked row stays where it is, so that it is found again without its index; the id is checked all the same.
const BOOK = `
WITH booked AS MATERIALIZED (
	SELECT * FROM jsonb_to_recordset($1::jsonb) AS input (${EVENT_TYPES})
), balance AS (
	UPDATE member SET ${BALANCE_COLUMNS.map((name) => `${name} = input.${name}`).join(', ')}, profile = member.profile || input.profile
	FROM jsonb_to_recordset($2::jsonb) AS input (${BALANCE_INPUT.map((name) => `${name} ${MEMBER_RECORD_TYPES[name]}`).join(', ')}, place tid)
	WHERE member.ctid = input.place AND member.id = input.id RETURNING member.shard, member.id
), staged AS (
	INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM balance
), sold AS (
	INSERT INTO sale (${SALE_COLUMNS}, terminal)
	SELECT ${SALE_COLUMNS}, $4::text FROM jsonb_to_recordset($3::jsonb) AS input (${SALE_TYPES}) ORDER BY transaction_id
), entered AS (
	INSERT INTO ledger_entry (event_id, debit_account, credit_account, amount)
	SELECT event_id, debit, credit, amount FROM booked WHERE amount IS NOT NULL
), ended AS (
	UPDATE terminal SET last_result_no = $8, clock_skew_ms = $6, last_seen_at = $7, boot_id = $9, boot_seq = $10, boot_effective_at = $11 WHERE id = $4
)
INSERT INTO event (${EVENT_COLUMNS}, terminal, incarnation, clock_skew_ms, recorded_at)
SELECT ${EVENT_COLUMNS}, CASE WHEN result_no IS NULL THEN NULL ELSE $4 END, CASE WHEN result_no IS NULL THEN NULL ELSE $5::text END, $6::bigint, $7::bigint FROM booked`;

const REFUNDS = `INSERT INTO sale_refund (event_id, transaction_id, refund_minor)
	SELECT event_id, transaction_id, refund_minor FROM jsonb_to_recordset($1::jsonb) AS input (event_id uuid, transaction_id text, refund_minor bigint)`;

type Booking = WriteContext & { readonly balances: readonly BalanceRecord[] };

/** Writes events with their entries, new sales, balances and the sender's place. Returns the number of its last outcome. */
export async function writeBooking(
	tx: Queryable,
	world: World,
	{ sender, time, lastResultNo, bootMark, balances }: Booking,
): Promise<number> {
	let resultNo = lastResultNo;
	const isNumbered = ({ isOurs }: FreshEvent): boolean => sender.terminal !== null && !isOurs;
	const events = world.fresh.map((event) => {
		if (isNumbered(event)) resultNo += 1;
		return toEventRecord(event, isNumbered(event) ? resultNo : null);
	});
	const sales = [...world.addedSales].map((id) => toSaleRecord(world, id));
	await tx.query(BOOK, [
		JSON.stringify(events),
		JSON.stringify(balances),
		JSON.stringify(sales),
		sender.terminal,
		sender.incarnation,
		time.skewMs,
		time.receivedAtMs,
		resultNo,
		bootMark?.bootId ?? null,
		bootMark?.seq ?? null,
		bootMark?.effectiveAtMs ?? null,
	]);
	const refunds = world.fresh.flatMap(({ eventId, refund }) =>
		refund === null ? [] : [{ event_id: eventId, transaction_id: refund.transactionId, refund_minor: refund.refundMinor }],
	);
	if (refunds.length > 0) await tx.query(REFUNDS, [JSON.stringify(refunds)]);
	return resultNo;
}

function toEventRecord(event: FreshEvent, resultNo: number | null): object {
	const [entry, ...more] = event.entries;
	assert(more.length === 0, 'an event moves points between two accounts');
	return {
		event_id: event.eventId,
		seq: event.seq,
		origin_member: event.originMember,
		named_as: event.namedAs,
		action: event.action,
		payload: event.payload,
		content_hash: event.contentHash,
		is_scrubbed: event.isScrubbed,
		status: event.status,
		error: event.error,
		points: event.points,
		applied_to: event.appliedTo,
		applied_ver: event.appliedVer,
		result_no: resultNo,
		occurred_at: event.occurredAtMs,
		effective_at: event.effectiveAtMs,
		is_late: event.isLate,
		...entry,
	};
}

function toSaleRecord(world: World, transactionId: string): object {
	const sale = must(world.sales.get(transactionId), 'a new sale');
	return {
		transaction_id: sale.transactionId,
		event_id: sale.eventId,
		content_hash: sale.contentHash,
		member_id: sale.ownerId,
		currency: sale.currency,
		amount_minor: sale.amountMinor,
		points: sale.points,
		refunded_minor: sale.refundedMinor,
		points_taken_back: sale.pointsTakenBack,
		receipt_number: sale.receiptNumber,
		effective_at: sale.effectiveAtMs,
		eligible_minor: sale.eligibleMinor,
		rule_id: sale.ruleId,
	};
}
