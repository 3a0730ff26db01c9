import { shardOf } from '#shared/domain/shard.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Queryable } from '../../storage/database.ts';
import type { MemberState } from '../decide/member-state.ts';
import { MEMBER_COLUMN_LIST, MEMBER_RECORD_TYPES, toMemberRecord } from './member-rows.ts';
import type { BalanceRecord, MemberRecord } from './member-rows.ts';
import { writeBooking } from './write-booking.ts';
import type { WriteContext } from './write-booking.ts';
import { writeCards } from './write-cards.ts';
import { scrubPayload } from './scrub.ts';
import type { World } from './world.ts';

/**
 * Writes what the batch changed. The usual push is one statement (`writeBooking`); members who are new or change in more than a balance,
 * cards and changed sales have one of their own. Returns the number of the sender's last outcome.
 */
export async function writeWorld(tx: Queryable, world: World, context: WriteContext): Promise<number> {
	const balances = await writeMembers(tx, world);
	await writeCards(tx, world, context.secret);
	await changeSales(tx, world);
	const lastResultNo = await writeBooking(tx, world, { ...context, balances });
	await scrubEvents(tx, world);
	return lastResultNo;
}

type Column = keyof MemberRecord;
const ALL_COLUMNS = Object.keys(MEMBER_RECORD_TYPES).filter((name): name is Column => name in MEMBER_RECORD_TYPES);

/** What a sale never changes of a member. */
const UNTOUCHED = [
	'status',
	'card',
	'cardStatus',
	'firstName',
	'lastName',
	'mobile',
	'email',
	'mergedInto',
	'mergedVer',
	'aliases',
	'aliasOf',
	'attributes',
	'consents',
	'spent',
	'reserved',
	'expired',
	'optInAtMs',
	'optedOutAtMs',
	'tierBaseAtMs',
] as const satisfies readonly (keyof MemberState)[];

const INSERT_MEMBERS = `INSERT INTO member (${MEMBER_COLUMN_LIST}) SELECT ${MEMBER_COLUMN_LIST} FROM ${memberInput(ALL_COLUMNS)} ORDER BY id`;
const CHANGED_COLUMNS = ALL_COLUMNS.filter((name) => name !== 'id' && name !== 'shard');
const UPDATE_MEMBERS = `UPDATE member SET ${CHANGED_COLUMNS.map((name) => `${name} = input.${name}`).join(', ')} FROM ${memberInput(ALL_COLUMNS)} WHERE member.id = input.id`;
const STAGE =
	'INSERT INTO change_staging (shard, member_id) SELECT shard, member_id FROM jsonb_to_recordset($1::jsonb) AS input (shard integer, member_id text)';

/** The members' columns as a list of records in a parameter. */
function memberInput(columns: readonly Column[]): string {
	return `jsonb_to_recordset($1::jsonb) AS input (${columns.map((name) => `${name} ${MEMBER_RECORD_TYPES[name]}`).join(', ')})`;
}

/** Writes and stages members who are new or were loaded whole; answers the balances of the others. */
async function writeMembers(tx: Queryable, world: World): Promise<BalanceRecord[]> {
	const recordOf = (id: string): MemberRecord => toMemberRecord(must(world.members.get(id), 'a changed member'));
	const added = [...world.added].map(recordOf);
	const whole = [...world.changed].filter((id) => !world.partial.has(id)).map(recordOf);
	const balances = [...world.changed].filter((id) => world.partial.has(id)).map((id) => balanceOf(world, id));
	if (added.length > 0) await tx.query(INSERT_MEMBERS, [JSON.stringify(added)]);
	if (whole.length > 0) await tx.query(UPDATE_MEMBERS, [JSON.stringify(whole)]);
	const staged = [...added, ...whole].map(({ id }) => ({ shard: shardOf(id, SHARD_COUNT), member_id: id }));
	if (staged.length > 0) await tx.query(STAGE, [JSON.stringify(staged)]);
	return balances;
}

function balanceOf(world: World, id: string): BalanceRecord {
	const [before, after] = [must(world.loaded.get(id), 'a loaded member'), must(world.members.get(id), 'a changed member')];
	// The rest was never loaded: writing it would empty it.
	assert(
		UNTOUCHED.every((name) => before[name] === after[name]),
		'of a member who was loaded for sales only the balance changes',
	);
	return {
		id,
		place: must(world.partial.get(id), 'the place of a row'),
		profile: after.profile,
		ver: after.ver,
		points: after.points,
		tier: after.tier,
		tier_points: after.tierPoints,
		updated_at: after.updatedAtMs,
		earned: after.earned,
		purchase_total_minor: after.purchaseTotalMinor,
		purchase_count: after.purchaseCount,
		purchase_last_at: after.purchaseLastAtMs,
		tier_last_at: after.tierLastAtMs,
	};
}

async function changeSales(tx: Queryable, world: World): Promise<void> {
	if (world.changedSales.size === 0) return;
	const records = [...world.changedSales].map((id) => {
		const { transactionId, points, refundedMinor, pointsTakenBack } = must(world.sales.get(id), 'a changed sale');
		return { transaction_id: transactionId, points, refunded_minor: refundedMinor, points_taken_back: pointsTakenBack };
	});
	await tx.query(
		`UPDATE sale SET points = input.points, refunded_minor = input.refunded_minor, points_taken_back = input.points_taken_back
		FROM jsonb_to_recordset($1::jsonb) AS input (transaction_id text, points bigint, refunded_minor bigint, points_taken_back bigint)
		WHERE sale.transaction_id = input.transaction_id`,
		[JSON.stringify(records)],
	);
}

/** Ids that stand for one of the ids in the first parameter, over any number of merges, and those themselves. */
const GONE = `WITH RECURSIVE gone AS (
		SELECT unnest($1::text[]) AS id
		UNION
		SELECT member.id FROM gone JOIN member ON member.alias_of = gone.id
	)`;
/**
 * A terminal that recorded under a merged id looks for names under that id alone, and would keep them when only the winner's tombstone
 * told of the opt-out. So the merged ids leave too.
 */
const CLOSE_ALIASES = `${GONE}, closed AS (
		UPDATE member SET status = 'opted_out', merged_into = NULL, merged_ver = NULL, ver = ver + 1, updated_at = $2
		WHERE id IN (SELECT id FROM gone) AND status = 'merged' RETURNING id, shard
	)
	INSERT INTO change_staging (shard, member_id) SELECT shard, id FROM closed`;

/** Takes the personal data out of the events of who has opted out, those of ids that were merged into theirs included. */
async function scrubEvents(tx: Queryable, world: World): Promise<void> {
	if (world.scrubbed.size === 0) return;
	await tx.query(CLOSE_ALIASES, [[...world.scrubbed], world.nowMs]);
	const rows = await tx.query<{ event_id: string; payload: Record<string, unknown> }>(
		`${GONE}
		SELECT event_id, payload FROM event WHERE applied_to IN (SELECT id FROM gone) AND payload IS NOT NULL AND NOT is_scrubbed`,
		[[...world.scrubbed]],
	);
	await tx.query(
		// The hash goes too: whoever guesses a name could check the guess against it, and what is scrubbed is never compared.
		`UPDATE event SET payload = input.payload, named_as = NULL, content_hash = '', is_scrubbed = true
		FROM jsonb_to_recordset($1::jsonb) AS input (event_id uuid, payload jsonb) WHERE event.event_id = input.event_id`,
		[JSON.stringify(rows.map((row) => ({ event_id: row.event_id, payload: scrubPayload(row.payload) })))],
	);
}
