/**
 * The outbox with its side journal: what a terminal opens. Decides at the start what a data folder needs: nothing, a recovery that was broken
 * off, an outbox that is damaged or an older copy. A damaged `outbox.db` is never written to: it is put aside when the journal and what can be
 * read of it prove that nothing is missing, or when a person has said so; otherwise it stays, with DISK-103.
 */
import path from 'node:path';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { readMark } from './journal/journal-mark.ts';
import { followOutbox } from './journal/side-journal.ts';
import type { SideJournal } from './journal/side-journal.ts';
import { createUnscrubbedList } from './journal/unscrubbed.ts';
import type { JournalPlace } from './journal/journal-writer.ts';
import { findNaming, leftBy } from './outbox/scrub.ts';
import type { Leaver } from './outbox/scrub.ts';
import { openOutbox } from './outbox-database.ts';
import type { OutboxOptions } from './outbox-database.ts';
import { prepareOutbox, recoverDamaged } from './recovery/recover.ts';
import type { Recovering } from './recovery/recover.ts';
import { removePersonalCopies } from './old-copies.ts';
import { readLatestReport } from './recovery/recovery-report.ts';
import type { RecoveryReport } from './recovery/recovery-report.ts';

export type JournalledOutboxOptions = OutboxOptions & {
	readonly journal: Pick<JournalPlace, 'folder' | 'keyBox'>;
	/** A person takes it upon themselves that entries may be missing afterwards. */
	readonly isLossAccepted: boolean;
};

export type JournalledOutbox = {
	readonly outbox: Outbox;
	readonly journal: Pick<SideJournal, 'health' | 'onHealth' | 'retire' | 'settled'>;
	/** What was recovered at this start, or `null`. */
	readonly recovery: RecoveryReport | null;
};

/** Like `openOutbox`, with recovery before it and the journal beside it. */
export async function openJournalledOutbox(options: JournalledOutboxOptions): Promise<Result<JournalledOutbox, LoyaltyError>> {
	const { folder, clock, random } = options;
	const markFile = path.join(folder, 'journal.mark');
	const isBelowData = options.journal.folder.startsWith(folder + path.sep);
	const place: JournalPlace = { ...options.journal, isBelowData, clock, random };
	const recovering = { folder, markFile, place, isLossAccepted: options.isLossAccepted, random };
	const opened = await openRecovered(options, recovering);
	if (!opened.ok) return opened;
	const { outbox, recovery } = opened.value;
	const reader = await openConnection({ file: path.join(folder, 'outbox.db'), mode: 'existing', pragmas: { query_only: 1 } });
	const mark = await readMark(markFile);
	const journal = followOutbox({
		place,
		markFile,
		mark: mark === 'damaged' ? null : mark,
		reader,
		unscrubbed: createUnscrubbedList(folder),
		makeRoom: options.makeRoom ?? (() => Promise.resolve(false)),
	});
	const stopListening = outbox.onChange(journal.wake);
	const close = async (): Promise<void> => {
		stopListening();
		await journal.close();
		await outbox.close();
	};
	const both = { folder, journal, reader };
	return ok({
		outbox: {
			...outbox,
			settle: (results, nowMs) => scrubBoth(both, leftBy(results), () => outbox.settle(results, nowMs)),
			scrubMembers: (memberIds, traces = []) =>
				scrubBoth(both, { memberIds, eventIds: [], traces }, () => outbox.scrubMembers(memberIds, traces)),
			close,
		},
		journal,
		recovery,
	});
}

type Opened = { readonly outbox: Outbox; readonly recovery: RecoveryReport | null };

async function openRecovered(options: OutboxOptions, recovering: Recovering): Promise<Result<Opened, LoyaltyError>> {
	const prepared = await prepareOutbox(recovering);
	if (!prepared.ok) return prepared;
	const opened = await openOutbox(options);
	if (opened.ok) return ok({ outbox: opened.value, recovery: prepared.value });
	if (opened.error.code !== 'DISK-103') return opened;
	const recovered = await recoverDamaged(recovering, opened.error);
	if (!recovered.ok) return recovered;
	const again = await openOutbox(options);
	return again.ok ? ok({ outbox: again.value, recovery: recovered.value }) : again;
}

type Both = { readonly folder: string; readonly journal: SideJournal; readonly reader: Connection };

/** The journal first, then `scrub`, which takes them out of the outbox: after a crash in between that still knows whom it is about. */
async function scrubBoth<T>({ folder, journal, reader }: Both, leaver: Leaver, scrub: () => Promise<T>): Promise<T> {
	if (leaver.memberIds.length + leaver.eventIds.length === 0) return scrub();
	const before = await findNaming(reader, leaver);
	const named = before.filter(({ hasData }) => hasData).map(({ eventId }) => eventId);
	await journal.scrub(named);
	const scrubbed = await scrub();
	if (named.length === 0) return scrubbed;
	// What was recorded meanwhile may have reached the journal with its names.
	const known = new Set(named);
	const after = await findNaming(reader, leaver);
	await journal.scrub(after.map(({ eventId }) => eventId).filter((eventId) => !known.has(eventId)));
	const report = await readLatestReport(folder, 0);
	await removePersonalCopies(folder, report === null || report.incomplete === null);
	return scrubbed;
}
