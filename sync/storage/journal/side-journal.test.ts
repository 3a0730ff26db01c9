import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { Entry } from '../../outbox/entry.ts';
import { applied, asMember } from '../../outbox/fake-recordings.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import { expectOk } from '../outbox/fake-opened-outbox.ts';
import { NO_JOURNAL, readJournal } from '../recovery/gather.ts';
import type { ReadJournal } from '../recovery/gather.ts';
import { createJournalledFixture, recordAll } from './fake-journalled-outbox.ts';
import type { JournalledFixture } from './fake-journalled-outbox.ts';
import { readIdentity } from './journal-identity.ts';
import { readMark } from './journal-mark.ts';

const DAY_MS = 86_400_000;

async function journalOf({ journalFolder, keyBox, time }: JournalledFixture): Promise<ReadJournal> {
	const identity = await readIdentity({ folder: journalFolder, keyBox, random: time.random });
	return identity === null ? NO_JOURNAL : readJournal(journalFolder, identity.seal);
}

function logFiles({ journalFolder }: JournalledFixture): readonly string[] {
	return readdirSync(journalFolder)
		.filter((name) => name.endsWith('.log'))
		.toSorted()
		.map((name) => path.join(journalFolder, name));
}

function bytesIn(...folders: readonly string[]): string {
	return folders
		.flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)))
		.filter((file) => statSync(file).isFile())
		.map((file) => readFileSync(file, 'latin1'))
		.join('\n');
}

test('what is recorded and taken back is in the journal, in order, numbered without gaps', async () => {
	const fixture = createJournalledFixture();
	const opened = await fixture.open();
	const entries = await recordAll(opened, [
		fixture.recordings.sale(),
		fixture.recordings.enrolment({ cardNumber: 4 }),
		fixture.recordings.sale(),
	]);
	const voided = must(entries[2], 'a sale').eventId;
	await opened.outbox.voidEntry(voided);
	await opened.journal.settled();
	const journal = await journalOf(fixture);
	expect(journal.entries.map(({ event_id, seq }) => [event_id, seq])).toEqual(entries.map(({ eventId, seq }) => [eventId, seq]));
	expect([...journal.rows.keys()]).toEqual(entries.map(({ eventId }) => eventId));
	expect(JSON.parse(must(journal.rows.get(must(entries[0], 'a sale').eventId), 'its row').event)).toEqual(entries[0]?.event);
	expect([...journal.voided]).toEqual([voided]);
	expect(journal.numbers).toEqual([1, 2, 3, 4]);
	expect(opened.journal.health()).toMatchObject({ state: 'following', cutBytes: 0 });
	expect(await readMark(path.join(fixture.folder, 'journal.mark'))).toMatchObject({
		lastNo: 4,
		last: { eventId: voided, seq: 3 },
		isBehind: false,
	});
});

test('a line is sealed where the host has a box for secrets, and plain where it has none', async () => {
	for (const isPlain of [false, true]) {
		const fixture = createJournalledFixture({ isPlain });
		const opened = await fixture.open();
		await recordAll(opened, [fixture.recordings.enrolment({ firstName: 'Xenophonia' })]);
		await opened.outbox.close();
		expect(bytesIn(fixture.journalFolder).includes('Xenophonia')).toBe(isPlain);
	}
});

test('a burst of sales is appended with few flushes, after the sales were said to be done', async () => {
	const fixture = createJournalledFixture();
	const opened = await fixture.open();
	await Promise.all(Array.from({ length: 250 }, () => opened.outbox.record(fixture.recordings.sale())));
	await opened.journal.settled();
	expect((await journalOf(fixture)).numbers).toHaveLength(250);
});

test('what a crash kept from the journal is written at the next start, and nothing twice', async () => {
	const fixture = createJournalledFixture();
	const first = await fixture.open();
	await recordAll(first, [fixture.recordings.sale(), fixture.recordings.sale()]);
	await first.outbox.close();
	const [log = ''] = logFiles(fixture);
	const whole = readFileSync(log);
	// The power went in the middle of the second line.
	writeFileSync(log, whole.subarray(0, whole.length - 40));
	const second = await fixture.open();
	await second.journal.settled();
	expect(second.journal.health().cutBytes).toBeGreaterThan(0);
	await recordAll(second, [fixture.recordings.sale()]);
	await second.outbox.close();
	const journal = await journalOf(fixture);
	expect(journal.numbers).toEqual([1, 2, 3]);
	expect(journal.damaged).toBe(0);
	expect(journal.entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test('an outbox of before there was a journal is written into it whole', async () => {
	const fixture = createJournalledFixture();
	const first = await fixture.open();
	const entries = await recordAll(
		first,
		Array.from({ length: 230 }, () => fixture.recordings.sale()),
	);
	await first.outbox.voidEntry(must(entries[5], 'a sale').eventId);
	await first.outbox.close();
	rmSync(fixture.journalFolder, { recursive: true });
	rmSync(path.join(fixture.folder, 'journal.mark'));
	const second = await fixture.open();
	await second.journal.settled();
	const journal = await journalOf(fixture);
	expect(journal.entries).toHaveLength(230);
	expect(journal.voided.size).toBe(1);
	expect(journal.numbers).toHaveLength(231);
});

test('a journal that cannot be written stops no sale, is said, and catches up when its disk is back', async () => {
	const fixture = createJournalledFixture();
	const opened = await fixture.open();
	await recordAll(opened, [fixture.recordings.sale()]);
	await opened.outbox.close();
	const away = `${fixture.journalFolder}-away`;
	renameSync(fixture.journalFolder, away);
	const without = await fixture.open();
	let told = 0;
	without.journal.onHealth(() => {
		told += 1;
	});
	await recordAll(without, [fixture.recordings.sale(), fixture.recordings.sale()]);
	await without.journal.settled();
	expect(without.journal.health()).toMatchObject({ state: 'behind' });
	expect(told).toBe(1);
	expect(existsSync(fixture.journalFolder)).toBe(false);
	expect(await readMark(path.join(fixture.folder, 'journal.mark'))).toMatchObject({ isBehind: true });
	renameSync(away, fixture.journalFolder);
	await without.journal.settled();
	expect(without.journal.health()).toMatchObject({ state: 'behind' });
	await fixture.time.advance(30_000);
	await without.journal.settled();
	expect(without.journal.health()).toMatchObject({ state: 'following' });
	expect((await journalOf(fixture)).numbers).toEqual([1, 2, 3]);
	expect(await readMark(path.join(fixture.folder, 'journal.mark'))).toMatchObject({ isBehind: false, lastNo: 3 });
});

test('the journal of another terminal is not written to', async () => {
	const [ours, theirs] = [createJournalledFixture(), createJournalledFixture({ seed: 8 })];
	for (const fixture of [ours, theirs]) {
		const opened = await fixture.open();
		await recordAll(opened, [fixture.recordings.sale()]);
		await opened.outbox.close();
	}
	rmSync(ours.journalFolder, { recursive: true });
	renameSync(theirs.journalFolder, ours.journalFolder);
	for (const hasMark of [true, false]) {
		if (!hasMark) rmSync(path.join(ours.folder, 'journal.mark'));
		const before = bytesIn(ours.journalFolder);
		const opened = await ours.open();
		await recordAll(opened, [ours.recordings.sale()]);
		await opened.journal.settled();
		expect(opened.journal.health()).toMatchObject({ state: 'behind' });
		await opened.outbox.close();
		expect(bytesIn(ours.journalFolder)).toBe(before);
	}
});

test.each([true, false])('I10: an opt-out reaches every line of the journal (plain: %s)', async (isPlain) => {
	const fixture = createJournalledFixture({ isPlain });
	const opened = await fixture.open();
	const person = {
		memberId: 'gone',
		firstName: 'Xenophonia',
		lastName: 'Quetzalcoatl',
		mobile: '+36309998877',
		email: 'xeno@quetzal.example',
	};
	const [enrolment] = await recordAll(opened, [fixture.recordings.enrolment(person), fixture.recordings.sale({ memberId: 'gone' })]);
	await opened.journal.settled();
	await fixture.time.advance(DAY_MS);
	await recordAll(opened, [fixture.recordings.profile('gone', 'Xenophonia'), fixture.recordings.enrolment({ firstName: 'Zebedee' })]);
	await opened.journal.settled();
	expect(logFiles(fixture)).toHaveLength(2);
	await opened.outbox.scrubMembers([asMember('gone')]);
	const journal = await journalOf(fixture);
	const rows = [...journal.rows.values()].map((row) => JSON.stringify(row)).join('\n');
	for (const text of ['Xenophonia', 'Quetzalcoatl', '309998877', 'xeno@']) {
		expect(rows).not.toContain(text);
		expect(bytesIn(fixture.folder, fixture.journalFolder)).not.toContain(text);
	}
	expect(rows).toContain('Zebedee');
	expect(journal.numbers).toEqual([1, 2, 3, 4]);
	expect(JSON.parse(must(journal.rows.get(must(enrolment, 'it').eventId), 'its row').event)).toMatchObject({ action: 'opt_in', data: {} });
	// And it goes on.
	await recordAll(opened, [fixture.recordings.sale()]);
	await opened.journal.settled();
	expect((await journalOf(fixture)).numbers).toEqual([1, 2, 3, 4, 5]);
});

test('I10: an enrolment that is refused because its person has left leaves the journal with that answer, and what was refused before it too', async () => {
	const fixture = createJournalledFixture({ isPlain: true });
	const opened = await fixture.open();
	const person = { firstName: 'Xenophonia', mobile: '+36309998877' };
	const [first, second] = await recordAll(opened, [
		fixture.recordings.enrolment({ memberId: 'first', ...person }),
		fixture.recordings.enrolment({ memberId: 'second', ...person }),
		fixture.recordings.enrolment({ firstName: 'Zebedee' }),
	]);
	await opened.journal.settled();
	await opened.outbox.takeBatch({ events: 9, bytes: 100_000, nowMs: 0 });
	const refused = (entry: Entry | undefined, code: number): Parameters<Outbox['settle']>[0] => {
		return [{ event_id: must(entry, 'an entry').eventId, status: 'rejected', error: { type: 'refused', code, message: 'no' } }];
	};
	await opened.outbox.settle(refused(first, WIRE_CODES.propertyInvalid), 0);
	await opened.journal.settled();
	expect(bytesIn(fixture.folder, fixture.journalFolder)).toContain('Xenophonia');
	await opened.outbox.settle(refused(second, WIRE_CODES.optedOut), 0);
	for (const text of ['Xenophonia', '309998877']) expect(bytesIn(fixture.folder, fixture.journalFolder)).not.toContain(text);
	expect(bytesIn(fixture.journalFolder)).toContain('Zebedee');
	expect(await opened.outbox.counts()).toMatchObject({ rejected: 2, sending: 1 });
});

test('I10: an opt-out while the journal’s disk is away is carried out when it is back, also after a restart', async () => {
	const fixture = createJournalledFixture({ isPlain: true });
	const opened = await fixture.open();
	await recordAll(opened, [fixture.recordings.enrolment({ memberId: 'gone', firstName: 'Xenophonia' })]);
	await opened.outbox.close();
	const away = `${fixture.journalFolder}-away`;
	renameSync(fixture.journalFolder, away);
	const without = await fixture.open();
	await without.outbox.scrubMembers([asMember('gone')]);
	await without.outbox.close();
	expect(bytesIn(away)).toContain('Xenophonia');
	renameSync(away, fixture.journalFolder);
	const again = await fixture.open();
	await again.journal.settled();
	expect(bytesIn(fixture.journalFolder)).not.toContain('Xenophonia');
});

test('files go when all their entries have outcomes and the time has passed, the newest never', async () => {
	const fixture = createJournalledFixture();
	const opened = await fixture.open();
	const { outbox, journal } = opened;
	const sell = async (isApplied: boolean): Promise<void> => {
		const [entry] = await recordAll(opened, [fixture.recordings.sale()]);
		const { eventId } = must(entry, 'a sale');
		if (isApplied) await outbox.settle([applied(eventId, 'm1', 1)], fixture.time.clock.nowMs());
		await journal.settled();
		await fixture.time.advance(DAY_MS);
	};
	await sell(true);
	await sell(true);
	await sell(false);
	await sell(true);
	expect(logFiles(fixture)).toHaveLength(4);
	const nowMs = fixture.time.clock.nowMs();
	expect(await journal.retire(nowMs - 4 * DAY_MS)).toBe(0);
	expect(await journal.retire(nowMs - 3 * DAY_MS - 1)).toBe(1);
	// The second goes, the third has an entry that waits, and the fourth comes after it.
	expect(await journal.retire(nowMs)).toBe(1);
	expect(logFiles(fixture)).toHaveLength(2);
	expect(await readMark(path.join(fixture.folder, 'journal.mark'))).toMatchObject({ floorNo: 2, lastNo: 4 });
	expect(expectOk(await outbox.record(fixture.recordings.sale())).seq).toBe(5);
});

test('a clock that is set back goes on in the file of before', async () => {
	const fixture = createJournalledFixture();
	const opened = await fixture.open();
	await recordAll(opened, [fixture.recordings.sale()]);
	await opened.journal.settled();
	fixture.time.jumpWallClock(-5 * DAY_MS);
	await recordAll(opened, [fixture.recordings.sale()]);
	await opened.journal.settled();
	expect(logFiles(fixture)).toHaveLength(1);
});

test('a journal below the data folder that somebody deleted is written again', async () => {
	const fixture = createJournalledFixture({ isBelow: true });
	const opened = await fixture.open();
	await recordAll(opened, [fixture.recordings.sale()]);
	await opened.outbox.close();
	rmSync(fixture.journalFolder, { recursive: true });
	const again = await fixture.open();
	await recordAll(again, [fixture.recordings.sale()]);
	await again.journal.settled();
	expect(again.journal.health()).toMatchObject({ state: 'following' });
	expect((await journalOf(fixture)).numbers).toEqual([1, 2]);
});
