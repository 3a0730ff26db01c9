/** What holds whenever nothing is under way: I1 and I2 at headquarters, I11 on every terminal, I7 on every screen. */
import { checkLedger } from '#sync/hq/ledger/check-ledger.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import { bookOf, noteReturned } from './books.ts';
import type { Books } from './books.ts';
import { checkDisplay } from './check-display.ts';
import { readFacts } from './world.ts';
import type { World } from './world.ts';

export async function checkRest(books: Books, world: World): Promise<void> {
	await world.hq.readBalances();
	world.facts.set(world.hq.epoch(), await readFacts(world.hq));
	await checkBooksOfHeadquarters(world);
	checkAnswered(books, world);
	for (const [index, terminal] of world.terminals.entries()) {
		if (terminal === null) continue;
		await checkKept(books, world, index);
		await checkDisplay(books, world, index);
	}
}

/** I1 by headquarters' own check and by another one; I2: an event has one entry at most, and it is worth what the event is worth. */
async function checkBooksOfHeadquarters({ hq }: World): Promise<void> {
	const check = await checkLedger(hq.database);
	if (!check.isBalanced) throw new Error(`I1: ${JSON.stringify(check)}`);
	const [sums] = await hq.database.query<{ held: number; given: number }>(`
		SELECT (SELECT coalesce(sum(points), 0) FROM member)::bigint
			+ (SELECT coalesce(sum(CASE WHEN credit_account = 'forfeited' THEN amount ELSE -amount END), 0) FROM ledger_entry
				WHERE 'forfeited' IN (credit_account, debit_account))::bigint AS held,
			(SELECT coalesce(sum(points), 0) FROM event WHERE status = 'applied')::bigint AS given`);
	if (sums?.held !== sums?.given) throw new Error(`I1: members and the forfeited hold ${sums?.held} points, events gave ${sums?.given}`);
	const wrong = await hq.database.query<{ event_id: string; moved: number; points: number }>(`
		SELECT event_id, moved, points FROM (
			SELECT event.event_id, event.points, coalesce(sum(CASE WHEN debit_account = 'program' THEN amount ELSE -amount END), 0)::bigint AS moved, count(amount) AS entries
			FROM event LEFT JOIN ledger_entry ON ledger_entry.event_id = event.event_id AND 'program' IN (debit_account, credit_account)
			GROUP BY event.event_id
		) AS booked WHERE moved <> points OR entries > 1`);
	if (wrong.length > 0) throw new Error(`I2: not booked once with its points: ${JSON.stringify(wrong)}`);
}

/** I2 and I3: what headquarters has answered for good it has, and nothing that nobody recorded. */
function checkAnswered(books: Books, world: World): void {
	const { events } = world.facts.get(world.hq.epoch()) ?? { events: new Map() };
	for (const eventId of books.atHeadquarters)
		if (!events.has(eventId)) throw new Error(`I3: ${eventId} was answered for good and is not stored`);
}

/** I11 and I3: the disk has what was recorded, in that order, and nothing that this terminal never recorded. */
async function checkKept(books: Books, world: World, index: number): Promise<void> {
	const { outbox } = world.terminal(index).life();
	const { kept } = bookOf(books, index);
	const entries = await listAll(outbox);
	const expected = kept.map(({ event }) => event.eventId);
	const known = new Set(expected);
	const found = entries.map(({ eventId }) => String(eventId));
	const lost = expected.filter((eventId) => !found.includes(eventId));
	if (lost.length > 0) throw new Error(`I11: T${index + 1} has lost ${lost.join(', ')}`);
	// A restored terminal gets back from headquarters what it once recorded; nothing else is ever there that the books do not have.
	const returned = found.filter((eventId) => !known.has(eventId));
	const strange = returned.filter((eventId) => books.ever.get(eventId)?.terminal !== index || !books.atHeadquarters.has(eventId));
	if (strange.length > 0) throw new Error(`I3: T${index + 1} has what it never recorded: ${strange.join(', ')}`);
	const isInOrder = found.filter((eventId) => known.has(eventId)).every((eventId, place) => eventId === expected[place]);
	if (!isInOrder && !bookOf(books, index).wasRestored)
		throw new Error(`I4: T${index + 1} keeps its entries in another order than they were recorded in`);
	const statuses = new Map(entries.map(({ eventId, status }) => [String(eventId), status]));
	const unvoided = kept.find(({ event, isVoided }) => isVoided && !['voided', 'applied'].includes(statuses.get(event.eventId) ?? ''));
	if (unvoided !== undefined)
		throw new Error(`I3: ${unvoided.event.eventId} was taken back and is ${statuses.get(unvoided.event.eventId)}`);
	if (returned.length > 0) noteReturned(books, index, found);
}

/** Oldest first. */
export async function listAll(outbox: Outbox): Promise<readonly Entry[]> {
	return (await outbox.list({ limit: 500 })).toReversed();
}
