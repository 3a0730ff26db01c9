import { z } from 'zod';
import { IncarnationSchema, TerminalIdSchema } from '../domain/ids.ts';

/** Names the machine under a terminal: derived from the machine's own id, never from anything in the data folder, which may be copied. */
export const DeviceIdSchema = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);

/** `trusted` the one that was paired, or one that an operator agreed to · `asked` another one, nobody has judged it yet · `refused` it is sealed. */
export const DeviceVerdictSchema = z.enum(['trusted', 'asked', 'refused']);

/** `GET /terminals/devices` (an operator's call): terminals that more than one device speaks for, newest question first. */
export const DevicesResponseSchema = z.object({
	devices: z
		.array(
			z.object({
				terminal: TerminalIdSchema,
				device_id: DeviceIdSchema,
				verdict: DeviceVerdictSchema,
				/** Unix milliseconds. */
				first_seen_at: z.int(),
				last_seen_at: z.int(),
				incarnation: IncarnationSchema.nullable(),
			}),
		)
		.max(1000),
});
export type DevicesResponse = z.infer<typeof DevicesResponseSchema>;

/** `POST /terminals/{id}/devices/{device_id}` (an operator's call). A refused device may hand over what it still has, and is not served otherwise. */
export const DeviceJudgementSchema = z.object({ verdict: z.enum(['trusted', 'refused']) });
