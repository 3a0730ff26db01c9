/** The bookkeeping of the headquarters in memory: events by id, balances, outcomes, feed. It keeps the rules of sync.md 1.3. */
import { MemberIdSchema } from '#shared/domain/ids.ts';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import type { OwnEventsResponse } from '#shared/wire/own-events.ts';
import type { EventResult } from '#shared/wire/push.ts';

export type LedgerMember = {
	readonly id: MemberId;
	readonly ver: number;
	readonly points: number;
	readonly seq: number;
	readonly isOptedOut?: boolean;
	/** Of a member who was merged into another: whom, and the winner's version with the points. */
	readonly merge?: { readonly into: MemberId; readonly ver: number };
};
/** `recorded_at`: as soon as it had happened, as far as this ledger cares. */
type StoredOutcome = EventResult & { readonly event_id: EventId; readonly result_no: number; readonly recorded_at: number };

export type Ledger = {
	readonly epoch: number;
	readonly members: Map<MemberId, LedgerMember>;
	readonly outcomes: Map<EventId, StoredOutcome>;
	/** Which event has which place in its terminal's order: `incarnation/seq`. */
	readonly places: Map<string, EventId>;
	/** What was stored of each event, for a terminal that lost it. */
	readonly sent: Map<EventId, WireEvent>;
	/** Event ids in the order in which they were applied. */
	readonly applied: EventId[];
	/** Who has left and is told to nobody any more, and up to which number such are gone, by shard. */
	readonly purged: Set<MemberId>;
	readonly horizons: Map<number, number>;
	lastSeq: number;
};

export function createLedger(epoch: number): Ledger {
	return {
		epoch,
		members: new Map(),
		outcomes: new Map(),
		places: new Map(),
		sent: new Map(),
		applied: [],
		purged: new Set(),
		horizons: new Map(),
		lastSeq: 0,
	};
}

/** A copy as a backup keeps it; restored it has another epoch. */
export function copyLedger(ledger: Ledger, epoch: number): Ledger {
	return {
		epoch,
		members: new Map(ledger.members),
		outcomes: new Map(ledger.outcomes),
		places: new Map(ledger.places),
		sent: new Map(ledger.sent),
		applied: [...ledger.applied],
		purged: new Set(ledger.purged),
		horizons: new Map(ledger.horizons),
		lastSeq: ledger.lastSeq,
	};
}

/** Opens a member with `points`; one that is there stays as it is. */
export function openMember(ledger: Ledger, id: string, points: number): MemberId {
	const memberId = MemberIdSchema.parse(id);
	if (!ledger.members.has(memberId)) put(ledger, { id: memberId, ver: 1, points });
	return memberId;
}

/** Applies one event, once: effect, outcome and place in one step. A repeat gets the stored outcome. */
export function applyEvent(ledger: Ledger, event: WireEvent, incarnation: string): EventResult {
	const eventId = must(event.event_id, 'the id of a terminal’s event');
	const stored = ledger.outcomes.get(eventId);
	if (stored !== undefined) return { ...stored, status: stored.status === 'applied' ? 'duplicate' : stored.status };
	const place = `${incarnation}/${event.seq ?? 0}`;
	if (ledger.places.has(place)) return { event_id: eventId, status: 'fork' };
	const memberId = winnerOf(ledger, MemberIdSchema.parse(event.customer));
	const member = ledger.members.get(memberId);
	if (member === undefined && event.action !== 'opt_in' && event.force_stub !== true) {
		return {
			event_id: eventId,
			status: 'deferred',
			error: { type: 'dependency', code: WIRE_CODES.dependencyMissing, message: 'no such member' },
		};
	}
	ledger.places.set(place, eventId);
	ledger.sent.set(eventId, event);
	const result = carryOut(ledger, event, member ?? { id: memberId, ver: 0, points: 0 });
	ledger.outcomes.set(eventId, { ...result, event_id: eventId, result_no: ledger.outcomes.size + 1, recorded_at: event.occurred_at ?? 0 });
	if (result.status === 'applied') ledger.applied.push(eventId);
	return { ...result, event_id: eventId };
}

function winnerOf({ members }: Ledger, id: MemberId): MemberId {
	return members.get(id)?.merge?.into ?? id;
}

function carryOut(ledger: Ledger, event: WireEvent, member: Omit<LedgerMember, 'seq'>): EventResult {
	const points = pointsOf(event);
	if (points === null) return { status: 'rejected', error: { type: 'refused', code: WIRE_CODES.propertyInvalid, message: 'not this' } };
	const ver = member.ver + 1;
	put(ledger, { id: member.id, ver, points: member.points + points, isOptedOut: event.action === 'opt_out' });
	return { status: 'applied', applied_to: member.id, applied_ver: ver, points };
}

/** Makes one member of two. Chains stay one step long; the winner's row is the first in the feed, or the last. */
export function mergeMembers(ledger: Ledger, [loser, winner]: readonly [MemberId, MemberId], isWinnerFirst: boolean): void {
	const [from, to] = [must(ledger.members.get(loser), 'the loser'), must(ledger.members.get(winner), 'the winner')];
	const merge = { into: winner, ver: to.ver + 1 };
	const aliases = [...ledger.members.values()].filter((member) => member.id === loser || member.merge?.into === loser);
	const joined = { ...to, ver: merge.ver, points: to.points + from.points };
	if (isWinnerFirst) put(ledger, joined);
	for (const { id, ver } of aliases) put(ledger, { id, ver: ver + 1, points: 0, merge });
	if (!isWinnerFirst) put(ledger, joined);
}

/** Outcomes after `after`, in the order in which they were stored. */
export function outcomesAfter(ledger: Ledger, after: number, limit: number): readonly StoredOutcome[] {
	return [...ledger.outcomes.values()].filter((outcome) => outcome.result_no > after).slice(0, limit);
}

/** Whoever has left until now is out of the feed, as after half a year. */
export function purgeTombstones(ledger: Ledger): void {
	for (const member of ledger.members.values()) {
		if (member.isOptedOut !== true || ledger.purged.has(member.id)) continue;
		ledger.purged.add(member.id);
		const shard = shardOf(member.id, SHARD_COUNT);
		ledger.horizons.set(shard, Math.max(member.seq, ledger.horizons.get(shard) ?? 0));
	}
}

export function toRow({ id, ver, points, seq, isOptedOut = false, merge }: LedgerMember): MemberRow {
	const shard = shardOf(id, SHARD_COUNT);
	if (merge !== undefined)
		return [id, ver, 'merged', null, null, null, null, null, null, 0, 'basic', 0, 0, merge.into, merge.ver, [], {}, shard, seq];
	if (isOptedOut) return [id, ver, 'opted_out', null, null, null, null, null, null, 0, 'basic', 0, 0, null, null, [], {}, shard, seq];
	return [id, ver, 'active', null, null, 'Ann', 'Example', null, null, points, 'basic', 0, 0, null, null, [], {}, shard, seq];
}

function put(ledger: Ledger, member: Omit<LedgerMember, 'seq'>): void {
	ledger.lastSeq += 1;
	ledger.members.set(member.id, { ...member, seq: ledger.lastSeq });
}

/** What an event changes; `null` for one that is refused: a reason `refuse me` is this ledger's poison. */
function pointsOf(event: WireEvent): number | null {
	if (event.action === 'point_add') return event.data.reason === 'refuse me' ? null : event.data.points;
	if (event.action === 'point_sub') return -event.data.points;
	return 0;
}

/** Events with outcomes after `after`, as a terminal gets them back. Of the rejected there is the outcome alone. */
export function ownEventsAfter(ledger: Ledger, after: number, limit: number): OwnEventsResponse {
	const page = outcomesAfter(ledger, after, limit);
	const events = page.flatMap((outcome) => {
		const event = ledger.sent.get(outcome.event_id);
		return event === undefined || outcome.status !== 'applied'
			? []
			: [{ event, outcome, effective_at: event.occurred_at ?? 0, recorded_at: outcome.recorded_at }];
	});
	const next = page.at(-1)?.result_no ?? after;
	return { hq_epoch: ledger.epoch, events, next, has_more: next < ledger.outcomes.size };
}

/** The highest place that is taken in the order of `incarnation`. */
export function knownMaxSeq(ledger: Ledger, incarnation: string): number {
	const seqs = [...ledger.places.keys()].filter((place) => place.startsWith(`${incarnation}/`)).map((place) => Number(place.split('/')[1]));
	return Math.max(0, ...seqs);
}
