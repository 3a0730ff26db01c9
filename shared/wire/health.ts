import { z } from 'zod';

/** `GET /health`, unsigned. */
export const HealthResponseSchema = z.object({
	status: z.literal('ok'),
	version: z.string(),
	protocol: z.int(),
	hq_epoch: z.int().min(1),
	storage: z.enum(['pglite', 'postgresql']),
	members: z.int().min(0),
	/** Unix milliseconds. */
	server_time: z.int(),
	is_signed: z.boolean(),
});
export type HealthResponse = z.infer<typeof HealthResponseSchema>;
