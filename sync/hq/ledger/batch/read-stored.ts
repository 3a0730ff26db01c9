import type { WireError } from '#shared/wire/error-envelope.ts';
import type { Queryable } from '../../storage/database.ts';
import type { SaleState } from '../decide/sale-state.ts';
import type { Incoming, Sender } from './incoming.ts';
import type { StoredOutcome, World } from './world.ts';

/** Columns of a sale under our names. */
export const SALE_FIELDS = `sale.transaction_id AS "transactionId", sale.event_id AS "eventId", sale.content_hash AS "contentHash",
	sale.member_id AS "ownerId", sale.currency, sale.amount_minor AS "amountMinor", sale.points, sale.refunded_minor AS "refundedMinor",
	sale.points_taken_back AS "pointsTakenBack", sale.receipt_number AS "receiptNumber", sale.effective_at AS "effectiveAtMs",
	sale.eligible_minor AS "eligibleMinor", sale.rule_id AS "ruleId"`;

/** Columns of a stored outcome under our names. */
export const OUTCOME_COLUMNS = `event_id AS "eventId", content_hash AS "contentHash", is_scrubbed AS "isScrubbed", status, error, action, points,
	applied_to AS "appliedTo", applied_ver AS "appliedVer"`;

// Sales and outcomes in one statement: while the members are locked every turn of the line makes others wait.
const READ_STORED = `
WITH found AS MATERIALIZED (SELECT ${SALE_FIELDS} FROM sale WHERE transaction_id = ANY($5::text[])),
outcome AS (
	SELECT ${OUTCOME_COLUMNS}, seq, coalesce(terminal = $2 AND incarnation = $3, false) AS "isOwnSeq"
	FROM event
	WHERE event_id = ANY($1::uuid[] || ARRAY(SELECT found."eventId" FROM found)) OR (terminal = $2 AND incarnation = $3 AND seq = ANY($4::bigint[]))
)
SELECT (SELECT coalesce(json_agg(found), '[]') FROM found) AS sales, (SELECT coalesce(json_agg(outcome), '[]') FROM outcome) AS outcomes`;

type StoredRow = StoredOutcome & { readonly error: WireError | null; readonly seq: number | null; readonly isOwnSeq: boolean };

type Asked = { readonly items: readonly Incoming[]; readonly sender: Sender; readonly transactionIds: readonly string[] };

/** Loads the sales that items name, and the outcomes of what arrived before: by event id, by place in the sender's order, and of those sales. */
export async function readStored(tx: Queryable, world: World, { items, sender, transactionIds }: Asked): Promise<void> {
	const eventIds = items.map((item) => item.eventId);
	const seqs = items.map((item) => item.seq).filter((seq) => seq !== null);
	const [row] = await tx.query<{ sales: SaleState[]; outcomes: StoredRow[] }>(READ_STORED, [
		eventIds,
		sender.terminal,
		sender.incarnation,
		seqs,
		transactionIds,
	]);
	for (const sale of row?.sales ?? []) world.sales.set(sale.transactionId, sale);
	for (const { seq, isOwnSeq, ...outcome } of row?.outcomes ?? []) {
		world.stored.set(outcome.eventId, outcome);
		if (seq !== null && isOwnSeq) world.seqs.set(seq, outcome.eventId);
	}
}

/** Members who own sales that are refunded: they are locked before the sales are read for good. */
export async function readOwners(tx: Queryable, transactionIds: readonly string[]): Promise<string[]> {
	if (transactionIds.length === 0) return [];
	const rows = await tx.query<{ ownerId: string }>('SELECT member_id AS "ownerId" FROM sale WHERE transaction_id = ANY($1::text[])', [
		transactionIds,
	]);
	return rows.map((row) => row.ownerId);
}
