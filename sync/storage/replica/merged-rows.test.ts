/** Who stands for a member since a merge, out of the file: whatever brought the rows, and in whatever order. */
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { memberRow, memberRows, snapshotOf } from '../../replica/fake-members.ts';
import { memberOfRow } from '../../replica/member-of-row.ts';
import { mergedInto } from '../../replica/merged-rows.ts';
import { MERGED_MAX } from '../../replica/replica.ts';
import type { Replica } from '../../replica/replica.ts';
import { openConnection } from '../connection.ts';
import { applyRows, load, openFreshReplica, succeed } from './fake-opened-replica.ts';
import { MERGED_INTO } from './member-rows.ts';
import { BY_BARCODE, BY_ID } from './replica-lookups.ts';

const id = (text: string): MemberId => MemberIdSchema.parse(text);

function tombstone(loser: string, winner: string, ver = 2): MemberRow {
	return memberRow({ id: loser, ver, status: 'merged', merged_into: winner, merged_ver: ver });
}

async function mergedOf(replica: Replica, member: string): Promise<readonly string[]> {
	const found = await replica.findById(id(member));
	const merged = await replica.findMerged(id(member));
	expect(found?.merged ?? merged).toEqual(merged);
	return merged.map((row) => row.id);
}

test('a look-up answers with everybody who was merged into the member, by snapshot or by page, also by way of others', async () => {
	const { replica } = await openFreshReplica();
	await load(replica, snapshotOf([memberRow({ id: 'end', card: 'C-1' }), tombstone('a', 'end'), memberRow({ id: 'middle' })]));
	expect(await mergedOf(replica, 'end')).toEqual(['a']);
	await applyRows(replica, [tombstone('late', 'middle')]);
	expect(await mergedOf(replica, 'middle')).toEqual(['late']);
	await applyRows(replica, [tombstone('middle', 'end')]);
	expect(await mergedOf(replica, 'end')).toEqual(['a', 'late', 'middle']);
	const [byName] = await replica.searchByBarcode('C-1', 5);
	expect(byName?.merged.map((row) => row.id)).toEqual(['a', 'late', 'middle']);
	expect(byName?.merged[0]).toEqual({ id: 'a', ver: 2, mergedInto: 'end', mergedVer: 2 });
	// Chains are shortened, and somebody may opt out later.
	await applyRows(replica, [tombstone('late', 'other', 3), memberRow({ id: 'a', ver: 9, status: 'opted_out', merged_into: 'end' })]);
	expect(await mergedOf(replica, 'end')).toEqual(['middle']);
	expect(await mergedOf(replica, 'other')).toEqual(['late']);
});

test('nobody stands for a member any more whom a replacement of its shard or a new snapshot does not know', async () => {
	const { replica } = await openFreshReplica();
	await load(replica, snapshotOf([memberRow({ id: 'end' }), tombstone('a', 'end'), tombstone('b', 'end')]));
	const shard = shardOf('a', SHARD_COUNT);
	const kept = ['end', 'b'].filter((one) => shardOf(one, SHARD_COUNT) === shard);
	const rows = kept.map((one) => (one === 'b' ? tombstone('b', 'end') : memberRow({ id: one })));
	const { manifest, files } = snapshotOf(rows, { name: 's2' });
	const part = succeed(await replica.beginLoad({ ...manifest, shards: [{ shard, seq: 50 }] }));
	for (const [file, lines] of files) succeed(await part.addFile(file, lines));
	succeed(await part.finish());
	expect(await mergedOf(replica, 'end')).toEqual(['b']);
	await load(replica, snapshotOf([memberRow({ id: 'end' }), tombstone('c', 'end')], { name: 's3' }));
	expect(await mergedOf(replica, 'end')).toEqual(['c']);
});

test('merges in a circle end, and an answer has a limit', async () => {
	const { replica } = await openFreshReplica();
	const many = Array.from({ length: MERGED_MAX + 5 }, (_, index) => tombstone(`m${index}`, 'end'));
	await load(replica, snapshotOf([tombstone('a', 'b'), tombstone('b', 'a'), memberRow({ id: 'end' }), ...many]));
	expect(await mergedOf(replica, 'a')).toEqual(['a', 'b']);
	expect(await mergedOf(replica, 'end')).toHaveLength(MERGED_MAX);
});

test('whatever merges come in whatever order, the file answers what its rows say', async () => {
	const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
	const step = fc.record({ loser: name, winner: name, ver: fc.integer({ min: 1, max: 9 }), status: fc.constantFrom('merged', 'active') });
	const { replica } = await openFreshReplica();
	let names = 0;
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
			await load(replica, snapshotOf([memberRow({ id: 'a' })], { name: `s${(names += 1)}` }));
			const rows = new Map([['a', memberRow({ id: 'a' })]]);
			for (const { loser, winner, ver, status } of steps) {
				const row = status === 'merged' ? tombstone(loser, winner, ver) : memberRow({ id: loser, ver });
				await applyRows(replica, [row]);
				if ((rows.get(loser)?.[1] ?? 0) < ver) rows.set(loser, row);
			}
			const members = [...rows.values()].map(memberOfRow);
			for (const member of ['a', 'b', 'c', 'd', 'e', 'f'])
				expect(await mergedOf(replica, member)).toEqual(mergedInto(members, id(member)).map((row) => row.id));
		}),
		{ numRuns: 25 },
	);
}, 60_000);

test.each([
	['findById', BY_ID],
	['findByBarcode', BY_BARCODE],
	['findMerged', MERGED_INTO],
])('%s finds merges by an index that has nothing but them', async (_what, sql) => {
	const { replica, folder } = await openFreshReplica();
	await load(replica, snapshotOf(memberRows(2000)));
	await replica.close();
	const connection = await openConnection({ file: path.join(folder, 'replica.db'), mode: 'read_only', pragmas: {} });
	const plan = (await connection.all(`EXPLAIN QUERY PLAN ${sql}`, ['x'])).map(({ detail }) => String(detail));
	await connection.close();
	expect(plan.filter((line) => /^SEARCH (loser|first|next)/.test(line))).not.toEqual([]);
	expect(
		plan.filter((line) => /^(SEARCH|SCAN) (loser|first|next)/.test(line) && !line.includes('INDEX member_merged (merged_into=?)')),
	).toEqual([]);
});
