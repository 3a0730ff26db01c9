/** Members enrolled here that the replica does not have yet. A few dozen rows at most, so that a search may look at all of them. */
import { z } from 'zod';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import { foldText } from '../../outbox/fold-text.ts';
import { LIST_MAX } from '../../outbox/outbox.ts';
import type { LocalEnrolment } from '../../outbox/outbox.ts';
import type { Executor } from '../connection.ts';
import { changeOutbox } from './change-outbox.ts';
import type { Change } from './change-outbox.ts';
import { ENROLMENT_ROW, readEnrolment } from './entry-rows.ts';
import type { OutboxContext } from './outbox-context.ts';

/** See `Outbox.findEnrolment`. */
export async function findEnrolment(
	reader: Executor,
	by: { readonly memberId: MemberId } | { readonly barcode: LoyaltyBarcode },
): Promise<LocalEnrolment | null> {
	const row =
		'memberId' in by
			? await reader.get(`SELECT ${ENROLMENT_ROW} FROM enrolment WHERE member_id = ?1`, [by.memberId])
			: await reader.get(`SELECT ${ENROLMENT_ROW} FROM enrolment WHERE barcode = ?1 ORDER BY enrolled_at LIMIT 1`, [by.barcode]);
	return row === null ? null : readEnrolment(row);
}

const SEARCH = `
	SELECT ${ENROLMENT_ROW} FROM enrolment
	WHERE instr(mobile, ?1) = 1 OR instr(lower(email), ?2) = 1
		OR (?3 <> '[]' AND NOT EXISTS (SELECT 1 FROM json_each(?3) AS word WHERE instr(folded_name, ' ' || word.value) = 0))
	ORDER BY enrolled_at DESC LIMIT ?4`;

/** See `Outbox.searchEnrolments`. */
export async function searchEnrolments(reader: Executor, text: string, limit: number): Promise<readonly LocalEnrolment[]> {
	assert(limit >= 1 && limit <= LIST_MAX, () => `a list has 1 to ${LIST_MAX} enrolments`);
	const trimmed = text.trim();
	if (trimmed === '') return [];
	const words = foldText(trimmed)
		.split(' ')
		.filter((word) => word !== '');
	const rows = await reader.all(SEARCH, [trimmed, trimmed.toLowerCase(), JSON.stringify(words), limit]);
	return rows.map(readEnrolment);
}

/** See `Outbox.enrolledMembers`. */
export async function readEnrolledMembers(reader: Executor, limit: number): Promise<readonly MemberId[]> {
	const rows = await reader.all('SELECT member_id FROM enrolment ORDER BY enrolled_at LIMIT ?1', [limit]);
	return z
		.array(z.object({ member_id: MemberIdSchema }))
		.parse(rows)
		.map((row) => row.member_id);
}

/** See `Outbox.forgetEnrolments`. */
export async function forgetEnrolments(context: OutboxContext, memberIds: readonly MemberId[]): Promise<void> {
	if (memberIds.length === 0) return;
	await changeOutbox(context, async (tx): Promise<Change<undefined>> => {
		const { changes } = await tx.run('DELETE FROM enrolment WHERE member_id IN (SELECT value FROM json_each(?1))', [
			JSON.stringify(memberIds),
		]);
		return { value: undefined, follow: changes === 0 ? null : () => {} };
	});
}
