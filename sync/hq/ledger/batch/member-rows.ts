import type { MemberState } from '../decide/member-state.ts';

/** A row of the table `member`, but for the publisher's `seq` and the import's `opening_points`. */
export type MemberRecord = {
	readonly id: string;
	readonly shard: number;
	readonly ver: number;
	readonly status: MemberState['status'];
	readonly card: string | null;
	readonly card_status: MemberState['cardStatus'];
	readonly first_name: string | null;
	readonly last_name: string | null;
	readonly mobile: string | null;
	readonly email: string | null;
	readonly points: number;
	readonly tier: string;
	readonly tier_points: number;
	readonly updated_at: number;
	readonly merged_into: string | null;
	readonly merged_ver: number | null;
	readonly aliases: MemberState['aliases'];
	readonly profile: MemberState['profile'];
	readonly alias_of: string | null;
	readonly attributes: MemberState['attributes'];
	readonly consents: MemberState['consents'];
	readonly earned: number;
	readonly spent: number;
	readonly reserved: number;
	readonly expired: number;
	readonly opt_in_at: number | null;
	readonly opted_out_at: number | null;
	readonly purchase_total_minor: number;
	readonly purchase_count: number;
	readonly purchase_last_at: number | null;
	readonly tier_last_at: number | null;
	readonly tier_base_at: number | null;
};

/** Columns of `MemberRecord` with their types, for `jsonb_to_recordset`. */
export const MEMBER_RECORD_TYPES: Record<keyof MemberRecord, 'text' | 'bigint' | 'integer' | 'jsonb'> = {
	id: 'text',
	shard: 'integer',
	ver: 'bigint',
	status: 'text',
	card: 'text',
	card_status: 'text',
	first_name: 'text',
	last_name: 'text',
	mobile: 'text',
	email: 'text',
	points: 'bigint',
	tier: 'text',
	tier_points: 'bigint',
	updated_at: 'bigint',
	merged_into: 'text',
	merged_ver: 'bigint',
	aliases: 'jsonb',
	profile: 'jsonb',
	alias_of: 'text',
	attributes: 'jsonb',
	consents: 'jsonb',
	earned: 'bigint',
	spent: 'bigint',
	reserved: 'bigint',
	expired: 'bigint',
	opt_in_at: 'bigint',
	opted_out_at: 'bigint',
	purchase_total_minor: 'bigint',
	purchase_count: 'bigint',
	purchase_last_at: 'bigint',
	tier_last_at: 'bigint',
	tier_base_at: 'bigint',
};

/** The columns, separated by commas. */
export const MEMBER_COLUMN_LIST = Object.keys(MEMBER_RECORD_TYPES).join(', ');

/** The columns that a sale changes; of the profile the keys that are given. */
export const BALANCE_COLUMNS = [
	'ver',
	'points',
	'tier',
	'tier_points',
	'updated_at',
	'earned',
	'purchase_total_minor',
	'purchase_count',
	'purchase_last_at',
	'tier_last_at',
] as const satisfies readonly (keyof MemberRecord)[];

/** A changed balance: the columns above, the profile's keys that a sale sets, and where the locked row is. */
export type BalanceRecord = Pick<MemberRecord, 'id' | 'profile' | (typeof BALANCE_COLUMNS)[number]> & { readonly place: string };

/** From SQL's names to ours. */
export function fromMemberRecord(row: MemberRecord): MemberState {
	return {
		id: row.id,
		shard: row.shard,
		ver: row.ver,
		status: row.status,
		card: row.card,
		cardStatus: row.card_status,
		firstName: row.first_name,
		lastName: row.last_name,
		mobile: row.mobile,
		email: row.email,
		points: row.points,
		tier: row.tier,
		tierPoints: row.tier_points,
		updatedAtMs: row.updated_at,
		mergedInto: row.merged_into,
		mergedVer: row.merged_ver,
		aliases: row.aliases,
		profile: row.profile,
		aliasOf: row.alias_of,
		attributes: row.attributes,
		consents: row.consents,
		earned: row.earned,
		spent: row.spent,
		reserved: row.reserved,
		expired: row.expired,
		optInAtMs: row.opt_in_at,
		optedOutAtMs: row.opted_out_at,
		purchaseTotalMinor: row.purchase_total_minor,
		purchaseCount: row.purchase_count,
		purchaseLastAtMs: row.purchase_last_at,
		tierLastAtMs: row.tier_last_at,
		tierBaseAtMs: row.tier_base_at,
	};
}

/** From our names to SQL's. */
export function toMemberRecord(member: MemberState): MemberRecord {
	return {
		id: member.id,
		shard: member.shard,
		ver: member.ver,
		status: member.status,
		card: member.card,
		card_status: member.cardStatus,
		first_name: member.firstName,
		last_name: member.lastName,
		mobile: member.mobile,
		email: member.email,
		points: member.points,
		tier: member.tier,
		tier_points: member.tierPoints,
		updated_at: member.updatedAtMs,
		merged_into: member.mergedInto,
		merged_ver: member.mergedVer,
		aliases: member.aliases,
		profile: member.profile,
		alias_of: member.aliasOf,
		attributes: member.attributes,
		consents: member.consents,
		earned: member.earned,
		spent: member.spent,
		reserved: member.reserved,
		expired: member.expired,
		opt_in_at: member.optInAtMs,
		opted_out_at: member.optedOutAtMs,
		purchase_total_minor: member.purchaseTotalMinor,
		purchase_count: member.purchaseCount,
		purchase_last_at: member.purchaseLastAtMs,
		tier_last_at: member.tierLastAtMs,
		tier_base_at: member.tierBaseAtMs,
	};
}
