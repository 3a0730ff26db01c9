import { z } from 'zod';
import { memberCalls } from './member-calls.ts';
import { outboxCalls } from './outbox-calls.ts';
import { saleCalls } from './sale-calls.ts';
import { sessionCalls, SessionSchema, StatusSchema } from './session-calls.ts';

// zod probes `new Function` for a faster parser; under the page's policy (no eval, Trusted Types) the probe alone is a violation.
z.config({ jitless: true });

/** Every call that the page may make: one table for both hosts. Mutating calls carry a `requestId` and are idempotent. */
export const calls = { ...sessionCalls, ...memberCalls, ...saleCalls, ...outboxCalls } as const;

/** Every event that the page may hear. */
export const events = {
	'status.changed': StatusSchema,
	'session.changed': SessionSchema,
	/** The outbox or the replica changed: what is on screen may be read again. */
	'data.changed': z.object({}),
} as const;

export type CallName = keyof typeof calls;
export type CallInput<N extends CallName> = z.infer<(typeof calls)[N]['input']>;
export type CallOutput<N extends CallName> = z.infer<(typeof calls)[N]['output']>;
export type EventName = keyof typeof events;
export type EventPayload<N extends EventName> = z.infer<(typeof events)[N]>;
