import { assert, must } from '#shared/lib/assert.ts';
import type { Programme } from '#shared/domain/programme.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';
import type { CardEntry, LedgerEntry } from '../decide/decision.ts';
import type { MemberState } from '../decide/member-state.ts';
import type { SaleState, TierEvent } from '../decide/sale-state.ts';

/** The outcome of an event as it is stored. */
export type StoredOutcome = {
	readonly eventId: string;
	readonly contentHash: string;
	/** Its personal data is gone, so that its content can no longer be compared. */
	readonly isScrubbed: boolean;
	readonly status: 'applied' | 'rejected';
	readonly error: WireError | null;
	readonly action: string | null;
	readonly points: number;
	readonly appliedTo: string | null;
	readonly appliedVer: number | null;
};

/** An outcome that this batch adds, with all that is kept of its event. */
export type FreshEvent = StoredOutcome & {
	readonly seq: number | null;
	readonly originMember: string | null;
	/** The card by which the sender named the member, as it wrote it. */
	readonly namedAs: string | null;
	readonly payload: Readonly<Record<string, unknown>> | null;
	readonly occurredAtMs: number | null;
	readonly effectiveAtMs: number;
	/** It happened longer ago than the programme looks back. */
	readonly isLate: boolean;
	readonly entries: readonly LedgerEntry[];
	/** Headquarters' own: no terminal asks for its outcome. */
	readonly isOurs: boolean;
	readonly refund: { readonly transactionId: string; readonly refundMinor: number } | null;
};

/**
 * Owns what one batch knows and changes: loaded from locked rows, changed in memory item by item so that a later item sees what an
 * earlier one did, written back as a whole. Lives for one transaction; nothing of it survives a rollback.
 */
export type World = {
	readonly programme: Programme;
	readonly nowMs: number;
	readonly members: Map<string, MemberState>;
	/** As they were when they were locked. */
	readonly loaded: Map<string, MemberState>;
	/** Members that are not in the database yet, and those that are and have changed. */
	readonly added: Set<string>;
	readonly changed: Set<string>;
	/** Members of whom only what a sale needs was loaded (nothing else of them may be changed), and where in the table their row is. */
	readonly partial: Map<string, string>;
	readonly cards: Map<string, CardEntry>;
	/** Cards that the index has. */
	readonly knownCards: Set<string>;
	readonly changedCards: Map<string, CardEntry>;
	readonly releasedCards: Map<string, string>;
	readonly forgottenCards: Map<string, number>;
	readonly sales: Map<string, SaleState>;
	readonly addedSales: Set<string>;
	readonly changedSales: Set<string>;
	/** By member: sales and refunds since the earliest that is out of order. Only members with such an event, and new ones, have one. */
	readonly timelines: Map<string, TierEvent[]>;
	readonly stored: Map<string, StoredOutcome>;
	/** Taken places of the sender's incarnation. */
	readonly seqs: Map<number, string>;
	readonly fresh: FreshEvent[];
	/** Members whose events lose their personal data. */
	readonly scrubbed: Set<string>;
};

/** A world that knows nothing. */
export function emptyWorld(programme: Programme, nowMs: number): World {
	return {
		programme,
		nowMs,
		members: new Map(),
		loaded: new Map(),
		added: new Set(),
		changed: new Set(),
		partial: new Map(),
		cards: new Map(),
		knownCards: new Set(),
		changedCards: new Map(),
		releasedCards: new Map(),
		forgottenCards: new Map(),
		sales: new Map(),
		addedSales: new Set(),
		changedSales: new Set(),
		timelines: new Map(),
		stored: new Map(),
		seqs: new Map(),
		fresh: [],
		scrubbed: new Set(),
	};
}

/** Aliases lead to aliases only after a merge of merged members. */
const ALIAS_STEPS_MAX = 16;

/** The member that stands for `id` now, or `null` when there is none. */
export function resolveMember(world: World, id: string): MemberState | null {
	let member = world.members.get(id);
	for (let step = 0; step < ALIAS_STEPS_MAX && member !== undefined && member.aliasOf !== null; step += 1)
		member = world.members.get(member.aliasOf);
	assert(member === undefined || member.aliasOf === null, 'aliases end at a member that was loaded');
	return member ?? null;
}

/** The codes by which member `id` is known. */
export function cardsOf(world: World, id: string): CardEntry[] {
	return [...world.cards.values()].filter((entry) => entry.memberId === id);
}

/**
 * Puts a changed member in its place. The version goes up once per batch, with the first change; a change that changes nothing
 * leaves it alone, so that an idle repetition causes no traffic in the feed.
 */
export function putMember(world: World, after: MemberState): void {
	const before = world.members.get(after.id);
	if (before !== undefined && isSame(before, after)) return;
	world.members.set(after.id, {
		...after,
		ver: noteChange(world, after.id, before?.ver ?? 0),
		updatedAtMs: world.nowMs,
		mergedVer: after.mergedVer ?? winnerVerOf(world, after),
	});
}

/** Raises a member's version although nothing of it may have changed. */
export function touchMember(world: World, id: string): void {
	const member = must(world.members.get(id), 'a member that is loaded');
	world.members.set(id, { ...member, ver: noteChange(world, id, member.ver), updatedAtMs: world.nowMs });
}

/** The version of a member after a change of it. */
function noteChange(world: World, id: string, ver: number): number {
	if (world.added.has(id) || world.changed.has(id)) return ver;
	if (ver === 0) world.added.add(id);
	else world.changed.add(id);
	return ver + 1;
}

function winnerVerOf(world: World, { mergedInto }: MemberState): number | null {
	return mergedInto === null ? null : (world.members.get(mergedInto)?.ver ?? null);
}

function isSame(before: MemberState, after: MemberState): boolean {
	return before === after || (before.points === after.points && JSON.stringify(before) === JSON.stringify(after));
}
