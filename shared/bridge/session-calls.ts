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
	/** When changes are fetched next; `isPullHeld`: headquarters answers the moment that there is one. */
	nextPullAtMs: z.int().nullable(),
	isPullHeld: z.boolean(),
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
	/**
	 * Of what happened to this terminal's disk, the most urgent: the disk is nearly full · the outbox was made anew, whole or `_in_part`, or got
	 * back what a restored copy lacked · the second copy of the sales cannot be written · the members are loaded again.
	 */
	notice: z
		.enum([
			'disk_nearly_full',
			'outbox_recovered_in_part',
			'outbox_recovered',
			'outbox_restored',
			'journal_behind',
			'replica_damaged',
			'replica_newer_version',
			'replica_older_version',
		])
		.nullable(),
	/** Numbers for the notice's sentence. */
	noticeValues: z.record(z.string(), z.number()).optional(),
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
	/** Loudness of the three sounds; 0 is silent. */
	volumePercent: z.int().min(0).max(100),
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

/** The work of the quiet hours, done at this terminal's own moment of each night: what it keeps of its disk, and the comparison of all members. */
export const NightSchema = z.object({
	/** The next night's moment. `isDue`: the last night's work is still to be done, within the next half hour. */
	nextAtMs: z.int(),
	isDue: z.boolean(),
	/** `null` until it was done once. */
	doneAtMs: z.int().nullable(),
	/**
	 * The last comparison with headquarters' members, in parts of them: how many there are, how many differed and were loaded again, and how many
	 * changed too often to be compared.
	 */
	compared: z.object({ atMs: z.int(), members: z.int(), shards: z.int(), differed: z.int(), notCompared: z.int() }).nullable(),
});
export type Night = z.infer<typeof NightSchema>;

/** What support asks for first. Nothing in it is about a member or a cashier: ids of machines, versions, counts and codes alone. */
export const LineDetailsSchema = z.object({
	appVersion: z.string().max(64),
	protocol: z.int(),
	/** `null` until the terminal is paired. */
	terminal: z.string().max(64).nullable(),
	outletCode: z.string().max(64).nullable(),
	incarnation: z.string().max(64),
	hqEpoch: z.int(),
	lastSeq: z.int(),
	/** Entries by their stored status. */
	counts: z.record(z.string().regex(/^[a-z]+$/), z.int()),
	/** Codes with which headquarters refused what still needs a person, the most frequent first. */
	refusals: z.array(z.object({ code: z.int(), count: z.int() })).max(20),
	replica: z.object({ phase: z.enum(['empty', 'loading', 'ready']), rows: z.int(), asOfMs: z.int() }),
	/** `null` without a line: before pairing, and in training. */
	night: NightSchema.nullable(),
});
export type LineDetails = z.infer<typeof LineDetailsSchema>;

export const sessionCalls = {
	'session.open': call(z.object({}), SessionSchema),
	'session.lock': call(z.object({}), SessionSchema),
	'session.unlock': call(z.object({ cashierId: z.string().max(64), pin: z.string().regex(/^\d{4,8}$/) }), SessionSchema),
	/** Kept on this terminal; every window hears of it. */
	'session.setVolume': call(z.object({ percent: z.int().min(0).max(100) }), SessionSchema),
	'session.shift': call(z.object({}), ShiftSchema),
	'status.get': call(z.object({}), StatusSchema),
	'status.details': call(z.object({}), LineDetailsSchema),
	/** Tries headquarters now instead of at the next turn. */
	'status.syncNow': call(z.object({}), StatusSchema),
} as const;
