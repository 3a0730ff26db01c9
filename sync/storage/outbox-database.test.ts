import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { Result } from '#shared/lib/result.ts';
import { DiskFailure } from '../outbox/disk-failure.ts';
import type { Entry } from '../outbox/entry.ts';
import { answer } from '../outbox/fake-recordings.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { openConnection } from './connection.ts';
import { createFolder } from './fake-folder.ts';
import { openOutbox } from './outbox-database.ts';
import { expectOk, openFresh } from './outbox/fake-opened-outbox.ts';
import type { OpenedOutbox } from './outbox/fake-opened-outbox.ts';

const time = createFakeTime({ settle: setImmediate });
const ALL = { events: 500, bytes: 1_000_000, nowMs: 0 };

function open(folder: string): Promise<Result<Outbox, LoyaltyError>> {
	return openOutbox({ folder, clock: time.clock, random: time.random });
}

/** A closed outbox with some entries. */
async function closedOutbox(entries = 30): Promise<{ readonly folder: string; readonly file: string }> {
	const { folder, outbox, record, recordings } = await openFresh();
	for (let entry = 0; entry < entries; entry += 1) await record(recordings.sale());
	await outbox.close();
	return { folder, file: path.join(folder, 'outbox.db') };
}

/** Every file of a folder with its bytes. */
function contentOf(folder: string): ReadonlyMap<string, string> {
	return new Map(
		readdirSync(folder)
			// The shared-memory index of the log is made anew by whoever looks.
			.filter((name) => !name.endsWith('-shm'))
			.map((name) => [name, readFileSync(path.join(folder, name), 'base64')]),
	);
}

async function expectRefused(folder: string, code: string): Promise<void> {
	const before = contentOf(folder);
	for (let attempt = 0; attempt < 2; attempt += 1) {
		expect(await open(folder)).toMatchObject({ ok: false, error: { code, origin: 'terminal' } });
	}
	const after = contentOf(folder);
	for (const [name, bytes] of before) expect(after.get(name)).toBe(bytes);
	// An empty log may appear by looking; nothing else, and nothing is renamed.
	for (const name of after.keys()) expect(before.has(name) || name === 'outbox.db-wal').toBe(true);
}

test('a new outbox is durable by its settings and keeps its incarnation', async () => {
	const { folder, outbox, reopen } = await openFresh();
	expect(outbox.state()).toMatchObject({
		maxSeq: 0,
		hqEpoch: 0,
		outcomesAfter: 0,
		skewMs: 0,
		incarnation: expect.stringMatching(/^[0-9a-f]{16}$/),
	});
	expect(readdirSync(folder).filter((name) => name.includes('new'))).toEqual([]);
	await outbox.saveState({ hqEpoch: 3, outcomesAfter: 12, skewMs: 5 });
	await outbox.close();
	expect((await reopen()).state()).toEqual({ ...outbox.state(), hqEpoch: 3, outcomesAfter: 12, skewMs: 5 });
});

test('a start that broke off while the outbox was made begins again', async () => {
	const folder = createFolder();
	writeFileSync(path.join(folder, 'outbox.new.db'), 'half made');
	writeFileSync(path.join(folder, 'outbox.new.db-wal'), 'half made');
	const outbox = expectOk(await open(folder));
	expect(await outbox.counts()).toMatchObject({ pending: 0 });
	await outbox.close();
});

test.each([
	['a header of garbage', (file: string): void => overwrite(file, 0, 'garbage garbage garbage!')],
	['no length', (file: string): void => truncateSync(file, 0)],
	['half of its pages', (file: string): void => truncateSync(file, Math.floor(readFileSync(file).length / 8192) * 4096)],
	['a page of noise', (file: string): void => overwrite(file, 4096 * 2, String.fromCharCode(0xff).repeat(4096))],
	['the content of another program', (file: string): void => writeFileSync(file, Buffer.alloc(8192, 0x20))],
])('DISK-103: an outbox.db with %s is refused and left as it is', async (_what, damage) => {
	const { folder, file } = await closedOutbox();
	damage(file);
	await expectRefused(folder, 'DISK-103');
});

test('DISK-103: an outbox.db whose index contradicts its rows is refused, although every page can be read', async () => {
	const { folder, outbox, record, recordings } = await openFresh();
	const sale = recordings.sale();
	await record(sale);
	await outbox.close();
	const file = path.join(folder, 'outbox.db');
	const bytes = readFileSync(file);
	const at = bytes.lastIndexOf(sale.requestId);
	expect(bytes.indexOf(sale.requestId)).not.toBe(at);
	bytes.write('0'.repeat(8), at, 'latin1');
	writeFileSync(file, bytes);
	await expectRefused(folder, 'DISK-103');
});

test('DISK-103: a damaged outbox.db keeps its log too', async () => {
	const { folder, outbox, record, recordings } = await openFresh();
	for (let entry = 0; entry < 5; entry += 1) await record(recordings.sale());
	const copy = createFolder();
	for (const name of ['outbox.db', 'outbox.db-wal']) copyFileSync(path.join(folder, name), path.join(copy, name));
	await outbox.close();
	overwrite(path.join(copy, 'outbox.db'), 0, 'garbage garbage garbage!');
	await expectRefused(copy, 'DISK-103');
});

test('DISK-103: a log without its outbox.db is not taken for a new terminal', async () => {
	const { folder, outbox, record, recordings } = await openFresh();
	await record(recordings.sale());
	const copy = createFolder();
	copyFileSync(path.join(folder, 'outbox.db-wal'), path.join(copy, 'outbox.db-wal'));
	await outbox.close();
	await expectRefused(copy, 'DISK-103');
});

test('DISK-103: a database of another program is refused', async () => {
	const folder = createFolder();
	const other = await openConnection({ file: path.join(folder, 'outbox.db'), mode: 'create', pragmas: {} });
	await other.execute('CREATE TABLE t (i INTEGER)');
	await other.close();
	await expectRefused(folder, 'DISK-103');
});

test('DISK-104: an outbox.db of a newer version is refused and left as it is', async () => {
	const { folder, file } = await closedOutbox();
	const newer = await openConnection({ file, mode: 'existing', pragmas: {} });
	await newer.execute('PRAGMA user_version=99');
	await newer.close();
	await expectRefused(folder, 'DISK-104');
});

test('DISK-102: a folder in the place of outbox.db is said', async () => {
	const folder = createFolder();
	mkdirSync(path.join(folder, 'outbox.db'));
	expect(await open(folder)).toMatchObject({ ok: false, error: { code: 'DISK-102' } });
	expect(await open(path.join(folder, 'missing'))).toMatchObject({ ok: false, error: { code: 'DISK-102' } });
});

/** Records until the disk takes no more. */
async function fill({
	outbox,
	recordings,
}: Pick<OpenedOutbox, 'outbox' | 'recordings'>): Promise<{ readonly kept: readonly Entry[]; readonly code: string }> {
	const kept: Entry[] = [];
	for (;;) {
		const result = await outbox.record(recordings.sale());
		if (!result.ok) return { kept, code: result.error.code };
		kept.push(result.value);
	}
}

test('DISK-101: on a full disk nothing is recorded, nothing recorded is lost, and no number is skipped', async () => {
	const opened = await openFresh({ maxBytes: 200_000 });
	const { outbox, recordings, folder } = opened;
	const { kept, code } = await fill(opened);
	expect(code).toBe('DISK-101');
	expect(kept.length).toBeGreaterThan(20);
	expect(await outbox.record(recordings.sale())).toMatchObject({ ok: false, error: { code: 'DISK-101' } });
	expect(outbox.state().maxSeq).toBe(kept.length);
	expect((await outbox.counts()).pending).toBe(kept.length);
	for (const entry of kept) expect(await outbox.get(entry.eventId)).toEqual(entry);
	await outbox.close();
	// Somebody has made room.
	const roomy = await openFresh({ folder, seed: 5 });
	expect((await roomy.record(roomy.recordings.sale())).seq).toBe(kept.length + 1);
	expect(await roomy.outbox.takeBatch(ALL)).toHaveLength(kept.length + 1);
});

test('a call without a Result rejects with the cashier’s error when the disk is full, and changes nothing', async () => {
	const opened = await openFresh({ maxBytes: 200_000 });
	const { outbox } = opened;
	const { kept } = await fill(opened);
	// An outcome with a long error needs room that is not there.
	const error = { type: 'x'.repeat(64), code: 1, message: 'y'.repeat(500) };
	const settling = outbox.settle(
		kept.map(({ eventId }) => answer(eventId, 'rejected', { error })),
		0,
	);
	await expect(settling).rejects.toThrow(DiskFailure);
	await expect(settling).rejects.toMatchObject({ error: { code: 'DISK-101' } });
	expect(await outbox.counts()).toMatchObject({ pending: kept.length, rejected: 0 });
	expect(await outbox.proof(0)).toMatchObject({ waiting: kept.length, refused: 0 });
});

test('after a write that failed the outbox believes the file and not its memory', async () => {
	const opened = await openFresh({ maxBytes: 200_000 });
	const { kept } = await fill(opened);
	// Whether a failed write is in the file only the file knows: here somebody else has put something there.
	const other = await openFresh({ folder: opened.folder, seed: 9 });
	await other.record(other.recordings.sale());
	expect((await opened.outbox.counts()).pending).toBe(kept.length + 1);
	expect(opened.outbox.state().maxSeq).toBe(kept.length + 1);
});

test('two processes on one outbox never give one number twice', async () => {
	const { folder, record, recordings, outbox } = await openFresh();
	await record(recordings.sale());
	const second = expectOk(await open(folder));
	await record(recordings.sale());
	// Its mirror says that the next number is 2, which the file knows to be taken.
	await expect(second.record(recordings.sale())).rejects.toThrow('an event id is recorded once');
	expect((await outbox.list({ limit: 10 })).map(({ seq }) => seq)).toEqual([2, 1]);
	await second.close();
});

test('closing leaves one file with everything in it', async () => {
	const { folder, file } = await closedOutbox();
	expect(readdirSync(folder)).toEqual(['outbox.db']);
	expect(existsSync(`${file}-wal`)).toBe(false);
});

function overwrite(file: string, at: number, bytes: string): void {
	const content = readFileSync(file);
	content.write(bytes, at, 'latin1');
	writeFileSync(file, content);
}
