import { canonicalBarcode } from '#shared/domain/loyalty-barcode.ts';
import type { HqContext } from '../context.ts';
import { MEMBER_COLUMN_LIST, fromMemberRecord } from './batch/member-rows.ts';
import type { MemberRecord } from './batch/member-rows.ts';
import type { MemberState } from './decide/member-state.ts';

const BY_ID = `
WITH RECURSIVE reached AS (
	SELECT id, alias_of FROM member WHERE id = $1
	UNION
	SELECT member.id, member.alias_of FROM reached JOIN member ON member.id = reached.alias_of
)
SELECT ${MEMBER_COLUMN_LIST} FROM member WHERE id IN (SELECT id FROM reached WHERE alias_of IS NULL)`;

type FindContext = Pick<HqContext, 'database' | 'programme'>;

/** The member that `id` stands for, after aliases, whatever its status. */
export async function findMemberById({ database }: Pick<FindContext, 'database'>, id: string): Promise<MemberState | null> {
	const [row] = await database.query<MemberRecord>(BY_ID, [id]);
	return row === undefined ? null : fromMemberRecord(row);
}

/** The member whom a scanned or typed code means. */
export async function findMemberByBarcode(context: FindContext, barcode: string): Promise<MemberState | null> {
	const card = canonicalBarcode(barcode, context.programme()) ?? barcode;
	const [row] = await context.database.query<{ memberId: string }>('SELECT member_id AS "memberId" FROM card_index WHERE card = $1', [
		card,
	]);
	return row === undefined ? null : findMemberById(context, row.memberId);
}
