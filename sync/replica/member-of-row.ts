import type { MemberRow } from '#shared/wire/member-row.ts';
import type { ReplicaMember } from './replica.ts';

/** A member by name instead of by column. */
export function memberOfRow(row: MemberRow): ReplicaMember {
	const [id, ver, status, card, cardStatus, firstName, lastName, mobile, email, points, ...rest] = row;
	const [tierId, tierPoints, updatedAtMs, mergedInto, mergedVer, aliases, profile] = rest;
	return {
		id,
		ver,
		status,
		card,
		cardStatus,
		firstName,
		lastName,
		mobile,
		email,
		points,
		tierId,
		tierPoints,
		updatedAtMs,
		mergedInto,
		mergedVer,
		barcodes: [
			...(card === null ? [] : [{ value: card, kind: 'card' as const, status: cardStatus ?? ('active' as const) }]),
			...aliases.map(([value, kind, aliasStatus]) => ({ value, kind, status: aliasStatus })),
		],
		profile,
	};
}
