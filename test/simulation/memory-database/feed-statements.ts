/** The statements of hellos, outcomes, the publisher, the feed and snapshots. */
import { must } from '#shared/lib/assert.ts';
import { DIGEST_LIMIT, memberDigest } from '#shared/wire/digest.ts';
import { MEMBER_COLUMNS } from '#shared/wire/member-row.ts';
import { outcomeOf } from './ledger-reads.ts';
import { inOrderOfIds, numberAt, splitAt, textAt } from './statement.ts';
import type { Statement } from './statement.ts';
import { ONLY_ROW } from './tables.ts';
import type { EventRow, MemberRow } from './tables.ts';
import type { Transaction } from './transaction.ts';

/** Rows in one line: fewer than at headquarters, so that pages of few members still have several lines. */
const LINE_ROWS = 3;

const texts = new WeakMap<MemberRow, string>();

/** `MEMBER_JSON`. */
function memberJson(row: MemberRow): string {
	const known = texts.get(row);
	if (known !== undefined) return known;
	const text = JSON.stringify(MEMBER_COLUMNS.map((column) => row[column]));
	texts.set(row, text);
	return text;
}

function inLines(rows: readonly MemberRow[]): readonly (readonly MemberRow[])[] {
	return Array.from({ length: Math.ceil(rows.length / LINE_ROWS) }, (_, line) => rows.slice(line * LINE_ROWS, (line + 1) * LINE_ROWS));
}

const TERMINALS: readonly Statement[] = [
	{
		begins: 'UPDATE terminal SET last_seen_at = $2, clock_skew_ms = $3, incarnation = $4, app_version = $5, protocol = $6 WHERE id = $1',
		run: async (tx, params) => {
			const id = textAt(params, 0);
			await tx.terminal.lock(id);
			const row = tx.terminal.get(id);
			if (row === undefined) return [];
			await tx.terminal.put(id, {
				...row,
				last_seen_at: numberAt(params, 1),
				clock_skew_ms: numberAt(params, 2),
				incarnation: textAt(params, 3),
				app_version: textAt(params, 4),
				protocol: numberAt(params, 5),
			});
			return [];
		},
	},
	{
		begins: 'SELECT coalesce(max(seq), 0)::bigint AS seq FROM event WHERE terminal = $1 AND incarnation = $2',
		run: (tx, params) => {
			const [terminal, incarnation] = [textAt(params, 0), textAt(params, 1)];
			const own = tx.event.all().filter((row) => row.terminal === terminal && row.incarnation === incarnation);
			return [{ seq: Math.max(0, ...own.map((row) => row.seq ?? 0)) }];
		},
	},
	{
		begins: 'SELECT event_id AS "eventId"',
		has: 'result_no AS "resultNo", recorded_at AS "recordedAtMs" FROM event WHERE terminal = $1 AND result_no > $2 ORDER BY result_no LIMIT $3',
		run: (tx, params) => {
			const [terminal, after, limit] = [textAt(params, 0), numberAt(params, 1), numberAt(params, 2)];
			const numbered = tx.event
				.all()
				.flatMap((row) => (isOutcomeAfter(row, terminal, after) ? [{ row, resultNo: row.result_no ?? 0 }] : []));
			return numbered
				.toSorted((left, right) => left.resultNo - right.resultNo)
				.slice(0, limit)
				.map(({ row, resultNo }) => ({ ...outcomeOf(row), resultNo, recordedAtMs: row.recorded_at }));
		},
	},
];

const OWN_EVENTS: Statement = {
	begins: 'SELECT event_id AS "eventId"',
	has: 'named_as AS "namedAs", payload',
	run: (tx, params) => {
		const [terminal, after, limit] = [textAt(params, 0), numberAt(params, 1), numberAt(params, 2)];
		return tx.event
			.all()
			.filter((row) => isOutcomeAfter(row, terminal, after))
			.toSorted((left, right) => (left.result_no ?? 0) - (right.result_no ?? 0))
			.slice(0, limit)
			.map((row) => {
				const sale = tx.sale.get(String(row.payload?.['transaction_id']));
				const amountMinor = tx.sale_refund.get(row.event_id)?.refund_minor ?? sale?.amount_minor;
				return {
					...outcomeOf(row),
					resultNo: row.result_no,
					seq: row.seq,
					originMember: row.origin_member,
					namedAs: row.named_as,
					payload: row.payload,
					occurredAtMs: row.occurred_at,
					effectiveAtMs: row.effective_at,
					recordedAtMs: row.recorded_at,
					receipt: sale === undefined ? null : { receipt_number: sale.receipt_number, amount_minor: amountMinor, currency: sale.currency },
				};
			});
	},
};

function isOutcomeAfter(row: EventRow, terminal: string, after: number): boolean {
	return row.terminal === terminal && row.result_no !== null && row.result_no > after;
}

const NOT_LEADING = { isLeader: false, taken: 0, placed: 0, left: 0 };

/** The function of `sync/hq/storage/migrations/feed-rounds.ts`. */
async function publishRound(tx: Transaction, most: number, waits: boolean): Promise<readonly object[]> {
	if (!tx.tryLockKey('advisory:publisher')) return [NOT_LEADING];
	const staged = tx.change_staging
		.all()
		.toSorted((left, right) => left.id - right.id)
		.slice(0, most);
	const locked = new Set<string>();
	for (const id of inOrderOfIds(staged.map((change) => change.member_id))) {
		if (tx.member.get(id) === undefined) continue;
		if (waits) await tx.member.lock(id);
		if (waits || tx.member.tryLock(id)) locked.add(id);
	}
	let placed = 0;
	for (const id of new Set(staged.map((change) => change.member_id).filter((memberId) => locked.has(memberId)))) {
		const member = must(tx.member.get(id), 'a member that was locked');
		const shard = must(tx.shard.get(String(member.shard)), 'every shard has a row');
		const seq = shard.last_seq + 1;
		await tx.shard.put(String(member.shard), { ...shard, last_seq: seq });
		await tx.member.put(id, { ...member, seq });
		placed += 1;
	}
	const taken = staged.filter((change) => waits || locked.has(change.member_id));
	for (const { id } of taken) await tx.change_staging.remove(String(id));
	return [{ isLeader: true, taken: taken.length, placed, left: staged.length - taken.length }];
}

const PUBLISHER: readonly Statement[] = [
	{
		begins: 'SELECT is_leader AS "isLeader", taken, placed, remaining AS "left" FROM publish_round($1, $2)',
		run: (tx, params) => publishRound(tx, numberAt(params, 0), params[1] === true),
	},
	// What a publisher finds whose lead somebody else has taken.
	{ begins: 'SELECT nobody leads', run: () => [NOT_LEADING] },
	{
		begins: 'SELECT shard, last_seq, horizon FROM shard ORDER BY shard',
		run: (tx) => tx.shard.all().toSorted((left, right) => left.shard - right.shard),
	},
];

type Want = { readonly shard: number; readonly after: number; readonly most: number; readonly upTo: number };

function pageOf(tx: Transaction, wants: readonly Want[]): readonly object[] {
	const bySeq = tx.member.all().toSorted((left, right) => left.seq - right.seq);
	const parts = wants
		.toSorted((left, right) => left.shard - right.shard)
		.map(({ shard, after, most, upTo }) => ({
			shard,
			rows: bySeq.filter((row) => row.shard === shard && row.seq > after && row.seq <= upTo).slice(0, most),
		}));
	const lines = inLines(parts.flatMap((part) => part.rows));
	return [
		...lines.map((rows, line) => ({
			line,
			text: `[${rows.map(memberJson).join(',')}]`,
			shard: null,
			newest: null,
			rows: rows.length,
			is_behind: false,
		})),
		...parts
			.filter((part) => part.rows.length > 0)
			.map(({ shard, rows }) => ({ line: null, text: null, shard, newest: rows.at(-1)?.seq ?? 0, rows: rows.length, is_behind: false })),
		...wants
			.filter(({ shard, after }) => (tx.shard.get(String(shard))?.horizon ?? 0) > after)
			.map(() => ({ line: null, text: null, shard: null, newest: null, rows: 0, is_behind: true })),
	];
}

const FEED: readonly Statement[] = [
	{
		begins: 'WITH want AS (',
		run: (tx, params) => {
			const [after, most, upTo] = [splitAt(params, 1).map(Number), splitAt(params, 2).map(Number), splitAt(params, 3).map(Number)];
			const wants = splitAt(params, 0).map((shard, index) => ({
				shard: Number(shard),
				after: after[index] ?? 0,
				most: most[index] ?? 0,
				upTo: upTo[index] ?? 0,
			}));
			return pageOf(tx, wants);
		},
	},
	{
		begins: 'UPDATE hq_state SET feed_opened_at = coalesce(feed_opened_at, $1)',
		run: async (tx, params) => {
			const row = must(tx.hq_state.get(ONLY_ROW), 'the state of headquarters');
			await tx.hq_state.put(ONLY_ROW, { ...row, feed_opened_at: row.feed_opened_at ?? numberAt(params, 0) });
			return [];
		},
	},
	{
		begins: 'SELECT shard, count(*)::int AS rows FROM member m WHERE (m.seq > 0',
		run: (tx) => {
			const counts = new Map<number, number>();
			for (const { shard } of tx.member.all().filter(isTold)) counts.set(shard, (counts.get(shard) ?? 0) + 1);
			return [...counts].toSorted(([left], [right]) => left - right).map(([shard, rows]) => ({ shard, rows }));
		},
	},
	{
		// A file has room for more rows than a simulated shard has, so that the statement of a second page is never met.
		begins: `SELECT string_agg(text, ',' ORDER BY n) AS text, count(*)::int AS rows`,
		has: `WHERE m.shard = $1 AND (m.seq > 0 OR m.status NOT IN ('opted_out', 'merged')) AND true ORDER BY`,
		run: (tx, params) => {
			const rows = tx.member
				.all()
				.filter((row) => row.shard === numberAt(params, 0) && isTold(row))
				.toSorted((left, right) => compareKeys([left.card ?? '\u007F', left.id], [right.card ?? '\u007F', right.id]));
			return inLines(rows).map((line) => ({
				text: line.map(memberJson).join(','),
				rows: line.length,
				last_card: line.at(-1) === rows.at(-1) ? (rows.at(-1)?.card ?? null) : null,
				last_id: line.at(-1) === rows.at(-1) ? (rows.at(-1)?.id ?? null) : null,
			}));
		},
	},
	{
		begins: 'SELECT coalesce(max(finished_at), 0)::bigint AS at FROM member_import',
		run: (tx) => [{ at: Math.max(0, ...tx.member_import.all().map((row) => row.finished_at)) }],
	},
	{
		begins: 'SELECT EXISTS (SELECT 1 FROM member_import WHERE finished_at > $1) AS is_imported',
		run: (tx, params) => [{ is_imported: tx.member_import.all().some((row) => row.finished_at > numberAt(params, 0)) }],
	},
	{
		begins: `SELECT EXISTS ( SELECT 1 FROM unnest(string_to_array($1, ',')::bigint[]) WITH ORDINALITY AS c(seq, place)`,
		run: (tx, params) => {
			const seqs = splitAt(params, 0).map(Number);
			return [{ has_left: tx.member.all().some((row) => row.status === 'opted_out' && row.seq > (seqs[row.shard] ?? 0)) }];
		},
	},
	{
		begins: `SELECT m.id FROM unnest(string_to_array($1, ',')::bigint[]) WITH ORDINALITY AS c(seq, place)`,
		run: (tx, params) => {
			const seqs = splitAt(params, 0).map(Number);
			const left = tx.member.all().filter((row) => row.status === 'opted_out' && row.seq > 0 && row.seq > (seqs[row.shard] ?? 0));
			return left.map(({ id }) => ({ id }));
		},
	},
];

/** `IS_TOLD`. */
function isTold({ seq, status }: MemberRow): boolean {
	return seq > 0 || (status !== 'opted_out' && status !== 'merged');
}

function compareKeys([leftCard, leftId]: readonly [string, string], [rightCard, rightId]: readonly [string, string]): number {
	if (leftCard !== rightCard) return leftCard < rightCard ? -1 : 1;
	return leftId < rightId ? -1 : 1;
}

/** One answer for each shard that is asked for, in one view of the tables. */
const DIGESTS: Statement = {
	begins: 'SELECT s.shard, s.last_seq AS seq, EXISTS (SELECT 1 FROM change_staging c WHERE c.shard = s.shard) AS "isStaged", d.rows, d.sum',
	run: (tx, params) => {
		const staged = new Set(tx.change_staging.all().map((change) => change.shard));
		const members = tx.member.all();
		return splitAt(params, 0).flatMap((name) => {
			const shard = tx.shard.get(name);
			if (shard === undefined) return [];
			const digests = members.flatMap((row) => (row.shard === shard.shard ? (memberDigest(row) ?? []) : []));
			const sum = digests.reduce((total, digest) => (total + digest) % DIGEST_LIMIT, 0);
			return [{ shard: shard.shard, seq: shard.last_seq, isStaged: staged.has(shard.shard), rows: digests.length, sum }];
		});
	},
};

export const FEED_STATEMENTS: readonly Statement[] = [OWN_EVENTS, ...TERMINALS, ...PUBLISHER, ...FEED, DIGESTS];
