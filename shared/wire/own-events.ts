import { z } from 'zod';
import { EventIdSchema } from '../domain/ids.ts';
import { WireEventSchema } from './event.ts';
import { EventResultSchema } from './push.ts';

/** Events in one answer. */
export const OWN_EVENTS_MAX = 200;

/** What a receipt said, as far as headquarters knows it. `amount_minor`: of a sale its amount, of a refund what was given back. */
export const OwnReceiptSchema = z.object({
	receipt_number: z.string().max(32).nullable(),
	amount_minor: z.int().min(0),
	currency: z.string().length(3),
});

/**
 * `GET /terminals/me/events?after=N`: what a terminal sent and what became of it, in the order of storing, from `result_no` N + 1. For a
 * terminal whose data folder was restored or copied. An event is as it was sent but for what was scrubbed since; refused ones and those of
 * which nothing but the outcome is kept are left out, so that numbers may be missing and `next` may be beyond the last event.
 */
export const OwnEventsResponseSchema = z.object({
	hq_epoch: z.int().min(1),
	events: z
		.array(
			z.object({
				event: WireEventSchema,
				outcome: EventResultSchema.extend({ event_id: EventIdSchema, result_no: z.int().min(1) }),
				/** Unix milliseconds by headquarters' clock. */
				effective_at: z.int(),
				recorded_at: z.int(),
				receipt: OwnReceiptSchema.optional(),
			}),
		)
		.max(OWN_EVENTS_MAX),
	/** Pass it as `after` next time. */
	next: z.int().min(0),
	has_more: z.boolean(),
});
export type OwnEventsResponse = z.infer<typeof OwnEventsResponseSchema>;
export type OwnEvent = OwnEventsResponse['events'][number];
