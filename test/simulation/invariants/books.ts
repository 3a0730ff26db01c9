/**
 * The auditor's own books of headquarters, one per epoch, kept from what every commit changed. They know what the balance of a member was at
 * each version, which event is in which version, and what was published where: the truth against which terminals are checked. Checks on the
 * way: I1 (points are conserved, in total and by account), I2 (an outcome is given once and never changes), I6 (numbers of the feed).
 */
import type { EventRow, LedgerRow, MemberRow, Tables } from '../memory-database/tables.ts';
import type { Change } from '../memory-database/transaction.ts';
import type { Report } from './violation.ts';

/** A member got a place in the feed. */
export type Publication = { readonly seq: number; readonly memberId: string; readonly ver: number };

type Sums = { members: number; opening: number; events: number; drawn: number; forfeited: number; suspense: number };

export type Books = {
	readonly epoch: number;
	readonly events: Map<string, EventRow>;
	/** Balance by member and version. */
	readonly balances: Map<string, Map<number, number>>;
	/** By shard, in the order of the feed. */
	readonly published: Map<number, Publication[]>;
	/** What entries moved into each account. */
	readonly accounts: Map<string, number>;
	readonly sums: Sums;
};

/** The books of a headquarters that begins with these tables, and with what an earlier one had published by then. */
export function openBooks(epoch: number, tables: Tables, before: Pick<Books, 'published'> | null): Books {
	const books: Books = {
		epoch,
		events: new Map(),
		balances: new Map(),
		published: new Map([...(before?.published ?? [])].map(([shard, publications]) => [shard, [...publications]])),
		accounts: new Map(),
		sums: { members: 0, opening: 0, events: 0, drawn: 0, forfeited: 0, suspense: 0 },
	};
	const ignore: Report = () => undefined;
	for (const row of tables.member.values()) noteMember(books, null, row);
	for (const row of tables.event.values()) noteEvent(books, { before: null, after: row }, ignore);
	for (const row of tables.ledger_entry.values()) noteEntry(books, row);
	return books;
}

/** Takes up one commit and checks what can be checked then. */
export function noteCommit(books: Books, changes: readonly Change[], report: Report): void {
	for (const change of changes) {
		if (isOf(change, 'member') && change.after !== null) checkMember(books, { before: change.before, after: change.after }, report);
		if (isOf(change, 'event') && change.after !== null) noteEvent(books, { before: change.before, after: change.after }, report);
		if (isOf(change, 'ledger_entry') && change.after !== null) noteEntry(books, change.after);
	}
	checkSums(books, report);
	for (const change of changes) if (isOf(change, 'member') && change.after !== null) checkAccount(books, change.after, report);
}

function isOf<Name extends Change['table']>(change: Change, table: Name): change is Change<Name> {
	return change.table === table;
}

type Pair<Row> = { readonly before: Row | null; readonly after: Row };

function checkMember(books: Books, { before, after }: Pair<MemberRow>, report: Report): void {
	const isPublication = after.seq !== (before?.seq ?? 0);
	if (isPublication) notePublication(books, after, report);
	const verBefore = before?.ver ?? 0;
	if (after.ver < verBefore) report('I2', `${after.id} went from version ${verBefore} to ${after.ver}`);
	if (after.ver === verBefore && after.points !== before?.points) report('I2', `${after.id} changed its balance but not its version`);
	noteMember(books, before, after);
}

function noteMember(books: Books, before: MemberRow | null, after: MemberRow): void {
	books.sums.members += after.points - (before?.points ?? 0);
	books.sums.opening += after.opening_points - (before?.opening_points ?? 0);
	const balances = books.balances.get(after.id) ?? new Map<number, number>();
	balances.set(after.ver, after.points);
	books.balances.set(after.id, balances);
}

function notePublication(books: Books, { shard, seq, id, ver }: MemberRow, report: Report): void {
	const publications = books.published.get(shard) ?? [];
	const last = publications.at(-1)?.seq ?? 0;
	if (seq !== last + 1) report('I6', `shard ${shard}: ${seq} was given out after ${last}`);
	books.published.set(shard, [...publications, { seq, memberId: id, ver }]);
}

function noteEvent(books: Books, { before, after }: Pair<EventRow>, report: Report): void {
	// An id has 36 characters: whatever stands behind them makes it the second row of one event.
	const eventId = after.event_id.slice(0, 36);
	const known = books.events.get(eventId);
	if (known !== undefined && before === null) report('I2', `event ${after.event_id} was stored twice`);
	if (known !== undefined && outcomeText(known) !== outcomeText(after)) report('I2', `the outcome of ${after.event_id} has changed`);
	if (before === null && after.status === 'applied') books.sums.events += after.points;
	books.events.set(eventId, after);
}

function outcomeText({ status, error, points, applied_to, applied_ver, result_no }: EventRow): string {
	return JSON.stringify([status, error?.code, points, applied_to, applied_ver, result_no]);
}

function noteEntry({ accounts, sums }: Books, { debit_account: debit, credit_account: credit, amount }: LedgerRow): void {
	accounts.set(debit, (accounts.get(debit) ?? 0) - amount);
	accounts.set(credit, (accounts.get(credit) ?? 0) + amount);
	sums.drawn = -(accounts.get('program') ?? 0);
	sums.forfeited = accounts.get('forfeited') ?? 0;
	sums.suspense = accounts.get('suspense') ?? 0;
}

function checkSums({ sums }: Books, report: Report): void {
	const held = sums.members + sums.forfeited + sums.suspense;
	if (held !== sums.opening + sums.events || held !== sums.opening + sums.drawn)
		report('I1', `points are not conserved: ${JSON.stringify(sums)}`);
}

function checkAccount({ accounts }: Books, member: MemberRow, report: Report): void {
	const expected = member.opening_points + (accounts.get(`member:${member.id}`) ?? 0);
	if (member.points !== expected) report('I1', `${member.id} has ${member.points} points, its entries say ${expected}`);
	const counted = member.earned - member.spent - member.reserved - member.expired;
	if (member.points !== counted) report('I1', `${member.id} has ${member.points} points, its counters say ${counted}`);
}
