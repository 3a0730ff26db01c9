/** Puts together what the journal and a damaged `outbox.db` still have, and whether that is all. */
import type { EventId, Incarnation } from '#shared/domain/ids.ts';
import type { LineSeal } from '../journal/line-seal.ts';
import { journalFiles, readLines } from '../journal/journal-files.ts';
import type { EntryLine } from '../journal/journal-line.ts';
import type { JournalMark } from '../journal/journal-mark.ts';
import { readEntryLine } from '../journal/recorded-row.ts';
import type { RecordedRow } from '../journal/recorded-row.ts';
import { asUnsent } from './recovered-row.ts';
import type { RecoveredRow } from './recovered-row.ts';
import type { Salvage } from './salvage.ts';

/** A journal as it was read. `rows` lacks those of lines that cannot be opened. */
export type ReadJournal = {
	readonly entries: readonly EntryLine[];
	readonly rows: ReadonlyMap<EventId, RecordedRow>;
	readonly voided: ReadonlySet<EventId>;
	/** Numbers of all lines, ascending. */
	readonly numbers: readonly number[];
	/** Stretches of bytes that are no line. */
	readonly damaged: number;
};

export const NO_JOURNAL: ReadJournal = { entries: [], rows: new Map(), voided: new Set(), numbers: [], damaged: 0 };

/** Reads all of a journal; a line that was written twice counts as its later form. */
export async function readJournal(folder: string, seal: LineSeal | null): Promise<ReadJournal> {
	const entries = new Map<number, EntryLine>();
	const rows = new Map<EventId, RecordedRow>();
	const voided = new Set<EventId>();
	const numbers = new Set<number>();
	let damaged = 0;
	for (const file of await journalFiles(folder)) {
		for await (const { line } of readLines(file)) {
			if (line === null) damaged += 1;
			else numbers.add(line.no);
			if (line?.kind === 'void') voided.add(line.event_id);
			if (line?.kind !== 'entry') continue;
			entries.set(line.no, line);
			const row = readEntryLine(line, seal);
			if (row !== null) rows.set(row.event_id, row);
		}
	}
	const ascending = [...numbers].toSorted((left, right) => left - right);
	return { entries: ascending.flatMap((no) => entries.get(no) ?? []), rows, voided, numbers: ascending, damaged };
}

/** Everything that was found, in the order of recording. */
export function mergeRows(journal: ReadJournal, salvage: Salvage): readonly RecoveredRow[] {
	const salvaged = new Map(salvage.rows.map((row) => [row.event_id, row]));
	const fromJournal = journal.entries.flatMap((line) => {
		const row = journal.rows.get(line.event_id);
		const known = salvaged.get(line.event_id);
		if (row === undefined) return known ?? [];
		const isVoided = journal.voided.has(row.event_id);
		// The journal's row has a check sum. What became of it only the database says, if it is still the same row.
		if (known === undefined || !isSameRecording(known, row)) return asUnsent(row, isVoided);
		return isVoided && known.sent_at === null ? { ...known, status: 'voided' as const } : known;
	});
	const inJournal = new Set(journal.entries.map((line) => line.event_id));
	const alone = salvage.rows.filter((row) => !inJournal.has(row.event_id));
	// What the journal lacks was recorded before its first line or after its last.
	const begin = journal.entries[0]?.at ?? 0;
	return [...alone.filter((row) => row.occurred_at < begin), ...fromJournal, ...alone.filter((row) => row.occurred_at >= begin)];
}

/** A new incarnation changes numbers, an opt-out takes data away; of what was sold nothing ever changes. */
function isSameRecording(salvaged: RecoveredRow, row: RecordedRow): boolean {
	const isScrubbed = salvaged.enrolment === null && row.enrolment !== null;
	return (
		salvaged.request_id === row.request_id &&
		salvaged.action === row.action &&
		salvaged.member_id === row.member_id &&
		salvaged.points_estimated === row.points_estimated &&
		salvaged.transaction_id === row.transaction_id &&
		salvaged.amount_minor === row.amount_minor &&
		(isScrubbed || eventWithoutPlace(salvaged.event) === eventWithoutPlace(row.event))
	);
}

function eventWithoutPlace(event: string): string {
	return event.replace(/"seq":\d+/, '');
}

/** `null`: everything up to the high-water mark is there. Otherwise why that cannot be said, for the log and the technician. */
export function whyIncomplete(journal: ReadJournal, salvage: Salvage, mark: JournalMark | 'damaged' | null): string | null {
	if (mark === null) return 'there is no side journal';
	if (mark === 'damaged') return 'the mark of the side journal cannot be read';
	if (mark.isBehind) return 'the side journal could not be written for a while before the damage';
	const bySeq = new Set(salvage.rows.map(({ incarnation, seq }) => `${incarnation} ${seq}`));
	const salvagedIds = new Set(salvage.rows.map(({ event_id }) => event_id));
	const unopened = journal.entries.filter(({ event_id }) => !journal.rows.has(event_id) && !salvagedIds.has(event_id));
	if (unopened.length > 0) return `${unopened.length} lines of the side journal cannot be opened with this machine's key`;
	for (const gap of findGaps(journal, mark)) {
		const found = seqsBetween(gap).filter((place) => bySeq.has(place));
		if (found.length !== gap.lines)
			return `the side journal lacks ${gap.lines} lines before number ${gap.before}, and outbox.db has ${found.length} of them`;
	}
	return null;
}

/** In which the last row was recorded; `null` when nothing says so. */
export function lastIncarnationOf(
	journal: ReadJournal,
	rows: readonly RecoveredRow[],
	mark: JournalMark | 'damaged' | null,
): Incarnation | null {
	const marked = mark === null || mark === 'damaged' ? null : mark.last;
	return rows.at(-1)?.incarnation ?? journal.entries.at(-1)?.incarnation ?? marked?.incarnation ?? null;
}

type Place = NonNullable<JournalMark['last']>;
/** `lines` missing lines between two entries; `to` belongs to the gap itself when `isToMissing`. */
type Gap = {
	readonly lines: number;
	readonly before: number;
	readonly from: Place | null;
	readonly to: Place | null;
	readonly isToMissing: boolean;
};

function findGaps(journal: ReadJournal, mark: JournalMark): readonly Gap[] {
	const gaps: Gap[] = [];
	let previous = mark.floorNo;
	for (const no of journal.numbers.filter((number) => number > mark.floorNo)) {
		if (no > previous + 1) {
			const [from, to] = [entryAtOrBefore(journal, previous), entryAtOrAfter(journal, no)];
			gaps.push({ lines: no - previous - 1, before: no, from, to, isToMissing: false });
		}
		previous = no;
	}
	if (previous < mark.lastNo) {
		gaps.push({
			lines: mark.lastNo - previous,
			before: mark.lastNo + 1,
			from: entryAtOrBefore(journal, previous),
			to: mark.last,
			isToMissing: true,
		});
	}
	return gaps;
}

function entryAtOrBefore({ entries }: ReadJournal, no: number): Place | null {
	return placeOf(entries.findLast((line) => line.no <= no));
}

function entryAtOrAfter({ entries }: ReadJournal, no: number): Place | null {
	return placeOf(entries.find((line) => line.no >= no));
}

function placeOf(line: EntryLine | undefined): Place | null {
	return line === undefined ? null : { eventId: line.event_id, incarnation: line.incarnation, seq: line.seq };
}

/** The places in the order that a gap leaves out; none when its ends are of two incarnations, since nobody knows how many there were. */
function seqsBetween({ from, to, isToMissing }: Gap): readonly string[] {
	if (from === null || to === null || from.incarnation !== to.incarnation) return [];
	const count = to.seq - from.seq - (isToMissing ? 0 : 1);
	return Array.from({ length: Math.max(0, count) }, (_, index) => `${from.incarnation} ${from.seq + 1 + index}`);
}
