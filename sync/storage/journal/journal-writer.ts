import { mkdir, open, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { EventId } from '#shared/domain/ids.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { syncFolder, systemCode } from '../data-folder.ts';
import { cutTornTail, fileOfDay, journalFiles, readLines, removeDrafts, replaceFile } from './journal-files.ts';
import { makeIdentity, readIdentity } from './journal-identity.ts';
import type { JournalIdentity, KeyBox } from './journal-identity.ts';
import { frame } from './journal-line.ts';
import type { EntryLine, JournalLine } from './journal-line.ts';
import type { JournalMark } from './journal-mark.ts';
import { readEntryLine, scrubRow, toEntryLine } from './recorded-row.ts';
import type { RecordedRow } from './recorded-row.ts';

/** Why a journal cannot be written although its disk may be fine; the text is for the log and the manager's technician. */
export class JournalRefusal extends Error {
	override readonly name = 'JournalRefusal';
}

export type JournalPlace = {
	/** Of the journal alone; it may be on another disk. */
	readonly folder: string;
	/** The journal's own folder below the data folder may be made anew; one on another disk that is gone is a disk that is not plugged in. */
	readonly isBelowData: boolean;
	readonly keyBox: KeyBox | null;
	readonly clock: Clock;
	readonly random: Random;
};

/** An open journal. Calls are made one after another; after one that rejected it is closed and opened again. */
export type JournalWriter = {
	readonly identity: JournalIdentity;
	/** Number of the last line. */
	readonly lastNo: () => number;
	readonly last: () => JournalMark['last'];
	/** Entries that the journal knows to be taken back. */
	readonly isVoided: (eventId: EventId) => boolean;
	/** Bytes after the last whole line when it was opened, which were cut off. */
	readonly cutBytes: number;
	/** Appends both with one flush. */
	readonly append: (rows: readonly RecordedRow[], voided: readonly EventId[]) => Promise<void>;
	/** Names and contacts leave the lines of these events. */
	readonly scrub: (eventIds: ReadonlySet<string>) => Promise<void>;
	readonly close: () => Promise<void>;
};

type State = {
	readonly place: JournalPlace;
	readonly identity: JournalIdentity;
	readonly voided: Set<EventId>;
	lastNo: number;
	last: JournalMark['last'];
	file: string | null;
	handle: FileHandle | null;
};

/** Opens the journal of a folder, or begins one. Rejects with `JournalRefusal` or the system's error. */
export async function openJournalWriter(place: JournalPlace, mark: JournalMark | null): Promise<JournalWriter> {
	const identity = await openIdentity(place, mark);
	const { folder } = place;
	await removeDrafts(folder);
	const files = await journalFiles(folder);
	const newest = files.at(-1) ?? null;
	const cutBytes = newest === null ? 0 : (await cutTornTail(newest)).cutBytes;
	const tail = await readTail(files);
	const state: State = {
		place,
		identity,
		voided: await readVoided(files),
		// Lines that the journal has lost since are written again, with the same numbers; those below the floor are gone on purpose.
		lastNo: Math.max(tail.lastNo, mark?.floorNo ?? 0),
		last: tail.last,
		file: newest,
		handle: null,
	};
	return {
		identity,
		lastNo: () => state.lastNo,
		last: () => state.last,
		isVoided: (eventId) => state.voided.has(eventId),
		cutBytes,
		append: (rows, voided) => append(state, rows, voided),
		scrub: (eventIds) => scrubFiles(state, eventIds),
		close: () => closeHandle(state),
	};
}

async function openIdentity(place: JournalPlace, mark: JournalMark | null): Promise<JournalIdentity> {
	const isNew = mark === null || place.isBelowData;
	if (isNew) await mkdir(place.folder, { recursive: true, mode: 0o700 });
	const identity = await readIdentity(place);
	if (identity === null && place.isBelowData) return makeIdentity(place);
	if (identity !== null && mark !== null && identity.id !== mark.journalId)
		throw new JournalRefusal('this is the journal of another terminal');
	if (identity !== null) return identity;
	if (!isNew) throw new JournalRefusal('the journal is not there: its disk is not plugged in, or another one is');
	return makeIdentity(place);
}

async function readVoided(files: readonly string[]): Promise<Set<EventId>> {
	const voided = new Set<EventId>();
	for (const file of files)
		for await (const { line } of readLines(file, '"kind":"void"')) if (line?.kind === 'void') voided.add(line.event_id);
	return voided;
}

/** The last line and the last entry, from the newest file back. */
export async function readTail(files: readonly string[]): Promise<Pick<State, 'lastNo' | 'last'>> {
	let lastNo = 0;
	for (const file of files.toReversed()) {
		let entry: EntryLine | null = null;
		for await (const { line } of readLines(file)) {
			lastNo = Math.max(lastNo, line?.no ?? 0);
			if (line?.kind === 'entry') entry = line;
		}
		if (entry !== null) return { lastNo, last: lastOf(entry) };
	}
	return { lastNo, last: null };
}

function lastOf({ event_id: eventId, incarnation, seq }: Pick<EntryLine, 'event_id' | 'incarnation' | 'seq'>): JournalMark['last'] {
	return { eventId, incarnation, seq };
}

async function append(state: State, rows: readonly RecordedRow[], voided: readonly EventId[]): Promise<void> {
	const { seal } = state.identity;
	let no = state.lastNo;
	const lines: JournalLine[] = [
		...rows.map((row) => toEntryLine(row, (no += 1), seal)),
		...voided.map((event_id) => ({ no: (no += 1), kind: 'void' as const, event_id })),
	];
	const handle = await handleForToday(state);
	await handle.appendFile(Buffer.concat(lines.map(frame)));
	await handle.datasync();
	state.lastNo = no;
	const last = rows.at(-1);
	if (last !== undefined) state.last = lastOf(last);
	for (const eventId of voided) state.voided.add(eventId);
}

async function handleForToday(state: State): Promise<FileHandle> {
	const { folder, clock } = state.place;
	const file = fileOfDay(folder, clock.nowMs(), state.file);
	if (state.handle !== null && file === state.file) return state.handle;
	await closeHandle(state);
	const isNew = !(await isThere(file));
	const handle = await open(file, 'a', 0o600);
	state.handle = handle;
	state.file = file;
	if (isNew) await syncFolder(folder);
	return handle;
}

async function closeHandle(state: State): Promise<void> {
	const { handle } = state;
	state.handle = null;
	await handle?.close();
}

async function isThere(file: string): Promise<boolean> {
	try {
		return (await stat(file)).isFile();
	} catch (cause) {
		if (systemCode(cause) === 'ENOENT') return false;
		throw cause;
	}
}

async function scrubFiles(state: State, eventIds: ReadonlySet<string>): Promise<void> {
	const files = await journalFiles(state.place.folder);
	for (const file of files) {
		let isNamed = false;
		const lines: Buffer[] = [];
		for await (const { line } of readLines(file)) {
			// A damaged line is worth nothing to a recovery and may hold a name.
			if (line === null) continue;
			const isMeant = line.kind === 'entry' && eventIds.has(line.event_id);
			isNamed ||= isMeant;
			lines.push(frame(isMeant ? scrubLine(line, state.identity) : line));
		}
		if (!isNamed) continue;
		await closeHandle(state);
		await replaceFile(file, lines);
	}
}

/** A line that cannot be opened keeps its number and nothing else: there may be a name in it. */
function scrubLine(line: EntryLine, { seal }: JournalIdentity): EntryLine {
	const row = readEntryLine(line, seal);
	return row === null ? { ...line, row: '' } : toEntryLine(scrubRow(row), line.no, seal);
}

/** Removes a journal's files with all its lines. */
export async function removeFiles(files: readonly string[], folder: string): Promise<void> {
	for (const file of files) await rm(file, { force: true });
	await syncFolder(folder);
}

/** Where the journal of a data folder is when nobody says otherwise. */
export function defaultJournalFolder(dataFolder: string): string {
	return path.join(dataFolder, 'journal');
}
