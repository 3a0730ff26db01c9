import { z } from 'zod';
import { EventIdSchema } from '../domain/ids.ts';
import { ERROR_CODES } from './error-codes.ts';
import type { ErrorCode } from './error-codes.ts';

/**
 * What a failure means for trying again. `unknown`: it may have arrived.
 * Decided where the cause is known, by status and code, never by searching a message.
 */
export const VerdictSchema = z.enum(['retry_later', 'retry_after_change', 'never', 'unknown']);
export type Verdict = z.infer<typeof VerdictSchema>;

/** An expected failure as data: it passes the bridge and the disk unchanged. `detail` is for engineers and holds nothing personal. */
export const LoyaltyErrorSchema = z.object({
	code: z.enum(ERROR_CODES),
	origin: z.enum(['terminal', 'hq', 'vendor']),
	verdict: VerdictSchema,
	eventId: EventIdSchema.optional(),
	retryAfterMs: z.int().min(0).optional(),
	/** Values for the cashier's sentence, such as the amount that would pass. */
	values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
	detail: z.string().max(1000).optional(),
});
export type LoyaltyError = z.infer<typeof LoyaltyErrorSchema>;

/** An error that arose on this terminal and that a person can mend by doing something else. */
export function terminalError(code: ErrorCode, more: Partial<Omit<LoyaltyError, 'code' | 'origin'>> = {}): LoyaltyError {
	return { code, origin: 'terminal', verdict: 'retry_after_change', ...more };
}
