import { z } from 'zod';

/** What the run gives a terminal's process, as JSON in its first argument. */
export const SoakTerminalSchema = z.object({
	folder: z.string(),
	hqUrl: z.url(),
	/** `null` once it is paired. */
	pairingCode: z.string().nullable(),
	seed: z.int(),
	pins: z.array(z.object({ name: z.string(), pin: z.string() })),
	/** Without it the terminal only sends what it still has. */
	sells: z.boolean(),
});
export type SoakTerminalOptions = z.infer<typeof SoakTerminalSchema>;

const kind = z.enum(['sale', 'refund', 'enrolment']);

/** What a terminal's process tells. `refused`: the use case said no, nothing was recorded. */
export const FromTerminalSchema = z.discriminatedUnion('type', [
	z.object({ type: z.literal('ready') }),
	z.object({ type: z.literal('invoked'), request: z.string(), kind }),
	z.object({ type: z.literal('recorded'), request: z.string(), kind, event: z.string(), amountMinor: z.int() }),
	z.object({ type: z.literal('refused'), request: z.string(), code: z.string() }),
	z.object({ type: z.literal('status'), waiting: z.int(), needsPerson: z.int(), line: z.string(), pulledAtMs: z.int().nullable() }),
]);
export type FromTerminal = z.infer<typeof FromTerminalSchema>;
