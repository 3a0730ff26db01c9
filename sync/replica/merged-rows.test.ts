import { expect, test } from 'vitest';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import { memberRow } from './fake-members.ts';
import type { MemberColumns } from './fake-members.ts';
import { memberOfRow } from './member-of-row.ts';
import { mergedInto, standingOf } from './merged-rows.ts';
import { MERGED_MAX } from './replica.ts';
import type { MergedRow, ReplicaMember } from './replica.ts';

const id = (text: string): MemberId => MemberIdSchema.parse(text);

function tombstone(loser: string, winner: string, columns: Omit<MemberColumns, 'id'> = {}): ReplicaMember {
	return memberOfRow(memberRow({ id: loser, ver: 5, status: 'merged', merged_into: winner, merged_ver: 9, ...columns }));
}

function row(member: string, ver: number): ReplicaMember {
	return memberOfRow(memberRow({ id: member, ver }));
}

function idsOf(rows: readonly MergedRow[]): readonly string[] {
	return rows.map((one) => one.id);
}

test('everybody who was merged into a member stands for it, also by way of others, and nobody else', () => {
	const rows = [row('end', 9), tombstone('late', 'middle'), tombstone('middle', 'end'), tombstone('a', 'end'), tombstone('b', 'other')];
	expect(idsOf(mergedInto(rows, id('end')))).toEqual(['a', 'late', 'middle']);
	expect(idsOf(mergedInto(rows, id('middle')))).toEqual(['late']);
	expect(mergedInto(rows, id('a'))).toEqual([]);
	// The member's own row need not be here.
	expect(mergedInto(rows, id('other'))).toEqual([{ id: 'b', ver: 5, mergedInto: 'other', mergedVer: 9 }]);
});

test('who has opted out stands for nobody, whatever else its row says', () => {
	expect(mergedInto([tombstone('a', 'end', { status: 'opted_out' })], id('end'))).toEqual([]);
});

test('merges in a circle and merges without end come to one', () => {
	expect(idsOf(mergedInto([tombstone('a', 'b'), tombstone('b', 'a')], id('a')))).toEqual(['a', 'b']);
	const many = Array.from({ length: MERGED_MAX + 5 }, (_, index) => tombstone(`m${index}`, 'end'));
	expect(mergedInto(many, id('end'))).toHaveLength(MERGED_MAX);
});

test('the versions are those of the rows, and of one id the last row counts', () => {
	const { versions } = standingOf([tombstone('a', 'end'), tombstone('a', 'end', { ver: 6 }), row('end', 9)]);
	expect([...versions]).toEqual([
		['a', 6],
		['end', 9],
	]);
});

test('a balance is being updated as long as a row has not reached the version of a merge that leads to it', () => {
	expect(standingOf([row('end', 1)]).isBalanceUpdating).toBe(false);
	expect(standingOf([tombstone('a', 'end'), row('end', 9)]).isBalanceUpdating).toBe(false);
	expect(standingOf([tombstone('a', 'end'), row('end', 8)]).isBalanceUpdating).toBe(true);
	// In the middle of a chain; and of an end that is not here at all.
	expect(standingOf([tombstone('a', 'b', { merged_ver: 6 }), tombstone('b', 'end'), row('end', 9)]).isBalanceUpdating).toBe(true);
	expect(standingOf([tombstone('a', 'end')]).isBalanceUpdating).toBe(true);
	expect(standingOf([]).isBalanceUpdating).toBe(false);
});
