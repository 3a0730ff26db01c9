import { z } from 'zod';
import { EventIdSchema, IncarnationSchema, MemberIdSchema, TerminalIdSchema } from '../domain/ids.ts';
import { WireErrorSchema } from './error-envelope.ts';
import { PUSH_EVENTS_MAX } from './limits.ts';

/**
 * `POST /events/bulk`, request. Only the request's own shape is judged here: each item is parsed on its own with
 * `WireEventSchema` and answered at its index, so that one bad item never costs the others.
 * `terminal`, `incarnation`, `sent_at` and `hq_epoch` come from terminals; a plain Antavo body has `events` alone.
 */
export const PushRequestSchema = z.object({
	terminal: TerminalIdSchema.optional(),
	incarnation: IncarnationSchema.optional(),
	/** Unix milliseconds by the sender's clock. */
	sent_at: z.int().optional(),
	/**
	 * The epoch of headquarters that the sender knows. A headquarters of another one takes nothing (410, `resyncNeeded`): it may have forgotten
	 * events that must come before these.
	 */
	hq_epoch: z.int().min(1).optional(),
	events: z.array(z.unknown()).min(1).max(PUSH_EVENTS_MAX),
});
export type PushRequest = z.infer<typeof PushRequestSchema>;

/**
 * What became of one event.
 * `applied` stored and in the balance · `duplicate` was applied before (the stored outcome) · `rejected` stored, final, with `error` ·
 * `deferred` nothing stored, send again later · `fork` its place in the order is taken by another event; take a new incarnation and send again ·
 * `mismatch` its id is taken by other content; nothing stored.
 */
export const OutcomeStatusSchema = z.enum(['applied', 'duplicate', 'rejected', 'deferred', 'fork', 'mismatch']);
export type OutcomeStatus = z.infer<typeof OutcomeStatusSchema>;

/** Answer to one event. `events` lists what changed the balance, as Antavo answers it. */
export const EventResultSchema = z.object({
	event_id: EventIdSchema.optional(),
	status: OutcomeStatusSchema,
	error: WireErrorSchema.optional(),
	events: z.array(z.object({ id: z.string(), action: z.string(), points: z.int() })).optional(),
	/** The member that holds the effect now (after aliases), and its version with the effect in it. */
	applied_to: MemberIdSchema.optional(),
	applied_ver: z.int().min(1).optional(),
	/** Points that the event changed: positive or negative. */
	points: z.int().optional(),
});
export type EventResult = z.infer<typeof EventResultSchema>;

/** `POST /events/bulk`, answer: HTTP 200 whatever the items' outcomes; `results` in the order of the request. */
export const PushResponseSchema = z.object({
	results: z.array(EventResultSchema),
	total: z.int(),
	errors: z.int(),
	hq_epoch: z.int().min(1),
	/** Unix milliseconds. */
	server_time: z.int(),
	retry_after_ms: z.int().min(0).optional(),
});
export type PushResponse = z.infer<typeof PushResponseSchema>;
