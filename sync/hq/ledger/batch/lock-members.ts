import type { Queryable } from '../../storage/database.ts';
import { emptyMember } from '../decide/member-state.ts';
import type { MemberState } from '../decide/member-state.ts';
import { MEMBER_COLUMN_LIST, fromMemberRecord } from './member-rows.ts';
import type { MemberRecord } from './member-rows.ts';
import type { World } from './world.ts';

/** What sales, refunds and points look at and change. Of the profile the last visit alone; the rest of it stays in the database. */
type SaleRecord = Pick<
	MemberRecord,
	| 'id'
	| 'ver'
	| 'status'
	| 'alias_of'
	| 'merged_into'
	| 'merged_ver'
	| 'points'
	| 'tier_points'
	| 'earned'
	| 'purchase_total_minor'
	| 'purchase_count'
	| 'purchase_last_at'
	| 'tier_last_at'
	| 'tier_base_at'
> & { readonly last_visit_at: number | null; readonly place: string };

const SALE_COLUMNS =
	'id, ver, status, alias_of, merged_into, merged_ver, points, tier_points, earned, purchase_total_minor, purchase_count, purchase_last_at, tier_last_at, tier_base_at';

// As one JSON value: the embedded database hands over 500 rows of many columns twice as fast as cell by cell.
const LOCK = `
WITH locked AS (
	SELECT ${SALE_COLUMNS}, (profile->>'last_visit_at')::bigint AS last_visit_at, ctid::text AS place FROM member WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE
)
SELECT coalesce(json_agg(locked), '[]') AS members FROM locked`;

const READ_WHOLE = `SELECT coalesce(json_agg(row), '[]') AS members FROM (SELECT ${MEMBER_COLUMN_LIST} FROM member WHERE id = ANY($1::text[])) AS row`;

/** Aliases of aliases are shortened by each merge: longer chains are damage. */
const ALIAS_STEPS_MAX = 16;

/**
 * Locks members by id and whoever stands for them now, and loads what a sale needs of them: usually all that a push needs, and a third of
 * the work. The order of the locks is the same for everybody.
 */
export async function lockMembers(tx: Queryable, world: World, ids: readonly string[]): Promise<void> {
	let missing = [...new Set(ids)];
	// A second round is rare (the member of an alias). It locks out of order: two such requests may meet, and one of them is run again.
	for (let step = 0; step < ALIAS_STEPS_MAX && missing.length > 0; step += 1) {
		const [row] = await tx.query<{ members: SaleRecord[] }>(LOCK, [missing]);
		const members = (row?.members ?? []).map((record) => {
			const member = fromSaleRecord(record, world);
			world.members.set(member.id, member);
			world.loaded.set(member.id, member);
			world.partial.set(member.id, record.place);
			return member;
		});
		missing = members.flatMap((member) => (member.aliasOf === null || world.members.has(member.aliasOf) ? [] : [member.aliasOf]));
		missing = [...new Set(missing)];
	}
}

/** Loads the rest of members that are locked, for what looks at or changes more than a sale does. */
export async function loadWhole(tx: Queryable, world: World, ids: readonly string[]): Promise<void> {
	const wanted = [...new Set(ids.flatMap((id) => chainOf(world, id)))].filter((id) => world.partial.has(id));
	if (wanted.length === 0) return;
	const [row] = await tx.query<{ members: MemberRecord[] }>(READ_WHOLE, [wanted]);
	for (const member of (row?.members ?? []).map(fromMemberRecord)) {
		world.members.set(member.id, member);
		world.loaded.set(member.id, member);
		world.partial.delete(member.id);
	}
}

/** `id` and whoever it stands for, of those that are loaded. */
export function chainOf(world: World, id: string): string[] {
	const member = world.members.get(id);
	if (member === undefined) return [];
	return member.aliasOf === null ? [id] : [id, ...chainOf(world, member.aliasOf)];
}

function fromSaleRecord(record: SaleRecord, { programme }: World): MemberState {
	return {
		// The shard follows from the id, the tier from the points; names, cards and attributes are not looked at.
		...emptyMember(record.id, record.status, programme),
		ver: record.ver,
		aliasOf: record.alias_of,
		mergedInto: record.merged_into,
		mergedVer: record.merged_ver,
		points: record.points,
		tierPoints: record.tier_points,
		earned: record.earned,
		profile: record.last_visit_at === null ? {} : { last_visit_at: record.last_visit_at },
		purchaseTotalMinor: record.purchase_total_minor,
		purchaseCount: record.purchase_count,
		purchaseLastAtMs: record.purchase_last_at,
		tierLastAtMs: record.tier_last_at,
		tierBaseAtMs: record.tier_base_at,
	};
}
