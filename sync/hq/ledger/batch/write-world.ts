import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Queryable } from '../../storage/database.ts';
import { forgottenCardHash } from './forget-card.ts';
import type { RequestTime } from './effective-time.ts';
import type { Sender } from './incoming.ts';
import { MEMBER_COLUMN_LIST, MEMBER_RECORD_TYPES, toMemberRecord } from './member-rows.ts';
import type { MemberRecord } from './member-rows.ts';
import { scrubPayload } from './scrub.ts';
import type { World } from './world.ts';

export type WriteContext = { readonly sender: Sender; readonly time: RequestTime; readonly secret: string; readonly lastResultNo: number };

/** Writes what the batch changed, one statement per table. Returns the number of the sender's last outcome. */
export async function writeWorld(tx: Queryable, world: World, context: WriteContext): Promise<number> {
	await writeMembers(tx, world);
	await writeCards(tx, world, context.secret);
	await writeSales(tx, world, context.sender);
	const lastResultNo = await writeEvents(tx, world, context);
	await scrubEvents(tx, world);
	return lastResultNo;
}

type Column = keyof MemberRecord;

/** The columns that a sale changes. Writing only them makes the usual push a fifth faster. */
const BALANCE_COLUMNS: readonly Column[] = [
	'ver',
	'points',
	'tier',
	'tier_points',
	'updated_at',
	'profile',
	'earned',
	'purchase_total_minor',
	'purchase_count',
	'purchase_last_at',
];
const ALL_COLUMNS = Object.keys(MEMBER_RECORD_TYPES).filter((name): name is Column => name in MEMBER_RECORD_TYPES);
const OTHER_COLUMNS = ALL_COLUMNS.filter((name) => !BALANCE_COLUMNS.includes(name));

const INSERT_MEMBERS = `INSERT INTO member (${MEMBER_COLUMN_LIST}) SELECT ${MEMBER_COLUMN_LIST} FROM ${memberInput(ALL_COLUMNS)} ORDER BY id`;
const UPDATE_MEMBERS = updateOf(ALL_COLUMNS.filter((name) => name !== 'id' && name !== 'shard'));
const UPDATE_BALANCES = updateOf(BALANCE_COLUMNS);
const STAGE =
	'INSERT INTO change_staging (shard, member_id) SELECT shard, member_id FROM jsonb_to_recordset($1::jsonb) AS input (shard integer, member_id text)';

function memberInput(columns: readonly Column[]): string {
	return `jsonb_to_recordset($1::jsonb) AS input (${columns.map((name) => `${name} ${MEMBER_RECORD_TYPES[name]}`).join(', ')})`;
}

function updateOf(columns: readonly Column[]): string {
	return `UPDATE member SET ${columns.map((name) => `${name} = input.${name}`).join(', ')} FROM ${memberInput(['id', ...columns])} WHERE member.id = input.id`;
}

async function writeMembers(tx: Queryable, world: World): Promise<void> {
	const recordOf = (id: string) => toMemberRecord(must(world.members.get(id), 'a changed member'));
	const added = [...world.added].map(recordOf);
	const changed = [...world.changed].map((id) => ({
		after: recordOf(id),
		before: toMemberRecord(must(world.loaded.get(id), 'a loaded member')),
	}));
	const isBalanceOnly = ({ before, after }: (typeof changed)[number]) => OTHER_COLUMNS.every((name) => before[name] === after[name]);
	const balances = changed
		.filter(isBalanceOnly)
		.map(({ after }) => Object.fromEntries(['id' as const, ...BALANCE_COLUMNS].map((name) => [name, after[name]])));
	const others = changed.filter((change) => !isBalanceOnly(change)).map(({ after }) => after);
	if (added.length > 0) await tx.query(INSERT_MEMBERS, [JSON.stringify(added)]);
	if (balances.length > 0) await tx.query(UPDATE_BALANCES, [JSON.stringify(balances)]);
	if (others.length > 0) await tx.query(UPDATE_MEMBERS, [JSON.stringify(others)]);
	const staged = [...world.added, ...world.changed].map((id) => ({ shard: shardOf(id, SHARD_COUNT), member_id: id }));
	if (staged.length > 0) await tx.query(STAGE, [JSON.stringify(staged)]);
}

const CARD_COLUMNS = 'card, member_id, kind, status';
const CARD_INPUT = 'jsonb_to_recordset($1::jsonb) AS input (card text, member_id text, kind text, status text)';
const INSERT_CARDS = `INSERT INTO card_index (${CARD_COLUMNS}) SELECT ${CARD_COLUMNS} FROM ${CARD_INPUT} ORDER BY card`;
const UPDATE_CARDS = `UPDATE card_index SET member_id = input.member_id, kind = input.kind, status = input.status FROM ${CARD_INPUT} WHERE card_index.card = input.card`;

async function writeCards(tx: Queryable, world: World, secret: string): Promise<void> {
	if (world.releasedCards.size > 0) await releaseCards(tx, world, secret);
	const isKnown = (card: string) => world.knownCards.has(card) && !world.releasedCards.has(card);
	const records = [...world.changedCards.values()].map((entry) => ({
		card: entry.card,
		member_id: entry.memberId,
		kind: entry.kind,
		status: entry.status,
	}));
	const known = records.filter((record) => isKnown(record.card));
	// Inserted, never overwritten: a card that another transaction gave away meanwhile fails here and the request is run again.
	const fresh = records.filter((record) => !isKnown(record.card));
	if (fresh.length > 0) await tx.query(INSERT_CARDS, [JSON.stringify(fresh)]);
	if (known.length > 0) await tx.query(UPDATE_CARDS, [JSON.stringify(known)]);
}

async function releaseCards(tx: Queryable, world: World, secret: string): Promise<void> {
	await tx.query('DELETE FROM card_index WHERE card = ANY($1::text[])', [[...world.releasedCards.keys()]]);
	const forgotten = [...world.releasedCards].map(([card, memberId]) => ({
		card_hash: forgottenCardHash(card, secret),
		member_id: memberId,
		forgotten_at: world.forgottenCards.get(card) ?? world.nowMs,
	}));
	await tx.query(
		`INSERT INTO forgotten_card (card_hash, member_id, forgotten_at)
		SELECT card_hash, member_id, forgotten_at FROM jsonb_to_recordset($1::jsonb) AS input (card_hash text, member_id text, forgotten_at bigint) ORDER BY card_hash
		ON CONFLICT (card_hash) DO UPDATE SET member_id = excluded.member_id, forgotten_at = excluded.forgotten_at`,
		[JSON.stringify(forgotten)],
	);
}

async function writeSales(tx: Queryable, world: World, sender: Sender): Promise<void> {
	const recordsOf = (ids: ReadonlySet<string>) =>
		JSON.stringify(
			[...ids].map((id) => {
				const sale = must(world.sales.get(id), 'a changed sale');
				return {
					transaction_id: sale.transactionId,
					event_id: sale.eventId,
					content_hash: sale.contentHash,
					member_id: sale.ownerId,
					terminal: sender.terminal,
					currency: sale.currency,
					amount_minor: sale.amountMinor,
					points: sale.points,
					refunded_minor: sale.refundedMinor,
					points_taken_back: sale.pointsTakenBack,
					receipt_number: sale.receiptNumber,
					effective_at: sale.effectiveAtMs,
				};
			}),
		);
	const columns =
		'transaction_id, event_id, content_hash, member_id, terminal, currency, amount_minor, points, refunded_minor, points_taken_back, receipt_number, effective_at';
	const types =
		'transaction_id text, event_id uuid, content_hash text, member_id text, terminal text, currency text, amount_minor bigint, points bigint, refunded_minor bigint, points_taken_back bigint, receipt_number text, effective_at bigint';
	if (world.addedSales.size > 0) {
		await tx.query(
			`INSERT INTO sale (${columns}) SELECT ${columns} FROM jsonb_to_recordset($1::jsonb) AS input (${types}) ORDER BY transaction_id`,
			[recordsOf(world.addedSales)],
		);
	}
	if (world.changedSales.size > 0) {
		await tx.query(
			`UPDATE sale SET refunded_minor = input.refunded_minor, points_taken_back = input.points_taken_back
			FROM jsonb_to_recordset($1::jsonb) AS input (${types}) WHERE sale.transaction_id = input.transaction_id`,
			[recordsOf(world.changedSales)],
		);
	}
}

const EVENT_COLUMNS =
	'event_id, terminal, incarnation, seq, origin_member, action, payload, content_hash, is_scrubbed, status, error, points, applied_to, applied_ver, result_no, occurred_at, clock_skew_ms, effective_at, recorded_at';
const EVENT_TYPES =
	'event_id uuid, terminal text, incarnation text, seq bigint, origin_member text, action text, payload jsonb, content_hash text, is_scrubbed boolean, status text, error jsonb, points bigint, applied_to text, applied_ver bigint, result_no bigint, occurred_at bigint, clock_skew_ms bigint, effective_at bigint, recorded_at bigint';
const INSERT_EVENTS = `
WITH entries AS (
	INSERT INTO ledger_entry (event_id, debit_account, credit_account, amount)
	SELECT event_id, debit, credit, amount FROM jsonb_to_recordset($2::jsonb) AS input (event_id uuid, debit text, credit text, amount bigint)
)
INSERT INTO event (${EVENT_COLUMNS}) SELECT ${EVENT_COLUMNS} FROM jsonb_to_recordset($1::jsonb) AS input (${EVENT_TYPES})`;

async function writeEvents(tx: Queryable, world: World, { sender, time, lastResultNo }: WriteContext): Promise<number> {
	let resultNo = lastResultNo;
	const events = world.fresh.map((event) => {
		resultNo += sender.terminal === null ? 0 : 1;
		return {
			event_id: event.eventId,
			terminal: sender.terminal,
			incarnation: sender.incarnation,
			seq: event.seq,
			origin_member: event.originMember,
			action: event.action,
			payload: event.payload,
			content_hash: event.contentHash,
			is_scrubbed: event.isScrubbed,
			status: event.status,
			error: event.error,
			points: event.points,
			applied_to: event.appliedTo,
			applied_ver: event.appliedVer,
			result_no: sender.terminal === null ? null : resultNo,
			occurred_at: event.occurredAtMs,
			clock_skew_ms: time.skewMs,
			effective_at: event.effectiveAtMs,
			recorded_at: time.receivedAtMs,
		};
	});
	if (events.length === 0) return lastResultNo;
	const entries = world.fresh.flatMap((event) => event.entries.map((entry) => ({ ...entry, event_id: event.eventId })));
	await tx.query(INSERT_EVENTS, [JSON.stringify(events), JSON.stringify(entries)]);
	return resultNo;
}

/** Takes the personal data out of the events of who has opted out, those of ids that were merged into theirs included. */
async function scrubEvents(tx: Queryable, world: World): Promise<void> {
	if (world.scrubbed.size === 0) return;
	const rows = await tx.query<{ event_id: string; payload: Record<string, unknown> }>(
		`SELECT event_id, payload FROM event
		WHERE applied_to IN (SELECT id FROM member WHERE id = ANY($1::text[]) OR alias_of = ANY($1::text[])) AND payload IS NOT NULL AND NOT is_scrubbed`,
		[[...world.scrubbed]],
	);
	await tx.query(
		`UPDATE event SET payload = input.payload, is_scrubbed = true
		FROM jsonb_to_recordset($1::jsonb) AS input (event_id uuid, payload jsonb) WHERE event.event_id = input.event_id`,
		[JSON.stringify(rows.map((row) => ({ event_id: row.event_id, payload: scrubPayload(row.payload) })))],
	);
}
