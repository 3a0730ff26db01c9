import { expect, test } from 'vitest';
import { CursorSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { MEMBER_COLUMNS } from '#shared/wire/member-row.ts';
import { createFakeReplica, createReplicaDisk, cutPower } from './fake-replica.ts';
import type { FakeReplica } from './fake-replica.ts';

const M1 = MemberIdSchema.parse('m1');
const CURSOR = CursorSchema.parse('e1:0');
const FILES = ['snapshot/s1/0.json.gz', 'snapshot/s1/1.json.gz'];

function lineOf(id: string, ver: number, points: number): Uint8Array {
	const row = [id, ver, 'active', null, null, null, null, null, null, points, 'basic', 0, 0, null, null, [], {}, 0, ver];
	expect(row).toHaveLength(MEMBER_COLUMNS.length);
	return new TextEncoder().encode(JSON.stringify([row]));
}

function manifestOf(snapshot: string): Parameters<FakeReplica['beginLoad']>[0] {
	const files = FILES.map((path) => ({ path, shard: 0, rows: 1, bytes: 1, sha256: '0'.repeat(64) }));
	return { hq_epoch: 1, protocol: 1, snapshot, created_at: 5, cursor: CURSOR, rows: 2, bytes: 2, files };
}

async function beginLoad(
	replica: FakeReplica,
	snapshot = 's1',
): Promise<Extract<Awaited<ReturnType<FakeReplica['beginLoad']>>, { ok: true }>['value']> {
	const load = await replica.beginLoad(manifestOf(snapshot));
	return must(load.ok ? load.value : null, 'a load');
}

test('a load knows its files when it is begun again, and another snapshot begins anew', async () => {
	const replica = createFakeReplica();
	await (await beginLoad(replica)).addFile(must(FILES[0], 'a file'), [lineOf('m1', 1, 5)]);
	expect(FILES.map((await beginLoad(replica)).isLoaded)).toEqual([true, false]);
	expect(replica.row(M1)).toBeNull();
	expect(FILES.map((await beginLoad(replica, 's2')).isLoaded)).toEqual([false, false]);
});

test('look-ups answer from the old data until the load is finished', async () => {
	const replica = createFakeReplica();
	const first = await beginLoad(replica);
	await first.addFile('a', [lineOf('m1', 1, 5)]);
	await first.finish();
	expect(replica.state()).toMatchObject({ phase: 'ready', hqEpoch: 1, rows: 1, asOfMs: 5, cursor: CURSOR });
	const second = await beginLoad(replica, 's2');
	await second.addFile('a', [lineOf('m1', 4, 9)]);
	expect(replica.row(M1)?.points).toBe(5);
	await second.finish();
	expect(replica.row(M1)?.points).toBe(9);
});

test('a page moves rows and cursor together, the version decides, and another epoch is refused', async () => {
	const replica = createFakeReplica();
	const page = { lines: [lineOf('m1', 2, 7)], next: CursorSchema.parse('e1:2'), hqEpoch: 1, asOfMs: 8 };
	expect(await replica.applyPage(page)).toMatchObject({ ok: false, error: { code: 'LINE-108' } });
	await (await beginLoad(replica)).finish();
	expect(await replica.applyPage(page)).toEqual({ ok: true, value: { rows: 1, optedOut: [] } });
	expect(await replica.applyPage({ ...page, lines: [lineOf('m1', 1, 99)] })).toMatchObject({ value: { rows: 0 } });
	expect(replica.row(M1)).toMatchObject({ points: 7, ver: 2 });
	expect(replica.state()).toMatchObject({ cursor: 'e1:2', asOfMs: 8 });
	expect(await replica.applyPage({ ...page, hqEpoch: 2 })).toMatchObject({ ok: false });
});

test('an erased replica is empty', async () => {
	const replica = createFakeReplica();
	const load = await beginLoad(replica);
	await load.addFile('a', [lineOf('m1', 1, 5)]);
	await load.finish();
	await replica.erase();
	expect(replica.state()).toMatchObject({ phase: 'empty', rows: 0, cursor: null });
	expect(await replica.findById(M1)).toBeNull();
});

test('after a power cut the last pages may be missing, rows and cursor together, and what was swapped in never is', async () => {
	const disk = createReplicaDisk();
	const replica = createFakeReplica({ disk });
	const load = await beginLoad(replica);
	for (const file of FILES) await load.addFile(file, [lineOf('m1', 1, 5)]);
	await load.finish();
	for (const ver of [2, 3]) {
		const next = CursorSchema.parse(`e1:${ver}`);
		await replica.applyPage({ lines: [lineOf('m1', ver, ver)], next, hqEpoch: 1, asOfMs: ver });
	}
	cutPower(disk, 0.5);
	const reopened = createFakeReplica({ disk });
	expect(reopened.state()).toMatchObject({ phase: 'ready', cursor: 'e1:2' });
	expect(reopened.row(M1)).toMatchObject({ ver: 2, points: 2 });
	cutPower(disk, 0);
	expect(createFakeReplica({ disk }).row(M1)?.ver).toBe(2);
});
