import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CursorSchema, LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { memberRow, memberRows, snapshotOf } from '../../replica/fake-members.ts';
import type { FakeSnapshot, MemberColumns } from '../../replica/fake-members.ts';
import type { GoneMember, Replica } from '../../replica/replica.ts';
import { applyRows, load, openFreshReplica, succeed } from './fake-opened-replica.ts';

const ID = 0;
const VER = 1;
const CARD = 3;
const SHARD = 17;
const ROWS = memberRows(2_000).map((row) => changed(row, { seq: 10 }));
const [FIRST] = ROWS;
const PART = must(FIRST, 'a member')[SHARD];
const INSIDE = ROWS.filter((row) => row[SHARD] === PART);
const OUTSIDE = ROWS.filter((row) => row[SHARD] !== PART);
const BACK = CursorSchema.parse('cursor-back');

function changed(row: MemberRow, columns: MemberColumns & { readonly id?: string }): MemberRow {
	const [id, ver, status, card, , firstName, lastName, mobile, email, points, , , , , , aliases, profile, , seq] = row;
	const names = { first_name: firstName, last_name: lastName, mobile, email };
	return memberRow({ id, ver, status, card, ...names, points, aliases, profile, seq, ...columns });
}

/** A snapshot of one shard, taken at its number `seq`. */
function partOf(rows: readonly MemberRow[], seq = 20): FakeSnapshot {
	const { manifest, files } = snapshotOf(rows, { name: 's2', fileRows: 20 });
	return { manifest: { ...manifest, cursor: BACK, shards: [{ shard: PART, seq }] }, files };
}

async function openLoaded(): Promise<{ readonly folder: string; readonly replica: Replica; readonly reopen: () => Promise<Replica> }> {
	const opened = await openFreshReplica();
	await load(opened.replica, snapshotOf(ROWS));
	return opened;
}

async function versionsOf(replica: Replica, rows: readonly MemberRow[]): Promise<readonly (number | null)[]> {
	return Promise.all(rows.map(async (row) => (await replica.findById(MemberIdSchema.parse(row[ID])))?.ver ?? null));
}

test('a shard is replaced: newer rows come in, who is not in it any more goes, other shards stay, and the place goes with it', async () => {
	const { replica, reopen } = await openLoaded();
	const [gone, ...staying] = INSIDE;
	const newer = staying.map((row) => changed(row, { ver: row[VER] + 5, points: 7 }));
	await load(replica, partOf(newer));
	expect(replica.state()).toMatchObject({ phase: 'ready', rows: ROWS.length - 1, cursor: BACK });
	expect(await versionsOf(replica, newer)).toEqual(newer.map((row) => row[VER]));
	expect(await versionsOf(replica, OUTSIDE)).toEqual(OUTSIDE.map((row) => row[VER]));
	expect(await replica.findById(MemberIdSchema.parse(must(gone, 'a member')[ID]))).toBeNull();
	await replica.close();
	expect((await reopen()).state()).toMatchObject({ rows: ROWS.length - 1, cursor: BACK });
});

test('of who is gone nothing is left: no name to be found by, no barcode, no byte in any file', async () => {
	const { folder, replica } = await openLoaded();
	const index = INSIDE.findIndex((row) => row[15].length > 0);
	const gone = must(INSIDE[index === -1 ? 0 : index], 'a member');
	const asked: string[] = [];
	const told: GoneMember[] = [];
	const snapshot = partOf(INSIDE.filter((row) => row !== gone));
	const started = succeed(await replica.beginLoad(snapshot.manifest));
	for (const [file, lines] of snapshot.files) succeed(await started.addFile(file, lines));
	succeed(
		await started.finish(async (members) => {
			// Still there: a crash after this asks again.
			expect(await replica.findById(MemberIdSchema.parse(gone[ID]))).not.toBeNull();
			asked.push(...members.map(({ id }) => id));
			told.push(...members);
		}),
	);
	expect(asked).toEqual([gone[ID]]);
	// All by which traces of the person may be found elsewhere.
	expect(told).toMatchObject([{ mobile: gone[7], email: gone[8], barcodes: [gone[CARD], ...gone[15].map(([value]) => value)] }]);
	expect(await replica.searchByName(must(gone[6], 'a name'), 100)).toEqual([]);
	for (const barcode of [gone[CARD], ...gone[15].map(([value]) => value)])
		expect(await replica.findByBarcode(LoyaltyBarcodeSchema.parse(barcode))).toBeNull();
	await replica.close();
	for (const name of readdirSync(folder)) expect(readFileSync(path.join(folder, name)).includes(must(gone[8], 'an e-mail'))).toBe(false);
	expect(readdirSync(folder).filter((name) => name.startsWith('replica'))).toEqual(['replica.db']);
});

test('who came after the snapshot stays, and so does a row that is newer than the snapshot’s', async () => {
	const { replica } = await openLoaded();
	const [first, ...others] = INSIDE;
	const known = must(first, 'a member');
	const newer = changed(known, { ver: known[VER] + 9, seq: 31 });
	const late = changed(known, { id: 'late-in-the-shard', card: '2999999999999', seq: 30 });
	const placed = [...late.slice(0, SHARD), PART, 30];
	await applyRows(replica, [newer]);
	await replica.applyPage({
		lines: [new TextEncoder().encode(JSON.stringify([placed]))],
		next: CursorSchema.parse('later'),
		hqEpoch: 1,
		asOfMs: 1,
	});
	await load(replica, partOf([known, ...others]));
	expect(await versionsOf(replica, [newer, late])).toEqual([newer[VER], late[VER]]);
	expect(replica.state().rows).toBe(ROWS.length + 1);
});

test('a row of the same version that says something else is put right', async () => {
	const { replica } = await openLoaded();
	const right = INSIDE.map((row) => changed(row, { points: row[9] + 1, last_name: 'Corrected' }));
	await load(replica, partOf(right));
	const [row] = right;
	expect(await replica.findById(MemberIdSchema.parse(must(row, 'a member')[ID]))).toMatchObject({
		points: row?.[9],
		lastName: 'Corrected',
	});
	expect(await replica.searchByName('corrected', 100)).toHaveLength(Math.min(100, right.length));
});

test('look-ups answer from the old rows until all of the new ones are there', async () => {
	const { replica } = await openLoaded();
	const newer = INSIDE.map((row) => changed(row, { ver: row[VER] + 5, points: 424_242 }));
	const over = new AbortController();
	const seen = new Set<string>();
	const looking = (async () => {
		while (!over.signal.aborted) {
			const found = await Promise.all(
				[newer.at(0), newer.at(-1)].map((row) => replica.findById(MemberIdSchema.parse(must(row, 'a row')[ID]))),
			);
			seen.add(found.map((member) => member?.points === 424_242).join());
		}
	})();
	await load(replica, partOf(newer));
	over.abort();
	await looking;
	// Two look-ups are two moments: the first may still be before, never the other way round for the last.
	expect(seen.has('true,false')).toBe(false);
	expect(await versionsOf(replica, newer)).toEqual(newer.map((row) => row[VER]));
});

test('a load of a shard that was broken off goes on, also after a start; one from another place begins anew', async () => {
	const { replica, reopen } = await openLoaded();
	const snapshot = partOf(INSIDE);
	const [firstFile] = snapshot.files;
	const [file, lines] = must(firstFile, 'a file');
	const begun = succeed(await replica.beginLoad(snapshot.manifest));
	succeed(await begun.addFile(file, lines));
	await begun.suspend();
	await replica.close();
	const later = await reopen();
	expect(later.state().phase).toBe('ready');
	expect(succeed(await later.beginLoad(snapshot.manifest)).isLoaded(file)).toBe(true);
	const elsewhere = { ...snapshot.manifest, cursor: CursorSchema.parse('elsewhere') };
	expect(succeed(await later.beginLoad(elsewhere)).isLoaded(file)).toBe(false);
});

test('a replica without rows has no shards to replace', async () => {
	const { replica } = await openFreshReplica();
	expect(await replica.beginLoad(partOf(INSIDE).manifest)).toMatchObject({ ok: false, error: { code: 'LINE-108' } });
});

test('a whole load too asks to forget who is not in it', async () => {
	const { replica } = await openLoaded();
	const [gone, ...staying] = ROWS;
	const snapshot = snapshotOf(staying, { name: 's9' });
	const started = succeed(await replica.beginLoad(snapshot.manifest));
	for (const [file, lines] of snapshot.files) succeed(await started.addFile(file, lines));
	const asked: string[] = [];
	succeed(
		await started.finish(async (members) => {
			asked.push(...members.map(({ id }) => id));
		}),
	);
	expect(asked).toEqual([gone?.[ID]]);
});
