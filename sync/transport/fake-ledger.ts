/** The bookkeeping of the headquarters in memory: events by id, balances, outcomes, feed. It keeps the rules of sync.md 1.3. */
import { CursorSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import type { Cursor, EventId, MemberId } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import type { EventResult } from '#shared/wire/push.ts';

export type LedgerMember = {
	readonly id: MemberId;
	readonly ver: number;
	readonly points: number;
	readonly seq: number;
	readonly isOptedOut?: boolean;
};
type StoredOutcome = EventResult & { readonly event_id: EventId; readonly result_no: number };

export type Ledger = {
	readonly epoch: number;
	readonly members: Map<MemberId, LedgerMember>;
	readonly outcomes: Map<EventId, StoredOutcome>;
	/** Which event has which place in its terminal's order: `incarnation/seq`. */
	readonly places: Map<string, EventId>;
	/** Event ids in the order in which they were applied. */
	readonly applied: EventId[];
	lastSeq: number;
};

export function createLedger(epoch: number): Ledger {
	return { epoch, members: new Map(), outcomes: new Map(), places: new Map(), applied: [], lastSeq: 0 };
}

/** A copy as a backup keeps it; restored it has another epoch. */
export function copyLedger(ledger: Ledger, epoch: number): Ledger {
	return {
		epoch,
		members: new Map(ledger.members),
		outcomes: new Map(ledger.outcomes),
		places: new Map(ledger.places),
		applied: [...ledger.applied],
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
	const memberId = MemberIdSchema.parse(event.customer);
	const member = ledger.members.get(memberId);
	if (member === undefined && event.action !== 'opt_in' && event.force_stub !== true) {
		return {
			event_id: eventId,
			status: 'deferred',
			error: { type: 'dependency', code: WIRE_CODES.dependencyMissing, message: 'no such member' },
		};
	}
	ledger.places.set(place, eventId);
	const result = carryOut(ledger, event, member ?? { id: memberId, ver: 0, points: 0 });
	ledger.outcomes.set(eventId, { ...result, event_id: eventId, result_no: ledger.outcomes.size + 1 });
	if (result.status === 'applied') ledger.applied.push(eventId);
	return { ...result, event_id: eventId };
}

function carryOut(ledger: Ledger, event: WireEvent, member: Omit<LedgerMember, 'seq'>): EventResult {
	const points = pointsOf(event);
	if (points === null) return { status: 'rejected', error: { type: 'refused', code: WIRE_CODES.propertyInvalid, message: 'not this' } };
	const ver = member.ver + 1;
	put(ledger, { id: member.id, ver, points: member.points + points, isOptedOut: event.action === 'opt_out' });
	return { status: 'applied', applied_to: member.id, applied_ver: ver, points };
}

/** Outcomes after `after`, in the order in which they were stored. */
export function outcomesAfter(ledger: Ledger, after: number, limit: number): readonly StoredOutcome[] {
	return [...ledger.outcomes.values()].filter((outcome) => outcome.result_no > after).slice(0, limit);
}

/** Members that changed after `seq`, each once at its latest place. */
export function changesAfter(ledger: Ledger, seq: number): readonly LedgerMember[] {
	return [...ledger.members.values()].filter((member) => member.seq > seq).toSorted((a, b) => a.seq - b.seq);
}

export function toCursor(epoch: number, seq: number): Cursor {
	return CursorSchema.parse(`e${epoch}:${seq}`);
}

/** The place in the feed, or `null` when it is of another epoch or ahead of this ledger. */
export function readCursor(ledger: Ledger, cursor: Cursor): number | null {
	const [epoch, seq] = cursor.slice(1).split(':').map(Number);
	return epoch === ledger.epoch && seq !== undefined && seq <= ledger.lastSeq ? seq : null;
}

export function toRow({ id, ver, points, seq, isOptedOut = false }: LedgerMember): MemberRow {
	if (isOptedOut) return [id, ver, 'opted_out', null, null, null, null, null, null, 0, 'basic', 0, 0, null, null, [], {}, 0, seq];
	return [id, ver, 'active', null, null, 'Ann', 'Example', null, null, points, 'basic', 0, 0, null, null, [], {}, 0, seq];
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
