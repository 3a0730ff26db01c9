import { z } from 'zod';
import { IncarnationSchema, TerminalIdSchema } from '../domain/ids.ts';
import { CashierSchema, ProgrammeSchema } from '../domain/programme.ts';
import { DeviceIdSchema } from './devices.ts';

/** `POST /terminals/hello`: the first call of every contact. */
export const HelloRequestSchema = z.object({
	terminal: TerminalIdSchema,
	incarnation: IncarnationSchema,
	app_version: z.string().max(32),
	protocol: z.int().min(1),
	/** The epoch that the terminal last saw, 0 if none. */
	hq_epoch: z.int().min(0),
	/** The highest `seq` that the terminal has recorded in this incarnation. */
	max_seq: z.int().min(0),
	/** Unix milliseconds by the terminal's clock. */
	sent_at: z.int(),
	/** The version of the programme that the terminal has, 0 if none. */
	programme_version: z.int().min(0),
	/** The machine that speaks. */
	device_id: DeviceIdSchema.optional(),
	/** Entries that the terminal still has to hand over, parked ones included. */
	waiting: z.int().min(0).optional(),
});
export type HelloRequest = z.infer<typeof HelloRequestSchema>;

/**
 * The answer. A higher `hq_epoch` than the terminal's: headquarters was restored, load a snapshot and offer everything again.
 * `known_max_seq` above the terminal's: the terminal was restored, take a new incarnation.
 * `programme` and `cashiers` are there when the terminal's version is not the newest.
 * `sealing`: this terminal (or this device) is not served any more, but what it recorded before is still taken. It erases its member data,
 * pushes what it has, and says hello again; with `waiting` 0 the answer is 403 `terminalRevoked`.
 */
export const HelloResponseSchema = z.object({
	hq_epoch: z.int().min(1),
	known_max_seq: z.int().min(0),
	/** Unix milliseconds. */
	server_time: z.int(),
	protocol: z.int().min(1),
	programme: ProgrammeSchema.optional(),
	cashiers: z.array(CashierSchema).max(200).optional(),
	sealing: z.boolean().optional(),
});
export type HelloResponse = z.infer<typeof HelloResponseSchema>;
