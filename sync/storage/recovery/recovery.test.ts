import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import type { Entry } from '../../outbox/entry.ts';
import { answer, applied, asMember } from '../../outbox/fake-recordings.ts';
import { openConnection } from '../connection.ts';
import { createFolder } from '../fake-folder.ts';
import { createJournalledFixture, recordAll } from '../journal/fake-journalled-outbox.ts';
import type { JournalledFixture } from '../journal/fake-journalled-outbox.ts';
import { readJournal } from './gather.ts';
import { readLatestReport } from './recovery-report.ts';

const ALL = { events: 500, bytes: 1_000_000, nowMs: 0 };

/** A terminal after a morning: applied, taken back, rejected and waiting entries, closed. */
async function morning(fixture: JournalledFixture, sales = 25): Promise<readonly Entry[]> {
	const opened = await fixture.open();
	const { outbox } = opened;
	const { recordings } = fixture;
	await recordAll(opened, [recordings.enrolment({ memberId: 'new-1', firstName: 'Zsófia', cardNumber: 17 })]);
	const [first, second, third] = await recordAll(
		opened,
		Array.from({ length: sales }, () => recordings.sale()),
	);
	await outbox.voidEntry(must(third, 'a sale').eventId);
	await outbox.takeBatch({ ...ALL, events: 3 });
	await outbox.settle(
		[
			applied(must(first, 'a sale').eventId, 'm1', 5),
			answer(must(second, 'a sale').eventId, 'rejected', { error: { type: 'x', code: 1, message: 'y' } }),
		],
		1000,
	);
	await outbox.saveState({ hqEpoch: 3, outcomesAfter: 9 });
	const entries = (await outbox.list({ limit: 500 })).toReversed();
	await outbox.close();
	return entries;
}

function fileOf({ folder }: JournalledFixture): string {
	return path.join(folder, 'outbox.db');
}

function logsOf({ journalFolder }: JournalledFixture): readonly string[] {
	return readdirSync(journalFolder)
		.filter((name) => name.endsWith('.log'))
		.map((name) => path.join(journalFolder, name));
}

function damageHeader(fixture: JournalledFixture): Buffer {
	const bytes = readFileSync(fileOf(fixture));
	bytes.write('garbage garbage garbage!', 0, 'latin1');
	writeFileSync(fileOf(fixture), bytes);
	return bytes;
}

/** Noise over every page that holds rows of the middle. */
function damagePages(fixture: JournalledFixture): Buffer {
	const bytes = readFileSync(fileOf(fixture));
	const from = Math.floor(bytes.length / 4096 / 3) * 4096;
	bytes.fill(0xa5, from, from + 4 * 4096);
	writeFileSync(fileOf(fixture), bytes);
	return bytes;
}

async function expectRefused(fixture: JournalledFixture, why: RegExp): Promise<void> {
	const before = readFileSync(fileOf(fixture));
	expect(await fixture.start()).toMatchObject({ ok: false, error: { code: 'DISK-103', detail: expect.stringMatching(why) } });
	expect(readFileSync(fileOf(fixture))).toEqual(before);
	expect(readdirSync(fixture.folder).filter((name) => name.includes('damaged') || name.includes('recover'))).toEqual([]);
}

test.each([
	['nothing of it can be read', damageHeader],
	['some pages of it can be read', damagePages],
	[
		'it has no length',
		(fixture: JournalledFixture): Buffer => {
			truncateSync(fileOf(fixture), 0);
			return Buffer.alloc(0);
		},
	],
])('I3: a damaged outbox.db is made anew with every entry when the journal proves it: %s', async (_what, damage) => {
	const fixture = createJournalledFixture();
	const before = await morning(fixture);
	const damaged = damage(fixture);
	const { outbox, recovery, journal } = await fixture.open();
	expect(recovery).toMatchObject({ kind: 'damaged', entries: before.length, incomplete: null });
	const after = (await outbox.list({ limit: 500 })).toReversed();
	expect(after.map(({ eventId }) => eventId)).toEqual(before.map(({ eventId }) => eventId));
	for (const [index, entry] of after.entries()) {
		const { event, receipt, occurredAtMs, cashier, pointsEstimated } = must(before[index], 'the entry of before');
		expect(entry).toMatchObject({ event: { ...event, seq: entry.event.seq }, receipt, occurredAtMs, cashier, pointsEstimated });
	}
	// What was taken back stays so; what was settled is settled, or asked for again.
	expect(after[3]?.status).toBe('voided');
	expect(await outbox.lastCardNumber()).toBe(17);
	// Nothing is missing, so every number still means what it meant, and the next one is new to headquarters.
	expect(after.map(({ incarnation, seq }) => [incarnation, seq])).toEqual(before.map(({ incarnation, seq }) => [incarnation, seq]));
	expect(outbox.state()).toMatchObject({ incarnation: before[0]?.incarnation, maxSeq: before.length });
	// The damaged file is kept as it was.
	const aside = readdirSync(fixture.folder).filter((name) => /^outbox\.damaged-\d+\.db$/.test(name));
	expect(aside).toHaveLength(1);
	expect(readFileSync(path.join(fixture.folder, aside[0] ?? ''))).toEqual(damaged);
	expect(await readLatestReport(fixture.folder, 0)).toEqual(recovery);
	// Selling goes on, and a further start finds nothing to do.
	await recordAll({ outbox, journal, recovery }, [fixture.recordings.sale()]);
	await outbox.close();
	const later = await fixture.open();
	expect(later.recovery).toBeNull();
	expect((await later.outbox.counts()).voided).toBe(1);
	expect((await later.outbox.takeBatch(ALL)).length).toBeGreaterThan(0);
});

test('outcomes that can still be read are kept', async () => {
	const fixture = createJournalledFixture();
	await morning(fixture, 20);
	// The table is whole, an index contradicts it.
	const connection = await openConnection({ file: fileOf(fixture), mode: 'existing', pragmas: {} });
	const { rootpage } = must(await connection.get(`SELECT rootpage FROM sqlite_schema WHERE name = 'entry_occurred'`), 'an index');
	await connection.close();
	const bytes = readFileSync(fileOf(fixture));
	bytes.fill(0, (Number(rootpage) - 1) * 4096, Number(rootpage) * 4096);
	writeFileSync(fileOf(fixture), bytes);
	const { outbox, recovery } = await fixture.open();
	expect(recovery).toMatchObject({ kind: 'damaged', incomplete: null });
	expect(await outbox.counts()).toMatchObject({ applied: 1, rejected: 1, voided: 1 });
	expect(outbox.state()).toMatchObject({ hqEpoch: 3, outcomesAfter: 0 });
});

test('an outbox.db that is missing although its journal is there is made anew', async () => {
	const fixture = createJournalledFixture();
	const before = await morning(fixture);
	rmSync(fileOf(fixture));
	const { outbox, recovery } = await fixture.open();
	expect(recovery).toMatchObject({ kind: 'damaged', entries: before.length, incomplete: null });
	expect((await outbox.list({ limit: 500 })).map(({ eventId }) => eventId).toReversed()).toEqual(before.map(({ eventId }) => eventId));
});

test('DISK-103: without proof the damaged file stays where it is until a person accepts the loss', async () => {
	const fixture = createJournalledFixture();
	const before = await morning(fixture);
	const [log = ''] = logsOf(fixture);
	const lines = readFileSync(log, 'latin1').split('\n');
	// Two lines in the middle are gone.
	writeFileSync(log, [...lines.slice(0, 20), ...lines.slice(22)].join('\n'), 'latin1');
	damageHeader(fixture);
	await expectRefused(fixture, /lacks 2 lines/);
	const { outbox, recovery } = await fixture.open({ isLossAccepted: true });
	expect(recovery).toMatchObject({ entries: before.length - 2, incomplete: expect.stringMatching(/lacks 2 lines/) });
	expect((await outbox.list({ limit: 500 })).length).toBe(before.length - 2);
	// Headquarters has seen higher numbers of this incarnation than the outbox now has: the next hello fetches what it knows.
	expect(outbox.state().incarnation).toBe(before[0]?.incarnation);
	expect(outbox.state().maxSeq).toBeLessThan(before.length - 2);
});

test('lines that the journal lacks are no loss when the damaged file has them', async () => {
	const fixture = createJournalledFixture();
	const before = await morning(fixture);
	const [log = ''] = logsOf(fixture);
	const lines = readFileSync(log, 'latin1').split('\n');
	writeFileSync(log, [...lines.slice(0, 20), ...lines.slice(22)].join('\n'), 'latin1');
	const connection = await openConnection({ file: fileOf(fixture), mode: 'existing', pragmas: {} });
	await connection.execute('PRAGMA application_id=1');
	await connection.close();
	const { recovery } = await fixture.open();
	expect(recovery).toMatchObject({ entries: before.length, incomplete: null });
});

test.each([
	['its end', (lines: readonly string[]) => lines.slice(0, -3), /lacks 2 lines/],
	['its beginning', (lines: readonly string[]) => lines.slice(2), /lacks 2 lines/],
	['all of it', () => [], /lacks 27 lines/],
])('DISK-103: a journal that has lost %s proves nothing', async (_what, cut, why) => {
	const fixture = createJournalledFixture();
	await morning(fixture);
	const [log = ''] = logsOf(fixture);
	writeFileSync(log, `${cut(readFileSync(log, 'latin1').split('\n')).join('\n')}\n`, 'latin1');
	damageHeader(fixture);
	await expectRefused(fixture, why);
});

test('DISK-103: a journal that could not be written before the damage proves nothing, although it has no gap', async () => {
	const fixture = createJournalledFixture();
	await morning(fixture, 5);
	const away = `${fixture.journalFolder}-away`;
	renameSync(fixture.journalFolder, away);
	const without = await fixture.open();
	await recordAll(without, [fixture.recordings.sale()]);
	await without.outbox.close();
	renameSync(away, fixture.journalFolder);
	damageHeader(fixture);
	await expectRefused(fixture, /could not be written/);
});

test('DISK-103: no journal, a key that is lost, a mark that cannot be read', async () => {
	const fixture = createJournalledFixture();
	await morning(fixture);
	damageHeader(fixture);
	const mark = path.join(fixture.folder, 'journal.mark');
	const bytes = readFileSync(mark);
	rmSync(mark);
	await expectRefused(fixture, /no side journal/);
	writeFileSync(mark, 'torn');
	await expectRefused(fixture, /mark of the side journal/);
	writeFileSync(mark, bytes);
	fixture.keyBox.isLost = true;
	await expectRefused(fixture, /cannot be opened/);
});

test('a torn last line of the journal is passed over, and is no loss when the mark does not know it', async () => {
	const fixture = createJournalledFixture();
	const before = await morning(fixture);
	const [log = ''] = logsOf(fixture);
	const bytes = readFileSync(log);
	writeFileSync(log, Buffer.concat([bytes, bytes.subarray(0, 50)]));
	damageHeader(fixture);
	const { recovery, journal } = await fixture.open();
	expect(recovery).toMatchObject({ entries: before.length, incomplete: null });
	await journal.settled();
	expect(journal.health().cutBytes).toBe(50);
});

test('I12: an outbox.db restored from an older copy gets back what its journal has', async () => {
	const fixture = createJournalledFixture();
	await morning(fixture, 10);
	const copy = path.join(createFolder(), 'outbox.db');
	copyFileSync(fileOf(fixture), copy);
	const opened = await fixture.open();
	const later = await recordAll(opened, [fixture.recordings.sale(), fixture.recordings.sale()]);
	await opened.outbox.voidEntry(must(later[1], 'a sale').eventId);
	const before = opened.outbox.state();
	await opened.outbox.close();
	copyFileSync(copy, fileOf(fixture));
	const { outbox, recovery } = await fixture.open();
	expect(recovery).toMatchObject({ kind: 'restored', entries: 2, incomplete: null });
	expect(outbox.state()).toMatchObject({ incarnation: before.incarnation, maxSeq: before.maxSeq });
	expect(await outbox.get(must(later[0], 'a sale').eventId)).toMatchObject({ status: 'pending', seq: before.maxSeq - 1 });
	expect(await outbox.get(must(later[1], 'a sale').eventId)).toMatchObject({ status: 'voided' });
	expect(await outbox.counts()).toMatchObject({ applied: 1, rejected: 1, voided: 2, sending: 1, pending: 8 });
	await outbox.close();
	expect((await fixture.open()).recovery).toBeNull();
});

test('I12: numbers that were given again before the journal was back lead to a new incarnation', async () => {
	const fixture = createJournalledFixture();
	await morning(fixture, 10);
	const copy = path.join(createFolder(), 'outbox.db');
	copyFileSync(fileOf(fixture), copy);
	const opened = await fixture.open();
	const [lost] = await recordAll(opened, [fixture.recordings.sale()]);
	await opened.outbox.close();
	copyFileSync(copy, fileOf(fixture));
	// The journal's stick was in a drawer while the copy was put back and a sale was made.
	const away = `${fixture.journalFolder}-away`;
	renameSync(fixture.journalFolder, away);
	const without = await fixture.open();
	const [sold] = await recordAll(without, [fixture.recordings.sale()]);
	await without.outbox.close();
	renameSync(away, fixture.journalFolder);
	const { outbox, recovery, journal } = await fixture.open();
	expect(must(sold, 'a sale').seq).toBe(must(lost, 'a sale').seq);
	expect(recovery).toMatchObject({ kind: 'restored', entries: 1 });
	const { incarnation } = outbox.state();
	expect(incarnation).not.toBe(must(sold, 'a sale').incarnation);
	for (const entry of [sold, lost])
		expect(await outbox.get(must(entry, 'a sale').eventId)).toMatchObject({ status: 'pending', incarnation });
	// In the order of recording, and the journal has both.
	const [last, before] = await outbox.list({ limit: 2 });
	expect([before?.eventId, last?.eventId]).toEqual([lost?.eventId, sold?.eventId]);
	await journal.settled();
	const { entries } = await readJournal(fixture.journalFolder, null);
	expect(entries.slice(-2).map(({ event_id }) => event_id)).toEqual([lost?.eventId, sold?.eventId]);
});

test('a recovery that was broken off at any point is finished by the next start', async () => {
	for (const renames of [0, 1]) {
		const fixture = createJournalledFixture();
		const before = await morning(fixture);
		damageHeader(fixture);
		const { outbox } = await fixture.open();
		await outbox.close();
		const [aside = ''] = readdirSync(fixture.folder).filter((name) => name.includes('damaged'));
		// As a crash leaves it: the new one complete under its first name, the old one still there or already aside.
		copyFileSync(fileOf(fixture), path.join(fixture.folder, 'outbox.recovered.db'));
		rmSync(fileOf(fixture));
		if (renames === 0) copyFileSync(path.join(fixture.folder, aside), fileOf(fixture));
		writeFileSync(path.join(fixture.folder, 'outbox.db-wal'), 'a log of the damaged one');
		const again = await fixture.open();
		expect((await again.outbox.list({ limit: 500 })).length).toBe(before.length);
		expect(readdirSync(fixture.folder)).not.toContain('outbox.recovered.db');
	}
});

test('I10: what an opt-out took away does not come back with a recovery', async () => {
	const fixture = createJournalledFixture();
	const opened = await fixture.open();
	await recordAll(opened, [
		fixture.recordings.enrolment({ memberId: 'gone', firstName: 'Xenophonia' }),
		fixture.recordings.sale({ memberId: 'gone' }),
	]);
	await opened.outbox.scrubMembers([asMember('gone')]);
	await opened.outbox.close();
	damageHeader(fixture);
	const { outbox } = await fixture.open();
	expect(JSON.stringify(await outbox.list({ limit: 10 }))).not.toContain('Xenophonia');
	expect(await outbox.findEnrolment({ memberId: asMember('gone') })).toBeNull();
	expect(await outbox.counts()).toMatchObject({ pending: 2 });
});
