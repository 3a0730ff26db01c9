/**
 * The side journal: a second, append-only copy of everything that was recorded, in a folder that may be on another disk. With it an
 * `outbox.db` that is damaged can be made anew. Owns the files of its folder, `journal.mark` and `journal.unscrubbed` of the data folder.
 *
 * It follows the outbox: woken after a commit it reads what it does not have yet and appends it, as much as there is with one flush. That is after the
 * sale was said to be done. Before it, each sale would take a second flush for a copy which is needed only when the first is
 * unreadable; so what is missing of the journal after a power cut is in the outbox, and is written at the next start.
 *
 * Guarantees: its lines are those of the outbox's entries in the order of recording, none left out (a mark in the data folder says when it
 * is behind). A journal that fails stops nobody: it says so and tries again.
 */
import { z } from 'zod';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { AssertionError } from '#shared/lib/assert.ts';
import type { Connection } from '../connection.ts';
import { createJobQueue } from '../job-queue.ts';
import { WAITING_IN_SQL } from '../outbox/outbox-context.ts';
import { journalFiles, readLines } from './journal-files.ts';
import { writeMark } from './journal-mark.ts';
import type { JournalMark } from './journal-mark.ts';
import { JournalRefusal, openJournalWriter, removeFiles } from './journal-writer.ts';
import type { JournalPlace, JournalWriter } from './journal-writer.ts';
import { RECORDED_ROW_SQL, RecordedRowSchema } from './recorded-row.ts';
import type { RecordedRow } from './recorded-row.ts';
import type { UnscrubbedList } from './unscrubbed.ts';

/** `behind`: the journal cannot be written; sales go on in the outbox alone. */
export type JournalHealth = { readonly state: 'following' | 'behind'; readonly why: unknown; readonly cutBytes: number };

export type SideJournal = {
	/** After a commit of the outbox. */
	readonly wake: () => void;
	/** Resolves when everything that was committed before the call is in the journal, or the journal is behind. */
	readonly settled: () => Promise<void>;
	/** Names and contacts of these events leave the journal, at once or, when it cannot be reached, as soon as it can. */
	readonly scrub: (eventIds: readonly EventId[]) => Promise<void>;
	/** Deletes files whose last line is from before `beforeMs` and whose entries all have an outcome. Answers how many. */
	readonly retire: (beforeMs: number) => Promise<number>;
	readonly health: () => JournalHealth;
	readonly onHealth: (listener: () => void) => () => void;
	readonly close: () => Promise<void>;
};

export type SideJournalOptions = {
	readonly place: JournalPlace;
	/** Of the data folder. */
	readonly markFile: string;
	readonly mark: JournalMark | null;
	/** A connection of its own to `outbox.db`; closed with the journal. */
	readonly reader: Connection;
	readonly unscrubbed: UnscrubbedList;
	/** Makes room on a full disk; `false` when there is none to make. */
	readonly makeRoom: () => Promise<boolean>;
};

/** Rows that are read and appended with one flush. */
const ROWS_MAX = 100;
/** Between two tries while the journal cannot be written. */
const RETRY_MS = 30_000;
/** A journal that begins has everything that waits, and what was recorded since. */
const BEGIN_MS = 90 * 86_400_000;

const ROWS_AFTER = `
	SELECT position, ${RECORDED_ROW_SQL} AS row FROM entry WHERE position > ?1 ORDER BY position LIMIT ${ROWS_MAX}`;
const POSITION_OF = 'SELECT position FROM entry WHERE event_id = ?1';
const VOIDED = `SELECT event_id FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND status = 'voided'`;
const BEFORE_FIRST = `
	SELECT min(coalesce((SELECT min(position) FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND status IN (${WAITING_IN_SQL})), at),
		at) - 1 AS position
	FROM (SELECT coalesce(min(position), 1) AS at FROM entry WHERE occurred_at >= ?1)`;
const WITHOUT_OUTCOME = `
	SELECT count(*) AS entries FROM entry
	WHERE event_id IN (SELECT value FROM json_each(?1)) AND status IN (${WAITING_IN_SQL})`;

const PositionSchema = z.object({ position: z.int() });
const RowSchema = z.object({ position: z.int(), row: z.string() });

type State = {
	readonly options: SideJournalOptions;
	readonly listeners: Set<() => void>;
	writer: JournalWriter | null;
	/** Row of the outbox up to which the journal has everything. */
	position: number;
	mark: JournalMark | null;
	health: JournalHealth;
	retryAtMs: number;
	isQueued: boolean;
	isClosed: boolean;
};

/** Begins to follow the outbox, in the background. */
export function followOutbox(options: SideJournalOptions): SideJournal {
	const queue = createJobQueue();
	const state: State = {
		options,
		listeners: new Set(),
		writer: null,
		position: 0,
		mark: options.mark,
		health: { state: options.mark?.isBehind === true ? 'behind' : 'following', why: null, cutBytes: 0 },
		retryAtMs: 0,
		isQueued: false,
		isClosed: false,
	};
	const wake = (): void => {
		if (state.isQueued || state.isClosed) return;
		state.isQueued = true;
		void queue.run(async () => {
			state.isQueued = false;
			await follow(state);
		});
	};
	wake();
	return {
		wake,
		settled: () => queue.run(() => follow(state)),
		scrub: (eventIds) =>
			queue.run(async () => {
				if (eventIds.length === 0) return;
				// Noted first: whatever happens to the journal's disk or to this process, they are scrubbed in the end.
				await options.unscrubbed.add(eventIds);
				await attempt(state, (writer) => scrubNoted(state, writer));
			}),
		retire: (beforeMs) => queue.run(async () => (await attempt(state, (writer) => retireFiles(state, { writer, beforeMs }))) ?? 0),
		health: () => state.health,
		onHealth: (listener) => {
			state.listeners.add(listener);
			return () => state.listeners.delete(listener);
		},
		close: async () => {
			if (state.isClosed) return;
			state.isClosed = true;
			state.listeners.clear();
			await queue.run(async () => {
				await follow(state);
				await state.writer?.close();
				await options.reader.close();
			});
		},
	};
}

/** Appends what the outbox has and the journal has not. Never rejects but for a defect. */
async function follow(state: State): Promise<void> {
	await attempt(state, async (writer) => {
		await scrubNoted(state, writer);
		for (;;) {
			const rows = await readRows(state);
			const voided = rows.length < ROWS_MAX ? await readNewlyVoided(state, writer) : [];
			if (rows.length === 0 && voided.length === 0) break;
			await writer.append(
				rows.map(({ row }) => row),
				voided,
			);
			state.position = rows.at(-1)?.position ?? state.position;
			await saveMark(state, writer, { isBehind: rows.length === ROWS_MAX && (state.mark?.isBehind ?? true) });
		}
		if (state.mark?.isBehind !== false) await saveMark(state, writer, { isBehind: false });
	});
}

/**
 * Runs `work` with the open journal, which is opened if need be. What fails closes it, marks it as behind, and answers `null`; for a
 * while it is not tried again.
 */
async function attempt<T>(state: State, work: (writer: JournalWriter) => Promise<T>): Promise<T | null> {
	const { clock } = state.options.place;
	if (clock.monotonicMs() < state.retryAtMs && !state.isClosed) return null;
	try {
		const writer = await openWriter(state);
		const value = await work(writer);
		setHealth(state, { state: 'following', why: null, cutBytes: writer.cutBytes });
		state.retryAtMs = 0;
		return value;
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		await giveUp(state, cause);
		return null;
	}
}

async function openWriter(state: State): Promise<JournalWriter> {
	if (state.writer !== null) return state.writer;
	const { place, reader } = state.options;
	const writer = await openJournalWriter(place, state.mark);
	const last = writer.last();
	const row = last === null ? null : await reader.get(POSITION_OF, [last.eventId]);
	if (last !== null && row === null && state.mark === null) throw new JournalRefusal('this is the journal of another terminal');
	const before = row ?? (await reader.get(BEFORE_FIRST, [Math.round(place.clock.nowMs()) - BEGIN_MS]));
	state.position = PositionSchema.parse(before).position;
	state.writer = writer;
	return writer;
}

async function giveUp(state: State, cause: unknown): Promise<void> {
	const { markFile, place, makeRoom } = state.options;
	state.retryAtMs = place.clock.monotonicMs() + RETRY_MS;
	setHealth(state, { state: 'behind', why: cause, cutBytes: 0 });
	const { writer } = state;
	state.writer = null;
	try {
		await writer?.close();
		if (isNoRoom(cause) && (await makeRoom())) state.retryAtMs = 0;
		if (state.mark !== null && !state.mark.isBehind) {
			state.mark = { ...state.mark, isBehind: true };
			await writeMark(markFile, state.mark, true);
		}
	} catch (second) {
		if (second instanceof AssertionError) throw second;
		// The data folder fails as well: the outbox itself will say so at the next sale.
		setHealth(state, { state: 'behind', why: second, cutBytes: 0 });
	}
}

function isNoRoom(cause: unknown): boolean {
	return cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}

function setHealth(state: State, health: JournalHealth): void {
	const isChanged = state.health.state !== health.state || state.health.cutBytes !== health.cutBytes;
	state.health = health;
	if (isChanged) for (const listener of state.listeners) queueMicrotask(listener);
}

async function saveMark(state: State, writer: JournalWriter, change: { readonly isBehind: boolean }): Promise<void> {
	const wasBehind = state.mark?.isBehind;
	state.mark = {
		journalId: writer.identity.id,
		lastNo: writer.lastNo(),
		last: writer.last(),
		floorNo: state.mark?.floorNo ?? 0,
		isBehind: change.isBehind,
	};
	await writeMark(state.options.markFile, state.mark, wasBehind !== change.isBehind);
}

async function readRows(state: State): Promise<readonly { readonly position: number; readonly row: RecordedRow }[]> {
	const rows = await state.options.reader.all(ROWS_AFTER, [state.position]);
	return rows.map((found) => {
		const { position, row } = RowSchema.parse(found);
		return { position, row: RecordedRowSchema.parse(JSON.parse(row)) };
	});
}

async function readNewlyVoided(state: State, writer: JournalWriter): Promise<readonly EventId[]> {
	const rows = await state.options.reader.all(VOIDED);
	return rows.map((row) => EventIdSchema.parse(row['event_id'])).filter((eventId) => !writer.isVoided(eventId));
}

async function scrubNoted({ options }: State, writer: JournalWriter): Promise<void> {
	const eventIds = await options.unscrubbed.list();
	if (eventIds.length === 0) return;
	await writer.scrub(new Set(eventIds));
	await options.unscrubbed.clear();
}

type Retirement = { readonly writer: JournalWriter; readonly beforeMs: number };

/** From the oldest file on, up to the first that has to stay; the newest always stays. */
async function retireFiles(state: State, { writer, beforeMs }: Retirement): Promise<number> {
	const { place, reader } = state.options;
	const retired: string[] = [];
	let floorNo = state.mark?.floorNo ?? 0;
	for (const file of (await journalFiles(place.folder)).slice(0, -1)) {
		const { eventIds, lastNo, lastAtMs } = await summarize(file);
		const open = await reader.get(WITHOUT_OUTCOME, [JSON.stringify(eventIds)]);
		if (lastAtMs >= beforeMs || open?.['entries'] !== 0) break;
		retired.push(file);
		floorNo = lastNo;
	}
	if (retired.length === 0) return 0;
	// The mark first: a file below the floor is of no interest, one that is missing above it would be.
	state.mark = { ...state.mark, journalId: writer.identity.id, lastNo: writer.lastNo(), last: writer.last(), floorNo, isBehind: false };
	await writeMark(state.options.markFile, state.mark, true);
	await removeFiles(retired, place.folder);
	return retired.length;
}

type FileSummary = { readonly eventIds: readonly EventId[]; readonly lastNo: number; readonly lastAtMs: number };

async function summarize(file: string): Promise<FileSummary> {
	const eventIds: EventId[] = [];
	let [lastNo, lastAtMs] = [0, 0];
	for await (const { line } of readLines(file)) {
		lastNo = Math.max(lastNo, line?.no ?? 0);
		if (line?.kind !== 'entry') continue;
		eventIds.push(line.event_id);
		lastAtMs = Math.max(lastAtMs, line.at);
	}
	return { eventIds, lastNo, lastAtMs };
}
