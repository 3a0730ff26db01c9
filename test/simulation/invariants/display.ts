/**
 * I7: what the screen of a terminal shows of every member it knows, after every change of its disk. The rule under test decides by what the
 * terminal was told; the check decides by what is true at headquarters: an own event counts as long as it is not in the version that the
 * terminal has.
 */
import { assert } from '#shared/lib/assert.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import type { PendingPoints } from '#sync/outbox/outbox.ts';
import type { ConfirmedBalance, ShownPoints } from '#sync/outbox/pending-points.ts';
import { mergedInto } from '#sync/replica/merged-rows.ts';
import type { ReplicaMember } from '#sync/replica/replica.ts';
import type { Books } from './books.ts';
import type { Report } from './violation.ts';

/** What a terminal has on its disk, as the screen reads it. */
export type Shown = {
	readonly name: string;
	readonly rows: ReadonlyMap<string, ReplicaMember>;
	/** All own events that the display may count. */
	readonly pending: readonly PendingPoints[];
	/** Members of whom a row was damaged. */
	readonly damaged: ReadonlySet<string>;
};

/** The form of `shownPoints`. */
export type DisplayRule = (
	member: ConfirmedBalance | null,
	pending: readonly PendingPoints[],
	versionOf: (memberId: MemberId) => number | null,
) => ShownPoints;

/** `books` are those of the epoch that the replica is of. */
export function checkDisplay(
	{ name, rows, pending, damaged }: Shown,
	{ books, rule }: { readonly books: Books; readonly rule: DisplayRule },
	report: Report,
): void {
	const byOwner = groupByOwner(pending);
	const all = [...rows.values()];
	const hasMerges = all.some(({ status }) => status === 'merged');
	for (const row of all) {
		const member = follow(rows, row);
		if (member === null) continue;
		// Everything that leads to the member stands for it, whichever of them was looked up.
		const ids = [member.id, ...(hasMerges ? mergedInto(all, member.id).map(({ id }) => id) : [])];
		const own = eventsOf(byOwner, [...ids, ...member.barcodes.map(({ value }) => value)]);
		if ([...ids, ...own.flatMap((event) => ownersOf(books, event))].some((id) => damaged.has(id))) continue;
		const shown = rule(member, own, (id) => rows.get(id)?.ver ?? null);
		const expected = own.filter((event) => !isTrulyIn(books, event, rows)).reduce((sum, { points }) => sum + points, 0);
		if (shown.pending === expected) continue;
		const counted = own.map(({ eventId, status, points, appliedVer }) => `${eventId} ${status} ${points} v${appliedVer ?? '-'}`).join('; ');
		report(
			'I7',
			`${name} shows ${member.points} + ${shown.pending} of ${member.id} (version ${member.ver}), not + ${expected}: ${counted}`,
		);
		return;
	}
}

/** Every row is what headquarters had at this version. */
export function checkRows({ name, rows, damaged }: Omit<Shown, 'pending'>, books: Books, report: Report): void {
	for (const { id, ver, points } of rows.values()) {
		const truth = books.balances.get(id)?.get(ver);
		if (truth !== undefined && truth !== points && !damaged.has(id))
			report('I7', `${name} has ${points} points of ${id} at version ${ver}, headquarters had ${truth}`);
	}
}

/** Who has got the event, by what the terminal was told and by what is true: its answer may still be on its way. */
function ownersOf({ events }: Books, { eventId, appliedTo }: PendingPoints): readonly string[] {
	return [appliedTo, events.get(eventId)?.applied_to ?? null].filter((id) => id !== null);
}

function isTrulyIn({ events }: Books, { eventId }: PendingPoints, rows: ReadonlyMap<string, ReplicaMember>): boolean {
	const event = events.get(eventId);
	if (event?.status !== 'applied' || event.applied_to === null) return false;
	const ver = rows.get(event.applied_to)?.ver;
	return ver !== undefined && ver >= (event.applied_ver ?? Number.POSITIVE_INFINITY);
}

const MERGES_MAX = 8;

/** The member that a row leads to, as `main/terminal/member/known-member.ts` finds it; `null` when it is not all here. */
function follow(rows: ReadonlyMap<string, ReplicaMember>, first: ReplicaMember): ReplicaMember | null {
	let member = first;
	for (let merges = 0; member.status === 'merged'; merges += 1) {
		assert(merges < MERGES_MAX, 'merges do not lead in a circle');
		const next = member.mergedInto === null ? undefined : rows.get(member.mergedInto);
		if (next === undefined) return null;
		member = next;
	}
	return member.status === 'opted_out' ? null : member;
}

function groupByOwner(pending: readonly PendingPoints[]): ReadonlyMap<string, readonly PendingPoints[]> {
	const groups = new Map<string, PendingPoints[]>();
	const add = (owner: string | null, event: PendingPoints): void => {
		if (owner === null) return;
		const group = groups.get(owner);
		if (group === undefined) groups.set(owner, [event]);
		else group.push(event);
	};
	for (const event of pending) {
		add(event.memberId, event);
		if (event.appliedTo !== event.memberId) add(event.appliedTo, event);
		if (event.memberId === null) add(event.barcode, event);
	}
	return groups;
}

function eventsOf(groups: ReadonlyMap<string, readonly PendingPoints[]>, owners: readonly string[]): readonly PendingPoints[] {
	return [...new Set(owners.flatMap((owner) => groups.get(owner) ?? []))];
}
