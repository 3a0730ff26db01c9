import { z } from 'zod';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { MEMBER_COLUMNS, MemberRowSchema } from '#shared/wire/member-row.ts';
import { memberOfRow } from '../../replica/member-of-row.ts';
import { MERGED_MAX } from '../../replica/replica.ts';
import type { FoundMember, MergedRow } from '../../replica/replica.ts';
import { jsonIn, nullableJsonIn } from '../columns.ts';
import type { SqlRow } from '../connection.ts';

/** Tombstones that lead to the member `id` (an expression), as JSON. A circle ends: UNION takes a row once. */
function mergedIntoSql(id: string): string {
	return `(
		WITH RECURSIVE merge (id, ver, merged_into, merged_ver) AS (
			SELECT first.id, first.ver, first.merged_into, first.merged_ver FROM member AS first
			WHERE first.merged_into = ${id} AND first.status = 'merged'
			UNION
			SELECT next.id, next.ver, next.merged_into, next.merged_ver FROM merge CROSS JOIN member AS next
			WHERE next.merged_into = merge.id AND next.status = 'merged'
			LIMIT ${MERGED_MAX}
		)
		SELECT json_group_array(json_array(id, ver, merged_into, merged_ver) ORDER BY id) FROM merge
	)`;
}

/**
 * The result columns of `SELECT … FROM member` that `readMember` reads: the row as headquarters writes it, and in the same statement, so of
 * the same moment, the tombstones that lead to it. For nearly everybody that is one look into a short index.
 */
export const FOUND_MEMBER = `
	json_array(${MEMBER_COLUMNS.map((column) => (column === 'aliases' || column === 'profile' ? `json(${column})` : column)).join(', ')}) AS row,
	CASE WHEN EXISTS (SELECT 1 FROM member AS loser WHERE loser.merged_into = member.id) THEN ${mergedIntoSql('member.id')} END AS merged`;

/** `merged` of a member, whose row need not be here. */
export const MERGED_INTO = `SELECT ${mergedIntoSql('?1')} AS merged`;

const MergedSchema = z.array(z.tuple([MemberIdSchema, z.int(), MemberIdSchema, z.int().nullable()])).nullable();

/** Throws on a row that the schema of the file should not have let in. */
export function readMember(sqlRow: SqlRow): FoundMember {
	return { ...memberOfRow(MemberRowSchema.parse(jsonIn(sqlRow, 'row'))), merged: readMerged(sqlRow) };
}

/** The same of `merged` alone. */
export function readMerged(sqlRow: SqlRow): readonly MergedRow[] {
	return (MergedSchema.parse(nullableJsonIn(sqlRow, 'merged')) ?? []).map(([id, ver, mergedInto, mergedVer]) => ({
		id,
		ver,
		mergedInto,
		mergedVer,
	}));
}
