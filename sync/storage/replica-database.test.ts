import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CursorSchema, LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import { memberRow, memberRows, snapshotOf, toLines } from '../replica/fake-members.ts';
import { openConnection } from './connection.ts';
import { createFolder } from './fake-folder.ts';
import { openReplica } from './replica-database.ts';
import { applyRows, load, openFreshReplica, succeed } from './replica/fake-opened-replica.ts';

const ROWS = memberRows(3000);
const SNAPSHOT = snapshotOf(ROWS, { fileRows: 1000 });
const CARD = LoyaltyBarcodeSchema.parse('2900000000500');

/** A closed replica with `ROWS`. */
async function closedReplica(): Promise<{ readonly folder: string; readonly file: string }> {
	const { folder, replica } = await openFreshReplica();
	await load(replica, SNAPSHOT);
	await replica.close();
	return { folder, file: path.join(folder, 'replica.db') };
}

test('a new replica is empty and answers every look-up with nothing', async () => {
	const { replica } = await openFreshReplica();
	expect(replica.state()).toEqual({ phase: 'empty', hqEpoch: 0, rows: 0, asOfMs: 0, cursor: null, rebuiltBecause: null });
	expect(await replica.findByBarcode(CARD)).toBeNull();
	expect(await replica.searchByName('anna', 10)).toEqual([]);
	const page = { lines: [], next: CursorSchema.parse('n'), hqEpoch: 0, asOfMs: 0 };
	expect(await replica.applyPage(page)).toMatchObject({ ok: false, error: { code: 'LINE-108' } });
});

test('a loaded replica answers, and still does after a start', async () => {
	const { replica, reopen } = await openFreshReplica();
	let heard = 0;
	replica.onChange(() => {
		heard += 1;
	});
	await load(replica, SNAPSHOT);
	const ready = { phase: 'ready', hqEpoch: 1, rows: 3000, asOfMs: SNAPSHOT.manifest.created_at, cursor: 'cursor-s1', rebuiltBecause: null };
	expect(replica.state()).toEqual(ready);
	expect(heard).toBe(2);
	const member = await replica.findByBarcode(CARD);
	expect(member).toMatchObject({ id: ROWS[500]?.[0], card: CARD, points: ROWS[500]?.[9] });
	await replica.close();
	const later = await reopen();
	expect(later.state()).toEqual(ready);
	expect(await later.findByBarcode(CARD)).toEqual(member);
});

test('look-ups answer from the old file until the new one is in its place, without a moment in between', async () => {
	const { replica } = await openFreshReplica();
	await load(replica, SNAPSHOT);
	const changed = ROWS.map((row) => memberRow({ id: row[0], ver: row[1] + 1, card: row[3], points: 777_777, seq: 1 }));
	const done = new AbortController();
	const points: number[] = [];
	const looking = (async () => {
		while (!done.signal.aborted) points.push((await replica.findByBarcode(CARD))?.points ?? -1);
	})();
	await load(replica, snapshotOf(changed, { name: 's2', hqEpoch: 2 }));
	expect((await replica.findByBarcode(CARD))?.points).toBe(777_777);
	done.abort();
	await looking;
	const old = ROWS[500]?.[9] ?? 0;
	expect(new Set(points)).toEqual(new Set([old, 777_777]));
	expect(points).toEqual(points.toSorted((left, right) => left - right));
	expect(replica.state()).toMatchObject({ phase: 'ready', hqEpoch: 2, rows: 3000 });
});

test('a load that was broken off goes on with the same snapshot and begins anew with another', async () => {
	const { replica, reopen } = await openFreshReplica();
	const [first, second, third] = [...SNAPSHOT.files];
	if (first === undefined || second === undefined || third === undefined) throw new Error('three files');
	const begun = succeed(await replica.beginLoad(SNAPSHOT.manifest));
	expect(replica.state().phase).toBe('loading');
	expect(succeed(await begun.addFile(...first))).toEqual({ rows: 1000 });
	expect(succeed(await begun.addFile(...first))).toEqual({ rows: 1000 });
	await begun.suspend();
	expect(await begun.addFile(...second)).toMatchObject({ ok: false, error: { code: 'DISK-102' } });
	const resumed = succeed(await replica.beginLoad(SNAPSHOT.manifest));
	expect([...SNAPSHOT.files.keys()].map((file) => resumed.isLoaded(file))).toEqual([true, false, false]);
	await resumed.addFile(...second);
	await replica.close();

	const later = await reopen();
	expect(later.state()).toMatchObject({ phase: 'loading', rows: 0 });
	const again = succeed(await later.beginLoad(SNAPSHOT.manifest));
	expect([...SNAPSHOT.files.keys()].map((file) => again.isLoaded(file))).toEqual([true, true, false]);
	await again.addFile(...third);
	expect(succeed(await again.finish())).toEqual({ rows: 3000 });
	expect(await later.findByBarcode(CARD)).not.toBeNull();

	const other = succeed(await later.beginLoad(snapshotOf(ROWS, { name: 's2' }).manifest));
	expect(SNAPSHOT.manifest.files.some((file) => other.isLoaded(file.path))).toBe(false);
	expect(later.state()).toMatchObject({ phase: 'loading', rows: 3000 });
	expect(await later.findByBarcode(CARD)).not.toBeNull();
});

test('a load that was complete when the power went is put in its place by the next start', async () => {
	const { folder } = await closedReplica();
	const other = createFolder();
	writeFileSync(path.join(other, 'replica.loading.db'), readFileSync(path.join(folder, 'replica.db')));
	const { replica } = await openFreshReplica(other);
	expect(replica.state()).toMatchObject({ phase: 'ready', rows: 3000 });
	expect(readdirSync(other).filter((name) => name.includes('loading'))).toEqual([]);
});

test('DISK-106: a file with another number of rows leaves nothing of it, and is loaded again', async () => {
	const { replica } = await openFreshReplica();
	const [first, ...rest] = [...SNAPSHOT.files];
	if (first === undefined) throw new Error('a file');
	const begun = succeed(await replica.beginLoad(SNAPSHOT.manifest));
	expect(await begun.addFile(first[0], first[1].slice(1))).toMatchObject({ ok: false, error: { code: 'DISK-106' } });
	expect(begun.isLoaded(first[0])).toBe(false);
	for (const file of [first, ...rest]) succeed(await begun.addFile(...file));
	expect(succeed(await begun.finish())).toEqual({ rows: 3000 });
});

test.each([
	['no JSON', '[["a"'],
	['no rows', '[1,2]'],
	['a row of another form', '[["id",1,"active"]]'],
	['a number that is a text', JSON.stringify([ROWS[0]?.with(9, 'many')])],
	['a status of the future', JSON.stringify([ROWS[0]?.with(2, 'sleeping')])],
])('LINE-107: a line with %s is refused whole, and the load goes on', async (_what, line) => {
	const { replica } = await openFreshReplica();
	const [first, ...rest] = [...SNAPSHOT.files];
	if (first === undefined) throw new Error('a file');
	const begun = succeed(await replica.beginLoad(SNAPSHOT.manifest));
	const broken = [...first[1].slice(0, 1), new TextEncoder().encode(line)];
	expect(await begun.addFile(first[0], broken)).toMatchObject({ ok: false, error: { code: 'LINE-107', origin: 'hq' } });
	for (const file of [first, ...rest]) succeed(await begun.addFile(...file));
	succeed(await begun.finish());
	const page = {
		lines: [...toLines(ROWS.slice(0, 5)), new TextEncoder().encode(line)],
		next: CursorSchema.parse('n'),
		hqEpoch: 1,
		asOfMs: 5,
	};
	expect(await replica.applyPage(page)).toMatchObject({ ok: false, error: { code: 'LINE-107' } });
	expect(replica.state()).toMatchObject({ cursor: 'cursor-s1', rows: 3000, phase: 'ready' });
});

test('a member that is twice in a snapshot is there once, in the newer version', async () => {
	const { replica } = await openFreshReplica();
	const [first, second] = ROWS;
	if (first === undefined || second === undefined) throw new Error('two rows');
	const newer = first.with(1, first[1] + 5).with(9, 4242) as typeof first;
	await load(replica, snapshotOf([first, second, newer]));
	expect(replica.state().rows).toBe(2);
	expect(await replica.findById(first[0])).toMatchObject({ ver: first[1] + 5, points: 4242 });
	await applyRows(replica, [memberRow({ id: 'late' })]);
	expect(replica.state().rows).toBe(3);
});

test('a snapshot without members is a replica without members', async () => {
	const { replica } = await openFreshReplica();
	await load(replica, snapshotOf([]));
	expect(replica.state()).toMatchObject({ phase: 'ready', rows: 0 });
	expect(await applyRows(replica, [memberRow({ id: 'first', card: '1234' })])).toEqual({ rows: 1, optedOut: [] });
	expect(replica.state().rows).toBe(1);
});

test.each([
	['a header of garbage', 'damaged', (file: string): void => overwrite(file, 'garbage garbage garbage!')],
	['half of its pages', 'damaged', (file: string): void => truncateSync(file, Math.floor(readFileSync(file).length / 16_384) * 8192)],
	['no length', 'damaged', (file: string): void => truncateSync(file, 0)],
	['no page after the first', 'damaged', (file: string): void => truncateSync(file, 8192)],
])('a replica.db with %s is put aside and loaded again', async (_what, because, damage) => {
	const { folder, file } = await closedReplica();
	damage(file);
	const { replica, time } = await openFreshReplica(folder);
	expect(replica.state()).toMatchObject({ phase: 'empty', rows: 0, cursor: null, rebuiltBecause: because });
	expect(readdirSync(folder)).toEqual([`replica.damaged-${time.clock.nowMs()}.db`]);
	await load(replica, SNAPSHOT);
	expect(replica.state()).toMatchObject({ phase: 'ready', rows: 3000, rebuiltBecause: null });
});

test.each([
	['newer_version', 99],
	['older_version', 0],
])('a replica of a %s is thrown away', async (because, version) => {
	const { folder, file } = await closedReplica();
	const other = await openConnection({ file, mode: 'existing', pragmas: {} });
	await other.execute(`PRAGMA user_version=${version}`);
	await other.close();
	const { replica } = await openFreshReplica(folder);
	expect(replica.state()).toMatchObject({ phase: 'empty', rebuiltBecause: because });
	expect(readdirSync(folder)).toEqual([]);
});

test('damage that a look-up meets makes the replica empty, with a notice, and not a failure', async () => {
	const { folder, file } = await closedReplica();
	const bytes = readFileSync(file);
	// The last pages: header, schema and rows are fine, the search is not.
	bytes.fill(0x5a, bytes.length - 8192 * 8);
	writeFileSync(file, bytes);
	const { replica } = await openFreshReplica(folder);
	expect(replica.state().phase).toBe('ready');
	let heard = 0;
	replica.onChange(() => {
		heard += 1;
	});
	expect(await Promise.all([replica.searchByName('anna', 5), replica.searchByName('nagy', 5)])).toEqual([[], []]);
	expect(await replica.findByBarcode(CARD)).toBeNull();
	expect(replica.state()).toMatchObject({ phase: 'empty', rebuiltBecause: 'damaged' });
	expect(heard).toBe(1);
	expect(readdirSync(folder).filter((name) => name.startsWith('replica.'))).toEqual([expect.stringMatching(/^replica\.damaged-\d+\.db$/)]);
});

test('at most one damaged file is kept, and not for ever', async () => {
	const folder = createFolder();
	const { replica, time, reopen } = await openFreshReplica(folder);
	await replica.close();
	writeFileSync(path.join(folder, 'replica.damaged-5.db'), 'older');
	writeFileSync(path.join(folder, `replica.damaged-${time.clock.nowMs() - 1000}.db`), 'old');
	writeFileSync(path.join(folder, 'replica.db'), 'garbage garbage');
	const second = await reopen();
	const aside = `replica.damaged-${time.clock.nowMs()}.db`;
	expect(readdirSync(folder)).toEqual([aside]);
	await second.close();
	await time.advance(31 * 86_400_000);
	await reopen();
	expect(readdirSync(folder)).toEqual([]);
});

test('an erased replica leaves no file, also in the middle of a load', async () => {
	const { folder, replica } = await openFreshReplica();
	await load(replica, SNAPSHOT);
	writeFileSync(path.join(folder, 'replica.damaged-5.db'), 'old');
	const begun = succeed(await replica.beginLoad(snapshotOf(ROWS, { name: 's2' }).manifest));
	const [file] = [...snapshotOf(ROWS, { name: 's2' }).files];
	if (file === undefined) throw new Error('a file');
	const adding = begun.addFile(...file);
	await replica.erase();
	await adding;
	expect(readdirSync(folder)).toEqual([]);
	expect(replica.state()).toMatchObject({ phase: 'empty', rows: 0, cursor: null });
	expect(await begun.finish()).toMatchObject({ ok: false });
	expect(await replica.findByBarcode(CARD)).toBeNull();
	await load(replica, SNAPSHOT);
	expect(replica.state()).toMatchObject({ phase: 'ready', rows: 3000 });
});

test('a load whose file was damaged meanwhile starts over instead of failing for ever', async () => {
	const { folder, replica, reopen } = await openFreshReplica();
	const begun = succeed(await replica.beginLoad(SNAPSHOT.manifest));
	for (const file of SNAPSHOT.files) succeed(await begun.addFile(...file));
	await replica.close();
	const file = path.join(folder, 'replica.loading.db');
	const bytes = readFileSync(file);
	bytes.fill(0x5a, 8192 * 20, 8192 * 30);
	writeFileSync(file, bytes);
	const later = await reopen();
	const resumed = succeed(await later.beginLoad(SNAPSHOT.manifest));
	expect(await resumed.finish()).toMatchObject({ ok: false, error: { code: 'LINE-108' } });
	await load(later, SNAPSHOT);
	expect(later.state()).toMatchObject({ phase: 'ready', rows: 3000 });
});

test('closing in the middle of a load keeps what is in, at whatever moment', async () => {
	for (let turns = 0; turns < 12; turns += 1) {
		const { replica, reopen } = await openFreshReplica();
		const begun = succeed(await replica.beginLoad(SNAPSHOT.manifest));
		for (const file of SNAPSHOT.files) succeed(await begun.addFile(...file));
		const finishing = begun.finish();
		for (let turn = 0; turn < turns; turn += 1) await setImmediate();
		await replica.close();
		await finishing;
		const later = await reopen();
		await load(later, SNAPSHOT);
		expect(later.state()).toMatchObject({ phase: 'ready', rows: 3000 });
		await later.close();
	}
});

test('changes of another epoch do not belong to this replica', async () => {
	const { replica } = await openFreshReplica();
	await load(replica, SNAPSHOT);
	const page = { lines: toLines([memberRow({ id: 'x' })]), next: CursorSchema.parse('n'), hqEpoch: 2, asOfMs: 5 };
	expect(await replica.applyPage(page)).toMatchObject({ ok: false, error: { code: 'LINE-108' } });
	expect(replica.state()).toMatchObject({ hqEpoch: 1, rows: 3000, cursor: 'cursor-s1' });
});

test('DISK-102: a folder that is not there, and one in the place of the file, are said', async () => {
	const folder = createFolder();
	const { time } = await openFreshReplica();
	expect(await openReplica({ folder: path.join(folder, 'none'), clock: time.clock })).toMatchObject({
		ok: false,
		error: { code: 'DISK-102' },
	});
	mkdirSync(path.join(folder, 'replica.loading.db'));
	const opened = succeed(await openReplica({ folder, clock: time.clock }));
	expect(await opened.beginLoad(SNAPSHOT.manifest)).toMatchObject({ ok: false, error: { code: 'DISK-102' } });
	await opened.close();
});

function overwrite(file: string, bytes: string): void {
	const content = readFileSync(file);
	content.write(bytes, 0, 'latin1');
	writeFileSync(file, content);
}
