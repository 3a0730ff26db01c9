import path from 'node:path';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { AssertionError } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { WAITING_STATUSES } from '../../outbox/entry.ts';
import { sizeOfFile, systemCode } from '../data-folder.ts';
import { readIdentity } from '../journal/journal-identity.ts';
import { readMark } from '../journal/journal-mark.ts';
import type { JournalMark } from '../journal/journal-mark.ts';
import { journalFiles } from '../journal/journal-files.ts';
import { readTail } from '../journal/journal-writer.ts';
import type { JournalPlace } from '../journal/journal-writer.ts';
import { OUTBOX_MIGRATIONS } from '../migrations/outbox-migrations.ts';
import { judgeOutboxFile } from '../outbox/outbox-file.ts';
import { SqliteError, toDiskError } from '../sqlite-error.ts';
import { adoptJournal, hasEntry } from './adopt-journal.ts';
import { lastIncarnationOf, mergeRows, NO_JOURNAL, readJournal, whyIncomplete } from './gather.ts';
import type { ReadJournal } from './gather.ts';
import { putRecoveredInPlace, rebuildOutbox } from './rebuild.ts';
import { saveReport } from './recovery-report.ts';
import type { RecoveryReport } from './recovery-report.ts';
import { salvageOutbox } from './salvage.ts';

export type Recovering = {
	/** The data folder; nobody has its `outbox.db` open. */
	readonly folder: string;
	readonly markFile: string;
	readonly place: JournalPlace;
	readonly isLossAccepted: boolean;
	readonly random: Random;
};

/**
 * Before the outbox is opened: finishes a recovery that was broken off, makes an outbox anew that is missing although its journal is there, and
 * adds to an older copy what its journal has. `null`: there was nothing to do. Fails like `recoverDamaged`.
 */
export async function prepareOutbox(of: Recovering): Promise<Result<RecoveryReport | null, LoyaltyError>> {
	return asResult(async () => {
		const { folder } = of;
		await putRecoveredInPlace(folder);
		const mark = await readMark(of.markFile);
		const file = path.join(folder, 'outbox.db');
		if ((await sizeOfFile(file)) !== null) return ok(await adoptIfAhead(of, mark));
		const isNew = mark === null && ((await sizeOfFile(`${file}-wal`)) ?? 0) === 0 && !(await hasJournal(of.place));
		if (isNew) return ok(null);
		const detail = 'outbox.db is missing, its journal or its log is there';
		return recover(of, { mark, damage: terminalError('DISK-103', { verdict: 'never', detail }) });
	});
}

/**
 * Puts a damaged outbox aside and makes it anew from what can be read of it and from its journal. Fails with `damage`, and has then changed
 * nothing, when that cannot be shown to be all there was, unless a person accepts the loss.
 */
export async function recoverDamaged(of: Recovering, damage: LoyaltyError): Promise<Result<RecoveryReport, LoyaltyError>> {
	return asResult(async () => recover(of, { mark: await readMark(of.markFile), damage }));
}

async function asResult<T>(work: () => Promise<Result<T, LoyaltyError>>): Promise<Result<T, LoyaltyError>> {
	try {
		return await work();
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		if (cause instanceof SqliteError) return fail(toDiskError(cause));
		const code = systemCode(cause);
		if (code === null) throw cause;
		return fail(terminalError(code === 'ENOSPC' ? 'DISK-101' : 'DISK-102', { detail: `recovery: ${code}` }));
	}
}

async function hasJournal(place: JournalPlace): Promise<boolean> {
	return (await orNothing(() => sizeOfFile(path.join(place.folder, 'journal.json')))) !== null;
}

/** A journal on a disk that is not plugged in or cannot be read is as good as none: it stops nobody, and proves nothing. */
async function orNothing<T>(read: () => Promise<T>): Promise<T | null> {
	try {
		return await read();
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		return null;
	}
}

async function adoptIfAhead({ folder, place, random }: Recovering, mark: JournalMark | 'damaged' | null): Promise<RecoveryReport | null> {
	const file = path.join(folder, 'outbox.db');
	const last = await readLastEntry(place);
	if (last === null || (await isKnownOrDamaged(file, last.eventId))) return null;
	const journal = await readOwnJournal(place, mark);
	if (journal.entries.length === 0) return null;
	const added = await adoptJournal(file, { journal, isOurs: mark !== null && mark !== 'damaged' }, random);
	if (added === 0) return null;
	return report({ folder, place }, { kind: 'restored', entries: added, waiting: added, incomplete: null });
}

/** A damaged file is not added to: whoever opens it next will say so. */
async function isKnownOrDamaged(file: string, eventId: string): Promise<boolean> {
	try {
		return (await hasEntry(file, eventId)) || (await judgeOutboxFile(file, OUTBOX_MIGRATIONS.length)) !== null;
	} catch (cause) {
		if (cause instanceof SqliteError) return true;
		throw cause;
	}
}

async function readLastEntry(place: JournalPlace): Promise<JournalMark['last']> {
	if (!(await hasJournal(place))) return null;
	return orNothing(async () => (await readTail(await journalFiles(place.folder))).last);
}

type Damage = { readonly mark: JournalMark | 'damaged' | null; readonly damage: LoyaltyError };

async function recover(of: Recovering, { mark, damage }: Damage): Promise<Result<RecoveryReport, LoyaltyError>> {
	const { folder, place, random } = of;
	const journal = await readOwnJournal(place, mark);
	const salvage = await salvageOutbox(path.join(folder, 'outbox.db'));
	const incomplete = whyIncomplete(journal, salvage, mark);
	if (incomplete !== null && !of.isLossAccepted) {
		return fail({ ...damage, detail: `${damage.detail ?? 'damaged'}; not recovered: ${incomplete}`.slice(0, 1000) });
	}
	const rows = mergeRows(journal, salvage);
	const lastIncarnation = lastIncarnationOf(journal, rows, mark);
	await rebuildOutbox({ folder, rows, isComplete: incomplete === null, lastIncarnation, state: salvage.state, random });
	await putRecoveredInPlace(folder);
	const waiting = rows.filter(({ status }) => WAITING_STATUSES.some((one) => one === status)).length;
	return ok(await report(of, { kind: 'damaged', entries: rows.length, waiting, incomplete }));
}

async function report({ folder, place }: Pick<Recovering, 'folder' | 'place'>, of: Omit<RecoveryReport, 'atMs'>): Promise<RecoveryReport> {
	const whole = { ...of, atMs: Math.round(place.clock.nowMs()) };
	await saveReport(folder, whole);
	return whole;
}

/** The journal of this data folder; nothing of it when it is not there, not ours, or cannot be read. */
async function readOwnJournal(place: JournalPlace, mark: JournalMark | 'damaged' | null): Promise<ReadJournal> {
	const journal = await orNothing(async () => {
		const identity = await readIdentity(place);
		const isOurs = identity !== null && (mark === null || mark === 'damaged' || mark.journalId === identity.id);
		return isOurs ? readJournal(place.folder, identity.seal) : null;
	});
	return journal ?? NO_JOURNAL;
}
