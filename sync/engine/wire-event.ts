import type { Clock } from '#shared/lib/clock.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { Entry } from '../outbox/entry.ts';

/**
 * An entry as it is sent now. Id, order and content are those of every earlier attempt; the evidence of its time (`age_ms`, the true age
 * whatever the wall clock did since, known within the boot of the recording only; else the skew that was known then) belongs to the attempt,
 * like the outbox's `force_stub`: headquarters leaves them out of the content that it compares.
 */
export function toWireEvent(entry: Entry, clock: Clock): WireEvent {
	const isSameBoot = entry.bootId === clock.bootId;
	return {
		...entry.event,
		event_id: entry.eventId,
		seq: entry.seq,
		occurred_at: entry.occurredAtMs,
		// 0 is what an outbox says that has never measured it.
		...(entry.skewMs === 0 ? {} : { skew_ms: Math.round(entry.skewMs) }),
		boot_id: entry.bootId,
		...(isSameBoot ? { age_ms: Math.max(0, Math.round(clock.monotonicMs() - entry.monotonicMs)) } : {}),
	};
}
