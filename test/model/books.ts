/**
 * The model: what a person with a pencil would note beside the counters. It knows what was recorded where, what went with a disk, and what
 * headquarters has ever answered for good; it knows nothing of statuses, versions, cursors or epochs.
 */
import { must } from '#shared/lib/assert.ts';
import { FOUNDERS } from './shop-headquarters.ts';

export type Kind = 'points' | 'sale' | 'refund' | 'enrolment' | 'profile' | 'opt_out';

/** An event as it was recorded. */
export type Recorded = {
	readonly eventId: string;
	readonly kind: Kind;
	readonly terminal: number;
	/** `null` when only the card was known where it was recorded. */
	readonly memberId: string | null;
	readonly card: string | null;
	readonly points: number;
	readonly amountMinor: number;
	/** Of a sale its own, of a refund the sale's. */
	readonly transactionId: string | null;
	/** A name that only this event brings. */
	readonly word: string | null;
};

/** An event on the disk of a terminal. */
export type Kept = { readonly event: Recorded; readonly isVoided: boolean };

export type TerminalBook = {
	/** In the order of recording. */
	kept: readonly Kept[];
	backup: readonly Kept[];
	/** Its machine is gone, with its disk. */
	isLost: boolean;
	wasRestored: boolean;
	/** Its side journal is on another disk: what was recorded survives a restore of the folder. */
	readonly hasJournalDisk: boolean;
};

export type Person = { readonly id: string; readonly card: string; readonly word: string };

export type Books = {
	readonly terminals: readonly TerminalBook[];
	readonly people: Person[];
	/** Everything that was ever recorded, by event id. */
	readonly ever: Map<string, Recorded>;
	/** Events that headquarters has for good, as far as its present data goes. */
	atHeadquarters: Set<string>;
	hqBackup: ReadonlySet<string>;
	readonly bonds: Bonds;
};

/** Ids and cards that may turn out to be one member: enrolled with one card, or merged. */
export type Bonds = { readonly join: (one: string, other: string) => void; readonly groupOf: (name: string) => string };

export function openBooks(journalDisks: readonly boolean[]): Books {
	const bonds = createBonds();
	for (const { id, card } of FOUNDERS) bonds.join(id, card);
	return {
		terminals: journalDisks.map((hasJournalDisk) => ({ kept: [], backup: [], isLost: false, wasRestored: false, hasJournalDisk })),
		people: [...FOUNDERS],
		ever: new Map(),
		atHeadquarters: new Set(),
		hqBackup: new Set(),
		bonds,
	};
}

function createBonds(): Bonds {
	const parents = new Map<string, string>();
	const groupOf = (name: string): string => {
		const parent = parents.get(name);
		return parent === undefined ? name : groupOf(parent);
	};
	return {
		groupOf,
		join: (one, other) => {
			const [from, to] = [groupOf(one), groupOf(other)];
			if (from !== to) parents.set(from, to);
		},
	};
}

export function note(books: Books, event: Recorded): void {
	const book = bookOf(books, event.terminal);
	book.kept = [...book.kept, { event, isVoided: false }];
	books.ever.set(event.eventId, event);
	if (event.kind === 'enrolment' && event.memberId !== null && event.card !== null && event.word !== null) {
		books.people.push({ id: event.memberId, card: event.card, word: event.word });
		books.bonds.join(event.memberId, event.card);
	}
}

export function noteVoided(books: Books, terminal: number, eventId: string): void {
	const book = bookOf(books, terminal);
	book.kept = book.kept.map((kept) => (kept.event.eventId === eventId ? { ...kept, isVoided: true } : kept));
}

/** The folder is what it was at the backup; a journal on another disk still has what was recorded since. */
export function noteTerminalRestored(books: Books, terminal: number): void {
	const book = bookOf(books, terminal);
	if (!book.hasJournalDisk) book.kept = book.backup;
	book.wasRestored = true;
}

/** Headquarters has told a terminal what it once recorded: from now on that is on its disk again. `found`: everything that is, in its order. */
export function noteReturned(books: Books, terminal: number, found: readonly string[]): void {
	const book = bookOf(books, terminal);
	const known = new Map(book.kept.map((kept) => [kept.event.eventId, kept]));
	book.kept = found.map((eventId) => known.get(eventId) ?? { event: must(books.ever.get(eventId), 'an event'), isVoided: false });
}

export function bookOf(books: Books, terminal: number): TerminalBook {
	return must(books.terminals[terminal], 'the book of a terminal');
}

export function groupOf({ bonds }: Books, { memberId, card }: Pick<Recorded, 'memberId' | 'card'>): string {
	return bonds.groupOf(must(memberId ?? card, 'an owner'));
}

/** What has to be at headquarters once everything has arrived; and what may be there, because it was taken back after it had arrived. */
export function survivors(books: Books): { readonly certain: ReadonlySet<string>; readonly possible: ReadonlySet<string> } {
	const certain = new Set(books.atHeadquarters);
	const possible = new Set<string>();
	for (const { kept, isLost } of books.terminals) {
		if (isLost) continue;
		for (const { event, isVoided } of kept) (isVoided ? possible : certain).add(event.eventId);
	}
	return { certain, possible };
}

/** Minor units of a sale that this terminal has not given back yet. */
export function unrefundedMinor({ kept }: TerminalBook, sale: Recorded): number {
	const refunds = kept.filter(({ event, isVoided }) => !isVoided && event.kind === 'refund' && event.transactionId === sale.transactionId);
	return refunds.reduce((left, { event }) => left - event.amountMinor, sale.amountMinor);
}
