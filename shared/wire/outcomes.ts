import { z } from 'zod';
import { EventIdSchema } from '../domain/ids.ts';
import { EventResultSchema } from './push.ts';

/** `GET /outcomes?after=N`: a terminal's own stored outcomes (`applied` and `rejected`) in the order they were stored, from `result_no` N + 1. */
export const OutcomesResponseSchema = z.object({
	hq_epoch: z.int().min(1),
	results: z.array(
		EventResultSchema.extend({
			event_id: EventIdSchema,
			result_no: z.int().min(1),
			/** When it was stored, Unix milliseconds by headquarters' clock. An older headquarters does not say it. */
			recorded_at: z.int().optional(),
		}),
	),
	/** Pass it as `after` next time. */
	next: z.int().min(0),
	has_more: z.boolean(),
});
export type OutcomesResponse = z.infer<typeof OutcomesResponseSchema>;
