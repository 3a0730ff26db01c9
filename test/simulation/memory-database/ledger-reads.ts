/** The statements of pushes and merges that lock and read what is touched. */
import { inOrderOfIds, numberAt, numbersAt, present, recordsAt, textAt, textOrNullAt, textsAt } from './statement.ts';
import type { Params, Statement } from './statement.ts';
import type { CardRow, EventRow, MemberRow, SaleRow } from './tables.ts';
import type { Transaction } from './transaction.ts';

const cardOf = ({ card, member_id, kind, status }: CardRow): object => ({ card, memberId: member_id, kind, status });

/** The columns of `SALE_FIELDS`. */
export const saleOf = (row: SaleRow): object => ({
	transactionId: row.transaction_id,
	eventId: row.event_id,
	contentHash: row.content_hash,
	ownerId: row.member_id,
	currency: row.currency,
	amountMinor: row.amount_minor,
	points: row.points,
	refundedMinor: row.refunded_minor,
	pointsTakenBack: row.points_taken_back,
	receiptNumber: row.receipt_number,
	effectiveAtMs: row.effective_at,
	eligibleMinor: row.eligible_minor,
	ruleId: row.rule_id,
});

/** The columns of `OUTCOME_COLUMNS`. */
export const outcomeOf = (row: EventRow): object => ({
	eventId: row.event_id,
	contentHash: row.content_hash,
	isScrubbed: row.is_scrubbed,
	status: row.status,
	error: row.error,
	action: row.action,
	points: row.points,
	appliedTo: row.applied_to,
	appliedVer: row.applied_ver,
});

/** Without what the statement's column list leaves out. */
function recordOf({ seq: _seq, opening_points: _opening, ...record }: MemberRow): object {
	return record;
}

const LOCKED = [
	'id',
	'ver',
	'status',
	'alias_of',
	'merged_into',
	'merged_ver',
	'points',
	'tier_points',
	'earned',
	'purchase_total_minor',
	'purchase_count',
	'purchase_last_at',
	'tier_last_at',
	'tier_base_at',
] as const satisfies readonly (keyof MemberRow)[];

/** What a sale needs of a locked member, and where its row is. */
function lockedOf(row: MemberRow): object {
	const columns = Object.fromEntries(LOCKED.map((name) => [name, row[name]]));
	return { ...columns, last_visit_at: row.profile.last_visit_at ?? null, place: `(${row.id})` };
}

/** What is known of the items of a push; `$1` event ids, `$2` terminal, `$3` incarnation, `$4` places, `$5` sales. */
export function readStored(tx: Transaction, params: Params): { readonly sales: readonly SaleRow[]; readonly outcomes: readonly Known[] } {
	const sales = present(textsAt(params, 4).map(tx.sale.get));
	const ids = new Set([...textsAt(params, 0), ...sales.map((sale) => sale.event_id)]);
	const [terminal, incarnation] = [textOrNullAt(params, 1), textOrNullAt(params, 2)];
	const seqs = new Set(numbersAt(params, 3));
	const isOwn = (row: EventRow): boolean =>
		terminal !== null && incarnation !== null && row.terminal === terminal && row.incarnation === incarnation;
	const known = tx.event.all().filter((row) => ids.has(row.event_id) || (isOwn(row) && row.seq !== null && seqs.has(row.seq)));
	return { sales, outcomes: known.map((row) => ({ row, isOwnSeq: isOwn(row) })) };
}

export type Known = { readonly row: EventRow; readonly isOwnSeq: boolean };

/** As the statement answers it. */
export function storedAnswer({ sales, outcomes }: ReturnType<typeof readStored>): readonly object[] {
	const known = outcomes.map(({ row, isOwnSeq }) => ({ ...outcomeOf(row), seq: row.seq, isOwnSeq }));
	return [{ sales: sales.map(saleOf), outcomes: known }];
}

type Asked = { readonly member_id: string; readonly since: number };
const OF_SALES: ReadonlySet<string | null> = new Set(['checkout', 'refund', 'partial_refund']);

function timelineOf(tx: Transaction, { member_id: memberId, since }: Asked): readonly object[] {
	return tx.event.all().flatMap((row) => {
		const isMeant = row.applied_to === memberId && row.status === 'applied' && OF_SALES.has(row.action);
		const sale = tx.sale.get(String(row.payload?.['transaction_id']));
		if (!isMeant || sale === undefined || row.recorded_at < since || row.effective_at < since) return [];
		const refundMinor = tx.sale_refund.get(row.event_id)?.refund_minor ?? null;
		return [{ memberId, eventId: row.event_id, atMs: row.effective_at, refundMinor, sale: saleOf(sale) }];
	});
}

/** These ids and all that stand for them. */
export function idsBehind(tx: Transaction, ids: readonly string[]): ReadonlySet<string> {
	const gone = new Set(ids);
	for (let size = 0; size !== gone.size;) {
		size = gone.size;
		for (const { id, alias_of } of tx.member.all()) if (alias_of !== null && gone.has(alias_of)) gone.add(id);
	}
	return gone;
}

const MEMBERS: readonly Statement[] = [
	{
		begins: 'WITH locked AS ( SELECT id, ver, status, alias_of',
		has: 'ctid::text AS place FROM member WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE',
		run: async (tx, params) => {
			const members: MemberRow[] = [];
			for (const id of inOrderOfIds(textsAt(params, 0))) {
				if (tx.member.get(id) === undefined) continue;
				await tx.member.lock(id);
				members.push(...present([tx.member.get(id)]));
			}
			return [{ members: members.map(lockedOf) }];
		},
	},
	{
		begins: `SELECT coalesce(json_agg(row), '[]') AS members FROM (SELECT id, shard, ver`,
		has: 'FROM member WHERE id = ANY($1::text[])) AS row',
		run: (tx, params) => [{ members: present(textsAt(params, 0).map(tx.member.get)).map(recordOf) }],
	},
	{
		begins: 'SELECT id FROM member WHERE alias_of = $1',
		run: (tx, params) =>
			tx.member
				.all()
				.filter((row) => row.alias_of === textAt(params, 0))
				.map(({ id }) => ({ id })),
	},
	{
		begins: 'SELECT card, member_id AS "memberId", kind, status FROM card_index WHERE card = ANY($1::text[])',
		run: (tx, params) => present(textsAt(params, 0).map(tx.card_index.get)).map(cardOf),
	},
	{
		begins: 'SELECT card, member_id AS "memberId", kind, status FROM card_index WHERE member_id = ANY($1::text[])',
		run: (tx, params) => {
			const ids = new Set(textsAt(params, 0));
			return tx.card_index
				.all()
				.filter((row) => ids.has(row.member_id))
				.map(cardOf);
		},
	},
	{
		begins: 'SELECT card, member_id AS "memberId", kind, status FROM card_index WHERE member_id = $1',
		run: (tx, params) =>
			tx.card_index
				.all()
				.filter((row) => row.member_id === textAt(params, 0))
				.map(cardOf),
	},
	{
		begins: 'SELECT card_hash, forgotten_at FROM forgotten_card WHERE card_hash = ANY($1::text[])',
		run: (tx, params) => present(textsAt(params, 0).map(tx.forgotten_card.get)),
	},
];

const EVENTS: readonly Statement[] = [
	{
		begins: 'SELECT last_result_no AS "lastResultNo", clock_skew_ms AS "clockSkewMs", boot_id AS "bootId"',
		has: 'FROM terminal WHERE id = $1 FOR UPDATE',
		run: async (tx, params) => {
			const id = textAt(params, 0);
			await tx.terminal.lock(id);
			return present([tx.terminal.get(id)]).map((row) => ({
				lastResultNo: row.last_result_no,
				clockSkewMs: row.clock_skew_ms,
				bootId: row.boot_id,
				bootSeq: row.boot_seq,
				bootEffectiveAtMs: row.boot_effective_at,
			}));
		},
	},
	{
		begins: 'WITH found AS MATERIALIZED (SELECT sale.transaction_id',
		has: 'AS "isOwnSeq" FROM event WHERE event_id = ANY($1::uuid[] || ARRAY(SELECT found."eventId" FROM found)) OR (terminal = $2 AND incarnation = $3 AND seq = ANY($4::bigint[]))',
		run: (tx, params) => storedAnswer(readStored(tx, params)),
	},
	{
		begins: 'SELECT member_id AS "ownerId" FROM sale WHERE transaction_id = ANY($1::text[])',
		run: (tx, params) => present(textsAt(params, 0).map(tx.sale.get)).map((row) => ({ ownerId: row.member_id })),
	},
	{
		begins: `SELECT coalesce(json_agg(line), '[]') AS lines FROM ( SELECT asked.member_id`,
		run: (tx, params) => [
			{
				lines: recordsAt<Asked>(params, 0)
					.flatMap((asked) => timelineOf(tx, asked))
					.slice(0, numberAt(params, 1)),
			},
		],
	},
	{
		begins: 'SELECT action, payload, applied_to AS winner, applied_ver AS "winnerVer"',
		has: 'FROM event WHERE event_id = $1',
		run: (tx, params) =>
			present([tx.event.get(textAt(params, 0))]).map(({ event_id, action, payload, applied_to, applied_ver }) => {
				const entry = tx.ledger_entry.get(event_id);
				const sign = entry?.debit_account === textAt(params, 1) ? 1 : -1;
				return { action, payload, winner: applied_to, winnerVer: applied_ver, moved: entry === undefined ? 0 : sign * entry.amount };
			}),
	},
	{
		begins: 'WITH RECURSIVE gone AS ( SELECT unnest($1::text[]) AS id',
		has: 'SELECT event_id, payload FROM event WHERE applied_to IN (SELECT id FROM gone) AND payload IS NOT NULL AND NOT is_scrubbed',
		run: (tx, params) => {
			const gone = idsBehind(tx, textsAt(params, 0));
			return tx.event
				.all()
				.filter((row) => row.applied_to !== null && gone.has(row.applied_to) && row.payload !== null && !row.is_scrubbed)
				.map(({ event_id, payload }) => ({ event_id, payload }));
		},
	},
];

export const LEDGER_READS: readonly Statement[] = [...MEMBERS, ...EVENTS];
