import { z } from 'zod';
import { CardBlockSchema, OutletSchema } from '../domain/programme.ts';
import { ShortCodeSchema, TerminalIdSchema } from '../domain/ids.ts';

/** Eight letters and digits without look-alikes, shown in two groups: `7KQ2-M9XD`. Single use, valid for ten minutes. */
export const PairingCodeSchema = z.string().regex(/^[2-9A-HJ-NP-Z]{4}-?[2-9A-HJ-NP-Z]{4}$/);
export const PAIRING_CODE_VALID_MS = 600_000;

/** `POST /terminals/pair`: the one unsigned call besides `/health`. */
export const PairRequestSchema = z.object({
	code: PairingCodeSchema,
	app_version: z.string().max(32),
	protocol: z.int().min(1),
	/**
	 * A secret that the device makes for this pairing and keeps until it is paired: with it the call may be repeated while the code is valid, and
	 * has the same answer. Without it an answer that was lost has used the code up.
	 */
	attempt: z
		.string()
		.regex(/^[A-Za-z0-9_-]{32,64}$/)
		.optional(),
});
export type PairRequest = z.infer<typeof PairRequestSchema>;

/** What a terminal needs to work, given once. The secret is not shown again. */
export const PairResponseSchema = z.object({
	terminal: TerminalIdSchema,
	terminal_code: ShortCodeSchema,
	terminal_name: z.string().min(1).max(60),
	outlet: OutletSchema,
	api_key: z.string().min(8).max(128),
	api_secret: z.string().min(16).max(256),
	card_block: CardBlockSchema.nullable(),
	hq_epoch: z.int().min(1),
});
export type PairResponse = z.infer<typeof PairResponseSchema>;

/** `POST /terminals` (an operator's call, signed with headquarters' own key): makes a terminal and its pairing code. */
export const NewTerminalRequestSchema = z.object({
	outlet: OutletSchema,
	terminal_code: ShortCodeSchema,
	terminal_name: z.string().min(1).max(60),
});
export const NewTerminalResponseSchema = z.object({ terminal: TerminalIdSchema, code: PairingCodeSchema, valid_until: z.int() });
