import { expect, test } from 'vitest';
import { DIGEST_LIMIT, memberDigest } from '#shared/wire/digest.ts';
import type { ShardDigest } from '#shared/wire/digest.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { memberRow, memberRows, snapshotOf } from '../../replica/fake-members.ts';
import { applyRows, load, openFreshReplica, succeed } from './fake-opened-replica.ts';

const ODD_IDS = ['a', 'CUST000001', 'under_score-8', 'x'.repeat(64), '2900000000018'].map((id, index) =>
	memberRow({ id, ver: 1 + index * 600_000, status: (['active', 'inactive', 'suspended', 'stub'] as const)[index % 4] }),
);
const LEFT = [
	memberRow({ id: 'left', status: 'opted_out' }),
	memberRow({ id: 'merged', status: 'merged', merged_into: 'a', merged_ver: 2 }),
];
const ROWS = [...memberRows(500), ...ODD_IDS, ...LEFT];

function digestsOf(rows: readonly MemberRow[]): readonly ShardDigest[] {
	const shards = new Map<number, ShardDigest>();
	for (const [id, ver, status, ...rest] of rows) {
		const digest = memberDigest({ id, ver, status });
		const shard = rest[14];
		const { rows: count, sum } = shards.get(shard) ?? { rows: 0, sum: 0 };
		if (digest !== null) shards.set(shard, { shard, rows: count + 1, sum: (sum + digest) % DIGEST_LIMIT });
	}
	return [...shards.values()].toSorted((left, right) => left.shard - right.shard);
}

test('the digests of a replica are those of its rows, whatever their ids, and who has left does not count', async () => {
	const { replica } = await openFreshReplica();
	expect(succeed(await replica.digests())).toBeNull();
	await load(replica, snapshotOf(ROWS));
	expect(succeed(await replica.digests())).toEqual({ cursor: 'cursor-s1', shards: digestsOf(ROWS) });
	const changed = memberRow({ id: 'a', ver: 2 });
	await applyRows(replica, [changed], 'later');
	const after = [...ROWS.filter((row) => row[0] !== 'a'), changed];
	expect(succeed(await replica.digests())).toEqual({ cursor: 'later', shards: digestsOf(after) });
});

test('one missing member, one old version and one other status each change the digest of their shard', () => {
	const before = digestsOf(ROWS);
	const others = (change: (row: MemberRow) => readonly MemberRow[]): readonly ShardDigest[] =>
		digestsOf(ROWS.flatMap((row) => (row[0] === 'CUST000001' ? change(row) : [row])));
	expect(others(() => [])).not.toEqual(before);
	expect(others(([id, ver]) => [memberRow({ id, ver: ver - 1, status: 'inactive' })])).not.toEqual(before);
	expect(others(([id, ver]) => [memberRow({ id, ver, status: 'active' })])).not.toEqual(before);
	expect(others((row) => [row])).toEqual(before);
});
