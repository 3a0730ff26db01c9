import type { z } from 'zod';
import { tierFor } from '#shared/domain/earn.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { AliasSchema, CardStatus, MemberProfile, MemberStatus } from '#shared/wire/member-row.ts';

/** A code besides the main card: `[value, kind, status]`. */
export type Alias = z.infer<typeof AliasSchema>;

/** The newest answer for one purpose. */
export type ConsentState = { readonly granted: boolean; readonly at: number; readonly version: number; readonly language: string };

/**
 * A member as the ledger sees one: a plain value, replaced as a whole. `points = earned - spent - reserved - expired`.
 * `ver` is the version that the database has; the batch raises it once when it changes the member.
 */
export type MemberState = {
	readonly id: string;
	readonly shard: number;
	readonly ver: number;
	readonly status: MemberStatus;
	readonly card: string | null;
	readonly cardStatus: CardStatus | null;
	readonly firstName: string | null;
	readonly lastName: string | null;
	readonly mobile: string | null;
	readonly email: string | null;
	readonly points: number;
	readonly tier: string;
	readonly tierPoints: number;
	readonly updatedAtMs: number;
	readonly mergedInto: string | null;
	readonly mergedVer: number | null;
	readonly aliases: readonly Alias[];
	readonly profile: MemberProfile;
	readonly aliasOf: string | null;
	readonly attributes: Readonly<Record<string, unknown>>;
	readonly consents: Readonly<Record<string, ConsentState>>;
	readonly earned: number;
	readonly spent: number;
	readonly reserved: number;
	readonly expired: number;
	readonly optInAtMs: number | null;
	readonly optedOutAtMs: number | null;
	readonly purchaseTotalMinor: number;
	readonly purchaseCount: number;
	readonly purchaseLastAtMs: number | null;
	/** The newest effective time of a sale or refund. */
	readonly tierLastAtMs: number | null;
	/** Nothing is inserted into the tier points of before this moment. */
	readonly tierBaseAtMs: number | null;
};

/** What an empty account has in common with a closed one: no personal data, no balance. */
const EMPTY = {
	card: null,
	cardStatus: null,
	firstName: null,
	lastName: null,
	mobile: null,
	email: null,
	points: 0,
	tierPoints: 0,
	aliases: [],
	profile: {},
	attributes: {},
	consents: {},
	earned: 0,
	spent: 0,
	reserved: 0,
	expired: 0,
	purchaseTotalMinor: 0,
	purchaseCount: 0,
	purchaseLastAtMs: null,
	tierLastAtMs: null,
	tierBaseAtMs: null,
} as const;

/** A member who is not in the database yet, without data. */
export function emptyMember(id: string, status: MemberStatus, programme: Pick<Programme, 'tiers'>): MemberState {
	return {
		...EMPTY,
		id,
		shard: shardOf(id, SHARD_COUNT),
		ver: 0,
		status,
		tier: tierFor(0, programme).id,
		updatedAtMs: 0,
		mergedInto: null,
		mergedVer: null,
		aliasOf: null,
		optInAtMs: null,
		optedOutAtMs: null,
	};
}

/** What is left of a member whose account is closed: the id, so that it is never opened again. */
export function tombstone(member: MemberState, status: 'merged' | 'opted_out', programme: Pick<Programme, 'tiers'>): MemberState {
	return { ...member, ...EMPTY, status, tier: tierFor(0, programme).id, optInAtMs: null };
}

/** The member with `delta` points earned (or, negative, un-earned) and the tier that `tierDelta` leads to. */
export function withEarned(
	member: MemberState,
	delta: { readonly points: number; readonly tierPoints: number },
	programme: Pick<Programme, 'tiers'>,
): MemberState {
	// Below 0 when a refund takes more than an import brought: kept, for a sum that is cut off depends on the order of its parts.
	const tierPoints = member.tierPoints + delta.tierPoints;
	return {
		...member,
		points: member.points + delta.points,
		earned: member.earned + delta.points,
		tierPoints,
		tier: tierFor(tierPoints, programme).id,
	};
}
