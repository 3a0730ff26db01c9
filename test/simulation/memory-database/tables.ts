import type { WireError } from '#shared/wire/error-envelope.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { MemberRecord } from '#sync/hq/ledger/batch/member-rows.ts';

/** Rows of headquarters' tables under their names in SQL; columns that no simulated part looks at are left out. */
export type MemberRow = MemberRecord & { readonly seq: number; readonly opening_points: number };
export type CardRow = { readonly card: string; readonly member_id: string; readonly kind: string; readonly status: string };
export type ForgottenCardRow = { readonly card_hash: string; readonly member_id: string; readonly forgotten_at: number };
export type EventRow = {
	readonly event_id: string;
	readonly terminal: string | null;
	readonly incarnation: string | null;
	readonly seq: number | null;
	readonly origin_member: string | null;
	readonly named_as: string | null;
	readonly action: string | null;
	readonly payload: Readonly<Record<string, unknown>> | null;
	readonly content_hash: string;
	readonly is_scrubbed: boolean;
	readonly status: 'applied' | 'rejected';
	readonly error: WireError | null;
	readonly points: number;
	readonly applied_to: string | null;
	readonly applied_ver: number | null;
	readonly result_no: number | null;
	readonly occurred_at: number | null;
	readonly clock_skew_ms: number | null;
	readonly effective_at: number;
	readonly is_late: boolean;
	readonly recorded_at: number;
};
export type SaleRow = {
	readonly transaction_id: string;
	readonly event_id: string;
	readonly content_hash: string;
	readonly member_id: string;
	readonly terminal: string | null;
	readonly currency: string;
	readonly amount_minor: number;
	readonly points: number;
	readonly refunded_minor: number;
	readonly points_taken_back: number;
	readonly receipt_number: string | null;
	readonly effective_at: number;
	readonly eligible_minor: number | null;
	readonly rule_id: string | null;
};
export type RefundRow = { readonly event_id: string; readonly transaction_id: string; readonly refund_minor: number };
export type LedgerRow = {
	readonly event_id: string;
	readonly debit_account: string;
	readonly credit_account: string;
	readonly amount: number;
};
export type StagingRow = { readonly id: number; readonly shard: number; readonly member_id: string };
export type ShardRow = { readonly shard: number; readonly last_seq: number; readonly horizon: number };
export type TerminalRow = {
	readonly id: string;
	readonly last_result_no: number;
	readonly clock_skew_ms: number | null;
	readonly last_seen_at: number | null;
	readonly incarnation: string | null;
	readonly app_version: string | null;
	readonly protocol: number | null;
	readonly boot_id: string | null;
	readonly boot_seq: number | null;
	readonly boot_effective_at: number | null;
};
/** The one row of `hq_state`, and the newest end of an import. */
export type StateRow = { readonly epoch: number; readonly feed_opened_at: number | null };
export type ImportRow = { readonly source: string; readonly finished_at: number };

/** Every table by its name and its rows by their primary key. Rows are never changed in place, so that a copy of the maps is a backup. */
export type Rows = {
	readonly member: MemberRow;
	readonly card_index: CardRow;
	readonly forgotten_card: ForgottenCardRow;
	readonly event: EventRow;
	readonly sale: SaleRow;
	readonly sale_refund: RefundRow;
	readonly ledger_entry: LedgerRow;
	readonly change_staging: StagingRow;
	readonly shard: ShardRow;
	readonly terminal: TerminalRow;
	readonly hq_state: StateRow;
	readonly member_import: ImportRow;
};
export type TableName = keyof Rows;
export type Tables = { readonly [Name in TableName]: Map<string, Rows[Name]> };

export const ONLY_ROW = 'only';

/** The tables of a new headquarters. */
export function emptyTables(): Tables {
	return {
		member: new Map(),
		card_index: new Map(),
		forgotten_card: new Map(),
		event: new Map(),
		sale: new Map(),
		sale_refund: new Map(),
		ledger_entry: new Map(),
		change_staging: new Map(),
		shard: new Map(Array.from({ length: SHARD_COUNT }, (_, shard) => [String(shard), { shard, last_seq: 0, horizon: 0 }])),
		terminal: new Map(),
		hq_state: new Map([[ONLY_ROW, { epoch: 1, feed_opened_at: null }]]),
		member_import: new Map(),
	};
}

/** A backup: later changes of `tables` do not reach it. */
export function copyTables(tables: Tables): Tables {
	return {
		member: new Map(tables.member),
		card_index: new Map(tables.card_index),
		forgotten_card: new Map(tables.forgotten_card),
		event: new Map(tables.event),
		sale: new Map(tables.sale),
		sale_refund: new Map(tables.sale_refund),
		ledger_entry: new Map(tables.ledger_entry),
		change_staging: new Map(tables.change_staging),
		shard: new Map(tables.shard),
		terminal: new Map(tables.terminal),
		hq_state: new Map(tables.hq_state),
		member_import: new Map(tables.member_import),
	};
}
