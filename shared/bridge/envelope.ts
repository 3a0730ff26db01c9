import { z } from 'zod';
import { LoyaltyErrorSchema } from '../errors/loyalty-error.ts';

/** The largest call or answer, in characters of JSON. */
export const MESSAGE_LENGTH_MAX = 1_000_000;

/** What every call answers, on both transports: never an exception, since Electron keeps only an error's message. */
export const ReplySchema = z.discriminatedUnion('ok', [
	z.object({ ok: z.literal(true), value: z.unknown() }),
	z.object({ ok: z.literal(false), error: LoyaltyErrorSchema }),
]);
export type Reply = z.infer<typeof ReplySchema>;

/**
 * Everything that the page may touch of its host: two functions that carry strings of JSON.
 * Strings, because structured clone and JSON disagree on `Date`, `Map`, `undefined` and `bigint`: one envelope has one behaviour.
 * `invoke` rejects only when the transport itself is gone.
 */
export type Bridge = {
	readonly invoke: (name: string, json: string) => Promise<string>;
	readonly listen: (listener: (name: string, json: string) => void) => () => void;
};
