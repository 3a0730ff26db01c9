/**
 * The link between an entry that headquarters refused and the one that a manager recorded in its place. The newer names the older twice: in
 * its event (`data.corrects`, which headquarters keeps as evidence) and in its request id, which is unique: no entry is corrected twice at
 * once, whatever is repeated. A correction that was taken back makes room for the next `turn`.
 */
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import type { WireEvent } from '#shared/wire/event.ts';

/** Corrections of one entry that were taken back, and the one that stands. */
export const CORRECTIONS_MAX = 20;

/** The request id of the correction of `corrected`; `turn` counts from 1. */
export function correctionRequestId(corrected: EventId, turn: number): string {
	return `corrects ${corrected} ${turn}`;
}

/** The entry in whose place `event` was recorded, or `null`. */
export function correctedOf(event: WireEvent): EventId | null {
	return EventIdSchema.safeParse('corrects' in event.data ? event.data['corrects'] : null).data ?? null;
}
