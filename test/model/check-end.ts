/** What holds in fair weather, when everything has had its time: I2, I3, I4, I5, I8, I10, and with restores in between I12. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import { bookOf, groupOf, survivors } from './books.ts';
import type { Books, Recorded } from './books.ts';
import { checkRest, listAll } from './check-rest.ts';
import { FAIR } from './line.ts';
import { NOTHING } from './shop-terminal.ts';
import type { ShopTerminal } from './shop-terminal.ts';
import { tally } from './world.ts';
import type { EventFact, Facts, World } from './world.ts';

const DAY_MS = 86_400_000;
/** More than any wait of an entry that headquarters deferred, and a day for the stub on top. */
const ROUNDS_MAX = 8;

/** Contacts until nothing waits any more, with the days in between that deferred entries need; then the checks. */
export async function endInFairWeather(books: Books, world: World): Promise<void> {
	await drain(world);
	await checkRest(books, world);
	const facts = must(world.facts.get(world.hq.epoch()), 'what headquarters knows');
	for (const { status } of facts.members) tally(world, `in the end: a member who is ${status}`);
	for (const { status } of facts.events.values()) tally(world, `in the end: an event that is ${status}`);
	checkArrived(books, world, facts.events);
	await checkBalances(books, world, facts.events);
	for (const [index, terminal] of world.terminals.entries()) {
		if (terminal === null) continue;
		await checkEntries(terminal, facts.events);
		checkOrder(books, index, facts.events);
		await checkReplica(world, terminal);
		await checkForgotten(books, world, terminal);
	}
}

async function drain(world: World): Promise<void> {
	const alive = world.terminals.filter((terminal) => terminal !== null);
	for (let round = 0; round < ROUNDS_MAX; round += 1) {
		for (const terminal of alive) await meet(terminal);
		const waiting = await Promise.all(alive.map(countWaiting));
		if (waiting.every((count) => count === 0)) break;
		for (const [index, terminal] of alive.entries()) if (waiting[index] !== 0) await waitForDue(terminal);
	}
	// Once more, so that everybody has what the others have sent last.
	await world.hq.publishAll();
	for (const terminal of alive) await meet(terminal);
}

async function meet(terminal: ShopTerminal): Promise<void> {
	await terminal.contact(FAIR, NOTHING);
}

/** I8 is judged by this: what waits after all the rounds. */
async function countWaiting(terminal: ShopTerminal): Promise<number> {
	const { pending, sending, deferred, unknown, parked } = await terminal.life().outbox.counts();
	return pending + sending + deferred + unknown + parked;
}

async function waitForDue({ clock, life }: ShopTerminal): Promise<void> {
	const dueAtMs = (await life().outbox.nextAttemptAtMs()) ?? 0;
	clock.advance(Math.max(DAY_MS, dueAtMs - clock.nowMs()) + 1_000);
}

/** I2 and I8: every entry has come to its end, and to the one that headquarters says. */
async function checkEntries({ name, life }: ShopTerminal, events: ReadonlyMap<string, EventFact>): Promise<void> {
	for (const entry of await listAll(life().outbox)) {
		const { eventId, action, status } = entry;
		const story = `${action} ${eventId} of ${name} is ${status}: ${JSON.stringify(entry.outcome)}; headquarters: ${JSON.stringify(events.get(eventId))}`;
		if (!['voided', 'applied', 'rejected'].includes(status)) throw new Error(`I8: ${story}\n${life().complaints.join('\n')}`);
		if (!isAtHeadquarters(entry, events.get(eventId))) throw new Error(`I2: ${story}`);
	}
}

function isAtHeadquarters({ status, outcome }: Entry, fact: EventFact | undefined): boolean {
	if (fact === undefined) return status === 'voided';
	return fact.status === status && fact.appliedTo === (outcome?.appliedTo ?? null) && fact.appliedVer === (outcome?.appliedVer ?? null);
}

/** I3: everything that survived is there once, nothing else is, and what was refused was refused for a reason that there was. */
function checkArrived(books: Books, world: World, events: ReadonlyMap<string, EventFact>): void {
	const { certain, possible } = survivors(books);
	for (const eventId of certain) if (!events.has(eventId)) throw new Error(`I3: ${describe(books, eventId)} is nowhere`);
	for (const eventId of events.keys())
		if (books.ever.has(eventId) && !certain.has(eventId) && !possible.has(eventId))
			throw new Error(`I3: ${describe(books, eventId)} came back from the dead`);
	for (const [eventId, fact] of events) {
		const event = books.ever.get(eventId);
		if (event === undefined || fact.status !== 'rejected') continue;
		if (!isExcused(books, world, { event, code: fact.code })) throw new Error(`I3: ${describe(books, eventId)} was refused: ${fact.code}`);
	}
}

function describe({ ever }: Books, eventId: string): string {
	return JSON.stringify(ever.get(eventId) ?? eventId);
}

type Refusal = { readonly event: Recorded; readonly code: number | null };

const GONE: ReadonlySet<number> = new Set([WIRE_CODES.optedOut, WIRE_CODES.customerNotActive, WIRE_CODES.customerNotFound]);
const OF_REFUNDS: ReadonlySet<number> = new Set([WIRE_CODES.refundAboveTransaction, WIRE_CODES.refundNotAccepted]);

function isExcused(books: Books, world: World, { event, code }: Refusal): boolean {
	if (code === null) return false;
	const hasLeft = leftGroups(books, world).has(groupOf(books, event));
	if (GONE.has(code)) return hasLeft;
	// A restored terminal has forgotten what it gave back already; a sale of somebody who has left was refused itself.
	return OF_REFUNDS.has(code) && event.kind === 'refund' && (hasLeft || bookOf(books, event.terminal).wasRestored);
}

function leftGroups(books: Books, world: World): ReadonlySet<string> {
	const { members } = must(world.facts.get(world.hq.epoch()), 'what headquarters knows');
	return new Set(members.filter(({ status }) => status === 'opted_out').map(({ id }) => books.bonds.groupOf(id)));
}

/** I1 from outside: what the members of a group have together is what the events on the books that were not refused are worth together. */
async function checkBalances(books: Books, world: World, events: ReadonlyMap<string, EventFact>): Promise<void> {
	const left = leftGroups(books, world);
	const expected = sumByGroup(
		[...books.ever.values()]
			.filter(({ eventId }) => events.get(eventId)?.status === 'applied')
			.map((event) => ({ group: groupOf(books, event), points: event.points })),
	);
	const rows = await world.hq.database.query<Holder>('SELECT id, card, points, status FROM member');
	const wrong = rows.find(({ status, points }) => ['merged', 'opted_out'].includes(status) && points !== 0);
	if (wrong !== undefined) throw new Error(`I1: ${wrong.id} is ${wrong.status} and has ${wrong.points} points`);
	// A stub that headquarters made for a card has an id that nobody here has heard of.
	const groupOfRow = ({ id, card }: Holder): string => books.bonds.groupOf(isOnBooks(books, id) || card === null ? id : card);
	const found = sumByGroup(rows.map((row) => ({ group: groupOfRow(row), points: row.points })));
	for (const group of new Set([...expected.keys(), ...found.keys()])) {
		const [worth, held] = [expected.get(group) ?? 0, found.get(group) ?? 0];
		if (worth !== held && !left.has(group))
			throw new Error(`I1: the members around ${group} have ${held} points, their events are worth ${worth}`);
	}
}

type Holder = { readonly id: string; readonly card: string | null; readonly points: number; readonly status: string };

function sumByGroup(parts: readonly { readonly group: string; readonly points: number }[]): ReadonlyMap<string, number> {
	const sums = new Map<string, number>();
	for (const { group, points } of parts) sums.set(group, (sums.get(group) ?? 0) + points);
	return sums;
}

function isOnBooks({ people, ever }: Books, id: string): boolean {
	return people.some((person) => person.id === id) || [...ever.values()].some(({ memberId }) => memberId === id);
}

/** I4: what must not overtake (a change of the profile, an opt-out, a refund of its sale) was applied in the order of recording. */
function checkOrder(books: Books, index: number, events: ReadonlyMap<string, EventFact>): void {
	const { kept } = bookOf(books, index);
	const applied = kept.flatMap(({ event }) => {
		const fact = events.get(event.eventId);
		return fact?.status === 'applied' ? [{ event, fact }] : [];
	});
	for (const [place, later] of applied.entries()) {
		for (const earlier of applied.slice(0, place)) {
			const isOvertaken = earlier.fact.appliedTo === later.fact.appliedTo && (earlier.fact.appliedVer ?? 0) > (later.fact.appliedVer ?? 0);
			if (isOvertaken && mustNotOvertake(later.event, earlier.event))
				throw new Error(`I4: ${describe(books, later.event.eventId)} was applied before ${describe(books, earlier.event.eventId)}`);
		}
	}
}

function mustNotOvertake(later: Recorded, earlier: Recorded): boolean {
	if (later.transactionId !== null && later.transactionId === earlier.transactionId) return true;
	if (later.memberId === null || later.memberId !== earlier.memberId) return false;
	if (later.kind === 'opt_out' || earlier.kind === 'opt_out') return true;
	return later.kind === 'profile' && (earlier.kind === 'profile' || earlier.kind === 'enrolment');
}

type MemberRow = {
	readonly id: string;
	readonly ver: number;
	readonly status: string;
	readonly card: string | null;
	readonly firstName: string | null;
	readonly points: number;
	readonly mergedInto: string | null;
};

/** I5: every row of headquarters is the replica's row, and there are no others. */
async function checkReplica({ hq }: World, { name, life }: ShopTerminal): Promise<void> {
	const { replica } = life();
	const rows = await hq.database.query<MemberRow>(
		'SELECT id, ver, status, card, first_name AS "firstName", points, merged_into AS "mergedInto" FROM member ORDER BY id',
	);
	for (const row of rows) {
		const found = await replica.findById(MemberIdSchema.parse(row.id));
		const { id, ver, status, card, firstName, points, mergedInto } = found ?? {};
		if (!isDeepStrictEqual({ id, ver, status, card, firstName, points, mergedInto }, { ...row }))
			throw new Error(`I5: ${name} has ${JSON.stringify(found)}, headquarters has ${JSON.stringify(row)}`);
	}
	const state = replica.state();
	if (state.phase !== 'ready' || state.hqEpoch !== hq.epoch()) throw new Error(`I5: the replica of ${name} is ${JSON.stringify(state)}`);
	if (state.rows !== rows.length) throw new Error(`I5: ${name} has ${state.rows} members, headquarters has ${rows.length}`);
}

/** I10: of who has left no name is in any file of the terminal, its log and its journal included. */
async function checkForgotten(books: Books, world: World, terminal: ShopTerminal): Promise<void> {
	const words = forgottenWords(books, must(world.facts.get(world.hq.epoch()), 'what headquarters knows'));
	if (words.length === 0) return;
	for (const folder of [terminal.folder(), terminal.journalFolder]) {
		if (folder === null) continue;
		for (const file of await readdir(folder, { recursive: true })) {
			const path = join(folder, file);
			if (!(await stat(path)).isFile()) continue;
			const bytes = await readFile(path);
			const word = words.find((one) => bytes.includes(one));
			if (word !== undefined) throw new Error(`I10: ${terminal.name} still has ${word} in ${file}`);
		}
	}
}

/** Names of who has left, under the id that has left or under one that headquarters took for it when the name arrived. */
function forgottenWords(books: Books, { members, events }: Facts): readonly string[] {
	const gone = new Set<string | null>(members.filter(({ status }) => status === 'opted_out').map(({ id }) => id));
	const recorded = [...books.ever.values()].flatMap(({ eventId, memberId, word }) => {
		const fact = events.get(eventId);
		const appliedTo = fact?.status === 'applied' ? fact.appliedTo : null;
		return word !== null && (gone.has(memberId) || gone.has(appliedTo)) ? [word] : [];
	});
	return [...recorded, ...books.people.filter(({ id }) => gone.has(id)).map(({ word }) => word)];
}
