import type { OutboxDisk } from './fake-outbox-rows.ts';

/** In one call, as in one transaction of the real one. */
const RETIRED_MAX = 1000;

/**
 * Deletes what was applied or voided, and happened, before `beforeMs`; how many. The entry of an enrolment that is still shown stays, and the
 * youngest. Here nothing is corrected or closed.
 */
export function retireRows({ rows, enrolled }: OutboxDisk, beforeMs: number): number {
	const shown = new Set(enrolled.values());
	const youngest = Math.max(0, ...[...rows.values()].map(({ position }) => position));
	const retired = [...rows.values()]
		.filter(({ status }) => status === 'applied' || status === 'voided')
		.filter(({ occurredAtMs, outcome }) => occurredAtMs < beforeMs && (outcome?.settledAtMs ?? occurredAtMs) < beforeMs)
		.filter(({ eventId, position }) => !shown.has(eventId) && position !== youngest)
		.toSorted((left, right) => left.occurredAtMs - right.occurredAtMs)
		.slice(0, RETIRED_MAX);
	for (const { eventId } of retired) rows.delete(eventId);
	return retired.length;
}
