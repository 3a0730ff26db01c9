import type { Clock, Random, Timers } from '#shared/lib/clock.ts';
import type { Cashier, Programme } from '#shared/domain/programme.ts';
import type { Logger } from 'pino';
import type { Database } from './storage/database.ts';

/** What every part of headquarters works with. One per running headquarters; everything that is not pure comes through it. */
export type HqContext = {
	readonly database: Database;
	readonly clock: Clock;
	readonly random: Random;
	readonly timers: Timers;
	readonly logger: Logger;
	/** The folder of headquarters' files (snapshots among them). Exists. */
	readonly dataDir: string;
	/** Raised after a restore; read once at the start, for it changes only while headquarters is down. */
	readonly epoch: number;
	/** Keys the hashes of pairing codes and of forgotten cards. */
	readonly secret: string;
	readonly programme: () => Programme;
	readonly cashiers: () => readonly Cashier[];
	/** Called after every transaction that wrote to `change_staging`; the publisher listens so that the feed does not wait for its timer. */
	readonly onStaged: (listener: () => void) => () => void;
	/** Tells the listeners of `onStaged`. */
	readonly announceStaged: () => void;
	/** Aborted when headquarters begins to stop: answers that are held back end now, timers are not set again. */
	readonly stopping: AbortSignal;
};
