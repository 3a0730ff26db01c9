/** The statements of pushes and merges that write. */
import { DatabaseError } from './database-error.ts';
import { idsBehind } from './ledger-reads.ts';
import { numberAt, present, recordsAt, textOrNullAt, textsAt } from './statement.ts';
import type { Params, Statement } from './statement.ts';
import type { CardRow, EventRow, ForgottenCardRow, LedgerRow, MemberRow, RefundRow, SaleRow, StagingRow } from './tables.ts';
import type { Transaction } from './transaction.ts';

/** What a sale changes of a member, and where its row is. */
type Balance = Pick<MemberRow, 'id' | 'profile'> & Partial<MemberRow> & { readonly place: string };
type Booked = EventRow & { readonly debit: string; readonly credit: string; readonly amount?: number };

/**
 * The one statement of a usual push: events with their entries, balances, sales, the sender's place. `isSeqUnique`: a place in a terminal's
 * order is taken once.
 */
export async function book(
	tx: Transaction,
	params: Params,
	{ isSeqUnique }: { readonly isSeqUnique: boolean },
): Promise<readonly object[]> {
	const [terminal, incarnation] = [textOrNullAt(params, 3), textOrNullAt(params, 4)];
	const clockSkewMs = params[5] === null ? null : numberAt(params, 5);
	const recordedAtMs = numberAt(params, 6);
	for (const { place, ...change } of recordsAt<Balance>(params, 1)) {
		for (const row of place === `(${change.id})` ? present([tx.member.get(change.id)]) : []) {
			await tx.member.put(row.id, { ...row, ...change, profile: { ...row.profile, ...change.profile } });
			await stage(tx, row.shard, row.id);
		}
	}
	for (const sale of recordsAt<SaleRow>(params, 2)) await tx.sale.insert(sale.transaction_id, { ...sale, terminal });
	if (terminal !== null) await endAt(tx, terminal, params);
	for (const { debit, credit, amount, ...event } of recordsAt<Booked>(params, 0)) {
		const sender = event.result_no === null ? { terminal: null, incarnation: null } : { terminal, incarnation };
		await insertEvent(tx, { ...event, ...sender, clock_skew_ms: clockSkewMs, recorded_at: recordedAtMs }, isSeqUnique);
		if (amount === undefined) continue;
		const entry: LedgerRow = { event_id: event.event_id, debit_account: debit, credit_account: credit, amount };
		await tx.ledger_entry.insert(event.event_id, entry);
	}
	return [];
}

async function stage(tx: Transaction, shard: number, memberId: string): Promise<void> {
	const id = tx.nextNumber();
	await tx.change_staging.insert(String(id), { id, shard, member_id: memberId });
}

async function endAt(tx: Transaction, terminal: string, params: Params): Promise<void> {
	await tx.terminal.lock(terminal);
	for (const row of present([tx.terminal.get(terminal)])) {
		await tx.terminal.put(terminal, {
			...row,
			clock_skew_ms: params[5] === null ? null : numberAt(params, 5),
			last_seen_at: numberAt(params, 6),
			last_result_no: numberAt(params, 7),
			boot_id: textOrNullAt(params, 8),
			boot_seq: params[9] === null ? null : numberAt(params, 9),
			boot_effective_at: params[10] === null ? null : numberAt(params, 10),
		});
	}
}

async function insertEvent(tx: Transaction, row: EventRow, isSeqUnique: boolean): Promise<void> {
	await tx.event.insert(row.event_id, row);
	if (row.terminal === null) return;
	await tx.lockKey(`event-seq:${row.terminal}/${row.incarnation}/${row.seq}`);
	const others = tx.event.all().filter((other) => other !== row && other.terminal === row.terminal);
	const isTaken = others.some(
		(other) =>
			(isSeqUnique && row.seq !== null && other.seq === row.seq && row.incarnation !== null && other.incarnation === row.incarnation) ||
			other.result_no === row.result_no,
	);
	if (isTaken) throw new DatabaseError('23505', 'the place of this event is taken');
}

const MEMBERS: readonly Statement[] = [
	{
		begins: 'INSERT INTO member (',
		has: 'FROM jsonb_to_recordset($1::jsonb)',
		run: async (tx, params) => {
			for (const row of recordsAt<MemberRow>(params, 0)) await tx.member.insert(row.id, { ...row, seq: 0, opening_points: 0 });
			return [];
		},
	},
	{
		begins: 'UPDATE member SET ver = input.ver',
		run: async (tx, params) => {
			for (const change of recordsAt<Pick<MemberRow, 'id'> & Partial<MemberRow>>(params, 0)) {
				await tx.member.lock(change.id);
				for (const row of present([tx.member.get(change.id)])) await tx.member.put(change.id, { ...row, ...change });
			}
			return [];
		},
	},
	{
		begins: 'INSERT INTO change_staging (shard, member_id)',
		has: 'jsonb_to_recordset',
		run: async (tx, params) => {
			for (const { shard, member_id } of recordsAt<StagingRow>(params, 0)) await stage(tx, shard, member_id);
			return [];
		},
	},
	{
		begins: 'INSERT INTO card_index (card, member_id, kind, status)',
		has: 'jsonb_to_recordset',
		run: async (tx, params) => {
			for (const row of recordsAt<CardRow>(params, 0)) await tx.card_index.insert(row.card, row);
			return [];
		},
	},
	{
		begins: 'UPDATE card_index SET member_id = input.member_id, kind = input.kind, status = input.status',
		run: async (tx, params) => {
			for (const row of recordsAt<CardRow>(params, 0)) {
				await tx.card_index.lock(row.card);
				if (tx.card_index.get(row.card) !== undefined) await tx.card_index.put(row.card, row);
			}
			return [];
		},
	},
	{
		begins: 'DELETE FROM card_index WHERE card = ANY($1::text[])',
		run: async (tx, params) => {
			for (const card of textsAt(params, 0)) await tx.card_index.remove(card);
			return [];
		},
	},
	{
		begins: 'INSERT INTO forgotten_card (card_hash, member_id, forgotten_at)',
		has: 'ON CONFLICT (card_hash) DO UPDATE',
		run: async (tx, params) => {
			for (const row of recordsAt<ForgottenCardRow>(params, 0)) await tx.forgotten_card.put(row.card_hash, row);
			return [];
		},
	},
];

const EVENTS: readonly Statement[] = [
	{
		begins: 'WITH booked AS MATERIALIZED ( SELECT * FROM jsonb_to_recordset($1::jsonb)',
		has: 'INSERT INTO event (',
		run: (tx, params) => book(tx, params, { isSeqUnique: true }),
	},
	{
		begins: 'INSERT INTO sale_refund (event_id, transaction_id, refund_minor)',
		run: async (tx, params) => {
			for (const row of recordsAt<RefundRow>(params, 0)) await tx.sale_refund.insert(row.event_id, row);
			return [];
		},
	},
	{
		begins: 'UPDATE sale SET points = input.points, refunded_minor = input.refunded_minor, points_taken_back = input.points_taken_back',
		run: async (tx, params) => {
			for (const { transaction_id, ...change } of recordsAt<SaleRow>(params, 0)) {
				await tx.sale.lock(transaction_id);
				for (const row of present([tx.sale.get(transaction_id)])) await tx.sale.put(transaction_id, { ...row, ...change });
			}
			return [];
		},
	},
	{
		begins: 'WITH RECURSIVE gone AS ( SELECT unnest($1::text[]) AS id',
		has: "closed AS ( UPDATE member SET status = 'opted_out', merged_into = NULL, merged_ver = NULL, ver = ver + 1, updated_at = $2",
		run: async (tx, params) => {
			for (const id of idsBehind(tx, textsAt(params, 0))) {
				if (tx.member.get(id)?.status !== 'merged') continue;
				await tx.member.lock(id);
				for (const row of present([tx.member.get(id)])) {
					const gone = { ...row, status: 'opted_out', merged_into: null, merged_ver: null } as const;
					await tx.member.put(id, { ...gone, ver: row.ver + 1, updated_at: numberAt(params, 1) });
					await stage(tx, row.shard, id);
				}
			}
			return [];
		},
	},
	{
		begins: `UPDATE event SET payload = input.payload, named_as = NULL, content_hash = '', is_scrubbed = true`,
		run: async (tx, params) => {
			for (const { event_id, payload } of recordsAt<EventRow>(params, 0)) {
				await tx.event.lock(event_id);
				for (const row of present([tx.event.get(event_id)]))
					await tx.event.put(event_id, { ...row, payload, named_as: null, content_hash: '', is_scrubbed: true });
			}
			return [];
		},
	},
];

export const LEDGER_WRITES: readonly Statement[] = [...MEMBERS, ...EVENTS];
