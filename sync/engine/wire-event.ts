import type { Clock } from '#shared/lib/clock.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { Entry } from '../outbox/entry.ts';

/**
 * An entry as it is sent now. Id, order and content are those of every earlier attempt; `age_ms` (the true age, independent of any
 * change of the wall clock since, known within the boot of the recording only) belongs to the attempt, like the outbox's `force_stub`:
 * headquarters leaves both out of the content that it compares.
 */
export function toWireEvent(entry: Entry, clock: Clock): WireEvent {
	const isSameBoot = entry.bootId === clock.bootId;
	return {
		...entry.event,
		event_id: entry.eventId,
		seq: entry.seq,
		occurred_at: entry.occurredAtMs,
		...(isSameBoot ? { age_ms: Math.max(0, Math.round(clock.monotonicMs() - entry.monotonicMs)) } : {}),
	};
}
