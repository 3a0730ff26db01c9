import type { EventRow } from '../memory-database/tables.ts';
import type { OutboxRow } from '#sync/outbox/fake-outbox-rows.ts';
import type { Report } from './violation.ts';

const PROFILE_ACTIONS: ReadonlySet<string> = new Set(['opt_in', 'profile']);
const SALE_ACTIONS: ReadonlySet<string> = new Set(['checkout', 'refund', 'partial_refund']);

/** Which machine recorded an event, and as its how many-eth. What came back from headquarters stands elsewhere in the outbox. */
export type RecordedPlace = { readonly machine: string; readonly number: number };

type OrderFacts = {
	readonly rows: ReadonlyMap<string, OutboxRow>;
	readonly recorded: ReadonlyMap<string, RecordedPlace>;
	readonly isFinal: (eventId: string) => boolean;
	/** Whether headquarters refused it in the last epoch in which it had an outcome, which a restore made forgotten. */
	readonly wasRefused: (eventId: string) => boolean;
};

/**
 * I4: `event` became final at headquarters. Nothing that the same terminal recorded later, and that must not overtake it, may have become final
 * before. `rows` are what the terminal has on its disk, `isFinal` says what was final in this epoch before the commit. The order is that of what
 * counts (sync.md 4.2): an event that is refused once more, as it was before a restore, has no place in it. A twin cannot keep to one, for what was
 * refused does not come back from headquarters.
 */
export function checkOrder(event: EventRow, { rows, recorded, isFinal, wasRefused }: OrderFacts, report: Report): void {
	const own = rows.get(event.event_id);
	const place = recorded.get(event.event_id);
	if (own === undefined || place === undefined) return;
	if (event.status === 'rejected' && wasRefused(event.event_id)) return;
	for (const later of rows.values()) {
		const laterPlace = recorded.get(later.eventId);
		const isLater = laterPlace?.machine === place.machine && laterPlace.number > place.number;
		if (isLater && mustNotOvertake(later, own) && isFinal(later.eventId))
			report('I4', `${later.action} ${later.eventId} became final before ${own.action} ${own.eventId}, which was recorded before it`);
	}
}

/** Earning and enrolling overtake freely; the rest as in sync.md 1.4. */
export function mustNotOvertake(later: OutboxRow, earlier: OutboxRow): boolean {
	if (isOfOneSale(later, earlier)) return true;
	if (later.memberId === null || later.memberId !== earlier.memberId) return false;
	if (earlier.action === 'opt_out' || later.action === 'opt_out') return true;
	return later.action === 'profile' && PROFILE_ACTIONS.has(earlier.action);
}

function isOfOneSale(later: OutboxRow, earlier: OutboxRow): boolean {
	if (!SALE_ACTIONS.has(later.action) || !SALE_ACTIONS.has(earlier.action)) return false;
	const transaction = transactionOf(later);
	return transaction !== null && transaction === transactionOf(earlier);
}

function transactionOf({ event }: OutboxRow): string | null {
	return event.action === 'checkout' || event.action === 'refund' || event.action === 'partial_refund' ? event.data.transaction_id : null;
}
