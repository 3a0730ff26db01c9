import { z } from 'zod';
import { MEMBER_COLUMNS, MemberRowSchema } from '#shared/wire/member-row.ts';
import type { ReplicaMember } from '../../replica/replica.ts';
import type { SqlRow } from '../connection.ts';

/** The result column of `SELECT … FROM member` that `readMember` reads: the row as headquarters writes it. */
export const MEMBER_ROW = `json_array(${MEMBER_COLUMNS.map((column) => (column === 'aliases' || column === 'profile' ? `json(${column})` : column)).join(', ')}) AS row`;

/** Throws on a row that the schema of the file should not have let in. */
export function readMember(sqlRow: SqlRow): ReplicaMember {
	const json: unknown = JSON.parse(z.string().parse(sqlRow['row']));
	const [id, ver, status, card, cardStatus, firstName, lastName, mobile, email, points, ...rest] = MemberRowSchema.parse(json);
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
