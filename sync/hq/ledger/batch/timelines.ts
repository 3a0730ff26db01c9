import type { Queryable } from '../../storage/database.ts';
import { tierAtMs } from '../decide/decide-points.ts';
import type { MemberState } from '../decide/member-state.ts';
import type { SaleState, TierEvent, Timeline } from '../decide/sale-state.ts';
import { saleKeyOf } from './incoming.ts';
import type { Incoming } from './incoming.ts';
import { SALE_FIELDS } from './read-stored.ts';
import { resolveMember } from './world.ts';
import type { World } from './world.ts';

/** Sales and refunds read for one push. What would need more is booked as if it had happened when it arrived. */
const TIMELINE_EVENTS_MAX = 20_000;

// LATERAL with OFFSET 0 (which the planner does not look through) leaves one way only: member by member through event_by_member. Free to
// choose, and without statistics of a young table, it read all events once per member, while other pushes waited for these members.
const READ_TIMELINES = `
SELECT coalesce(json_agg(line), '[]') AS lines FROM (
	SELECT asked.member_id AS "memberId", booked.event_id AS "eventId", booked.effective_at AS "atMs", sale_refund.refund_minor AS "refundMinor",
		(SELECT row_to_json(found) FROM (SELECT ${SALE_FIELDS}) AS found) AS sale
	FROM jsonb_to_recordset($1::jsonb) AS asked (member_id text, since bigint)
	CROSS JOIN LATERAL (
		SELECT event.event_id, event.effective_at, event.payload->>'transaction_id' AS transaction_id FROM event
		WHERE event.applied_to = asked.member_id AND event.recorded_at >= asked.since AND event.effective_at >= asked.since
			AND event.status = 'applied' AND event.action IN ('checkout', 'refund', 'partial_refund')
		OFFSET 0
	) AS booked
	JOIN sale ON sale.transaction_id = booked.transaction_id
	LEFT JOIN sale_refund ON sale_refund.event_id = booked.event_id
	LIMIT $2
) AS line`;

type TimelineLine = TierEvent & { readonly memberId: string; readonly sale: SaleState };

/** Loads the timelines of members with an item that is not later than everything that was booked for them. The members are locked. */
export async function readTimelines(tx: Queryable, world: World, items: readonly Incoming[]): Promise<void> {
	const asked = findOutOfOrder(world, items);
	if (asked.size === 0) return;
	const since = [...asked].map(([memberId, sinceMs]) => ({ member_id: memberId, since: sinceMs }));
	const [row] = await tx.query<{ lines: TimelineLine[] }>(READ_TIMELINES, [JSON.stringify(since), TIMELINE_EVENTS_MAX + 1]);
	const lines = row?.lines ?? [];
	if (lines.length > TIMELINE_EVENTS_MAX) return;
	for (const memberId of asked.keys()) world.timelines.set(memberId, []);
	for (const { memberId, sale, eventId, atMs, refundMinor } of lines) {
		world.timelines.get(memberId)?.push({ eventId, atMs, transactionId: sale.transactionId, refundMinor });
		world.sales.set(sale.transactionId, sale);
	}
}

/** Members with such items, and from when on their timelines are needed. Looks at members as they were loaded: a few too many do no harm. */
function findOutOfOrder(world: World, items: readonly Incoming[]): Map<string, number> {
	const newest = new Map<string, number>();
	const since = new Map<string, number>();
	for (const item of items) {
		if (!item.body.ok || saleKeyOf(item.body.event) === null) continue;
		const { event, named } = item.body;
		const member = resolveMember(world, named === null ? event.customer : (world.cards.get(named)?.memberId ?? ''));
		if (member === null) continue;
		const atMs = tierAtMs({ effectiveAtMs: item.effectiveAtMs, nowMs: world.nowMs }, member);
		const newestMs = newest.get(member.id) ?? member.tierLastAtMs ?? -1;
		if (atMs <= newestMs) since.set(member.id, Math.min(since.get(member.id) ?? atMs, atMs));
		newest.set(member.id, Math.max(newestMs, atMs));
	}
	return since;
}

/** The timeline into which an event of `member` is to be put; `null` when it is later than everything there is. */
export function timelineOf(
	world: World,
	member: MemberState,
	{ effectiveAtMs, sale }: { readonly effectiveAtMs: number; readonly sale: SaleState | null },
): Timeline | null {
	const events = world.timelines.get(member.id);
	const atMs = tierAtMs({ effectiveAtMs, nowMs: world.nowMs }, member);
	if (events === undefined || member.tierLastAtMs === null || atMs > member.tierLastAtMs) return null;
	const sales = new Map(sale === null ? [] : [[sale.transactionId, sale]]);
	for (const { transactionId } of events) {
		const known = world.sales.get(transactionId);
		if (known !== undefined) sales.set(transactionId, known);
	}
	return { events, sales };
}

type Happened = Omit<TierEvent, 'atMs'> & { readonly effectiveAtMs: number };

/** Adds what this batch booked, for the later items of the same member. A member that the batch made has no other events. */
export function noteTierEvent(world: World, memberId: string, { effectiveAtMs, ...event }: Happened): void {
	const member = world.members.get(memberId);
	if (member === undefined) return;
	const events = world.timelines.get(memberId) ?? (world.added.has(memberId) ? [] : null);
	if (events === null) return;
	events.push({ ...event, atMs: tierAtMs({ effectiveAtMs, nowMs: world.nowMs }, member) });
	world.timelines.set(memberId, events);
}
