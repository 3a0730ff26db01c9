import { z } from 'zod';
import { LoyaltyErrorSchema } from '../errors/loyalty-error.ts';
import { ProgrammeSchema } from '../domain/programme.ts';
import { call } from './call.ts';

/** What is going on with headquarters, always on screen as one chip. Times are unix milliseconds. */
export const StatusSchema = z.object({
	line: z.enum(['unpaired', 'connecting', 'online', 'offline', 'refused']),
	offlineSinceMs: z.int().nullable(),
	nextTryAtMs: z.int().nullable(),
	lastPushAtMs: z.int().nullable(),
	lastPullAtMs: z.int().nullable(),
	/** Entries that still have to reach headquarters. */
	waiting: z.int(),
	/** Entries that a person must look at. */
	needsPerson: z.int(),
	members: z.object({ phase: z.enum(['empty', 'loading', 'ready']), rows: z.int(), asOfMs: z.int() }),
	/** Long work under way; `etaMs` and `ratePerS` are `null` until they mean something. */
	work: z
		.object({
			kind: z.enum(['first_load', 'push', 'pull', 'indexing', 'hq_preparing']),
			done: z.int(),
			total: z.int(),
			unit: z.enum(['rows', 'events', 'bytes']),
			ratePerS: z.number().nullable(),
			etaMs: z.number().nullable(),
		})
		.nullable(),
	clockSkewMs: z.int(),
	error: LoyaltyErrorSchema.nullable(),
	notice: z.enum(['replica_damaged', 'replica_newer_version', 'replica_older_version']).nullable(),
});
export type Status = z.infer<typeof StatusSchema>;

export const CashierViewSchema = z.object({
	id: z.string(),
	displayName: z.string(),
	initials: z.string(),
	role: z.enum(['cashier', 'manager']),
});

/** Who works here and where: fixed for a session of the window. */
export const SessionSchema = z.object({
	appVersion: z.string(),
	outletName: z.string(),
	terminalName: z.string(),
	/** `null` until the first contact with headquarters. */
	programme: ProgrammeSchema.nullable(),
	cashier: CashierViewSchema.nullable(),
	/** People who can unlock. Empty: no roster yet, the terminal works without a lock. */
	cashiers: z.array(CashierViewSchema),
	isLocked: z.boolean(),
	isTraining: z.boolean(),
	/** Unix milliseconds by this terminal, for ages on screen. */
	nowMs: z.int(),
	lockAfterMs: z.int().min(60_000).max(900_000),
	/** BCP 47. */
	locale: z.string(),
});
export type Session = z.infer<typeof SessionSchema>;

/** This shift: since the first sign-in of the day on this terminal. Initials only: customers see the screen. */
export const ShiftSchema = z.object({
	salesWithCard: z.int(),
	enrolled: z.int(),
	pointsGiven: z.int(),
	justServed: z
		.array(
			z.object({
				eventId: z.string(),
				initials: z.string(),
				atMs: z.int(),
				action: z.string(),
				receiptNumber: z.string().nullable(),
				points: z.int(),
			}),
		)
		.max(8),
});
export type Shift = z.infer<typeof ShiftSchema>;

export const sessionCalls = {
	'session.open': call(z.object({}), SessionSchema),
	'session.lock': call(z.object({}), SessionSchema),
	'session.unlock': call(z.object({ cashierId: z.string().max(64), pin: z.string().regex(/^\d{4,8}$/) }), SessionSchema),
	'session.shift': call(z.object({}), ShiftSchema),
	'status.get': call(z.object({}), StatusSchema),
	/** Tries headquarters now instead of at the next turn. */
	'status.syncNow': call(z.object({}), StatusSchema),
} as const;
