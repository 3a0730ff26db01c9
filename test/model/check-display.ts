/**
 * I7: what the member screen of a terminal shows is headquarters' balance at the version of the replica's row, and own events that are not
 * in that version. What is in which version is asked of headquarters' own tables; the terminal is asked only what it was told of refusals.
 */
import { findById, idOf } from '#main/terminal/member/known-member.ts';
import type { KnownMember } from '#main/terminal/member/known-member.ts';
import { memberCard } from '#main/terminal/member/member-card.ts';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { Replica, ReplicaMember } from '#sync/replica/replica.ts';
import { bookOf, groupOf } from './books.ts';
import type { Books, Recorded } from './books.ts';
import { contextOf } from './world.ts';
import type { Facts, World } from './world.ts';

type Looked = {
	readonly books: Books;
	readonly world: World;
	readonly index: number;
	readonly facts: Facts;
	readonly versions: ReadonlyMap<string, ReplicaMember>;
};

export async function checkDisplay(books: Books, world: World, index: number): Promise<void> {
	const terminal = world.terminal(index);
	const context = contextOf(terminal);
	const { replica } = terminal.life();
	const { phase, hqEpoch } = replica.state();
	const facts = world.facts.get(hqEpoch) ?? { events: new Map(), members: [] };
	const rows = await readRows(replica, facts);
	const looked = { books, world, index, facts, versions: rows };
	const shaky = shakyGroups(looked);
	for (const id of new Set([...rows.keys(), ...books.people.map((person) => person.id)])) {
		if (shaky.has(books.bonds.groupOf(id))) continue;
		const known = await findById(context, MemberIdSchema.parse(id));
		if (known === null) continue;
		const card = await memberCard(context, known);
		const confirmed = known.from === 'enrolment' ? 0 : balanceAt(world, hqEpoch, known.member);
		const waiting = await ownWaiting(looked, replica, known);
		const sum = waiting.reduce((points, event) => points + event.points, 0);
		if (card.points !== confirmed || card.pendingPoints !== sum) {
			const list = waiting.map(({ eventId, kind, points }) => `${kind} ${points} ${eventId}`).join('; ');
			throw new Error(
				`I7: ${terminal.name} (${phase}) shows ${card.points} + ${card.pendingPoints} of ${id} (as ${idOf(known)}, ${known.from}), not ${confirmed} + ${sum}: ${list}`,
			);
		}
	}
}

async function readRows(replica: Replica, { members }: Facts): Promise<ReadonlyMap<string, ReplicaMember>> {
	const rows = new Map<string, ReplicaMember>();
	for (const { id } of members) {
		const row = await replica.findById(MemberIdSchema.parse(id));
		if (row !== null) rows.set(id, row);
	}
	return rows;
}

function balanceAt({ hq }: World, epoch: number, { id, ver }: ReplicaMember): number {
	return must(hq.balances.get(epoch)?.get(id)?.get(ver), `headquarters never had ${id} at version ${ver} in epoch ${epoch}`);
}

/**
 * The exception of the rule: somebody became another member's alias, or a card's points were put on a stub, and this terminal has not heard of
 * all of it yet. From then on it is checked again.
 */
function shakyGroups({ books, facts, versions }: Looked): ReadonlySet<string> {
	const groups = new Map<string, { hasAliases: boolean; isCurrent: boolean }>();
	for (const { id, ver, status, card } of facts.members) {
		const group = books.bonds.groupOf(books.people.some((person) => person.id === id) ? id : (card ?? id));
		const known = groups.get(group) ?? { hasAliases: false, isCurrent: true };
		known.hasAliases ||= status === 'merged' || status === 'stub' || status === 'opted_out';
		known.isCurrent &&= versions.get(id)?.ver === ver;
		groups.set(group, known);
	}
	return new Set([...groups].filter(([, { hasAliases, isCurrent }]) => hasAliases && !isCurrent).map(([group]) => group));
}

/** Own events of this member that are neither in the replica's rows nor refused. */
async function ownWaiting(looked: Looked, replica: Replica, known: KnownMember): Promise<readonly Recorded[]> {
	const { books, world, index, versions } = looked;
	const group = groupOfKnown(books, known);
	const { outbox } = world.terminal(index).life();
	const waiting: Recorded[] = [];
	for (const { event } of bookOf(books, index).kept) {
		if (event.points === 0 || groupOf(books, event) !== group || isInRows(looked, event)) continue;
		if ((await ownerOf(replica, versions, { event, known })) !== idOf(known)) continue;
		const entry = await outbox.get(EventIdSchema.parse(event.eventId));
		if (entry?.status !== 'rejected' && entry?.status !== 'voided') waiting.push(event);
	}
	return waiting;
}

/** A stub that headquarters made for a card has an id that the books do not know. */
function groupOfKnown({ people, bonds }: Books, known: KnownMember): string {
	const id = idOf(known);
	const isOnBooks = known.from === 'enrolment' || people.some((person) => person.id === id);
	return bonds.groupOf(isOnBooks ? id : (known.member.card ?? id));
}

function isInRows({ facts, versions }: Looked, { eventId }: Recorded): boolean {
	const fact = facts.events.get(eventId);
	if (fact?.status !== 'applied' || fact.appliedTo === null || fact.appliedVer === null) return false;
	return (versions.get(fact.appliedTo)?.ver ?? 0) >= fact.appliedVer;
}

type Owned = { readonly event: Recorded; readonly known: KnownMember };

/** Who the owner of an event is as far as this terminal can know. */
async function ownerOf(replica: Replica, versions: ReadonlyMap<string, ReplicaMember>, { event, known }: Owned): Promise<string | null> {
	const first = await rowOf(replica, versions, event);
	const isStubOfOurs = first?.status === 'stub' && known.from === 'enrolment';
	if (first === null || isStubOfOurs) return event.memberId ?? enrolledWith(known, event);
	let row: ReplicaMember | undefined = first;
	while (row?.status === 'merged') row = row.mergedInto === null ? undefined : versions.get(row.mergedInto);
	return row?.id ?? null;
}

async function rowOf(
	replica: Replica,
	versions: ReadonlyMap<string, ReplicaMember>,
	{ memberId, card }: Recorded,
): Promise<ReplicaMember | null> {
	if (memberId !== null) return versions.get(memberId) ?? null;
	return replica.findByBarcode(LoyaltyBarcodeSchema.parse(must(card, 'a card')));
}

function enrolledWith(known: KnownMember, { card }: Recorded): string | null {
	return known.from === 'enrolment' && known.enrolment.barcode === card ? known.enrolment.memberId : null;
}
