import { z } from 'zod';
import { AssertionError } from '#shared/lib/assert.ts';
import type { Clock } from '#shared/lib/clock.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { Replica } from '#sync/replica/replica.ts';
import type { JournalledOutbox } from '#sync/storage/journalled-outbox.ts';
import { removeOldCopies } from '#sync/storage/old-copies.ts';
import type { Logger } from '../../ports.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { retireOldEntries } from './retention.ts';

const DAY_MS = 86_400_000;
/** Lines of the journal whose entries all have outcomes; at least what headquarters may be restored by (sync.md 1.4). */
const JOURNAL_KEPT_MS = 90 * DAY_MS;
/** Copies of an outbox that was upgraded or recovered are for a technician, and hold names. */
const COPIES_KEPT_MS = 30 * DAY_MS;
const REPLICA_CHECK_MS = 7 * DAY_MS;

const ChecksSchema = z.object({ replicaCheckedAtMs: z.number() });

export type House = {
	readonly folder: string;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly outbox: Outbox;
	readonly replica: Pick<Replica, 'check' | 'state'>;
	readonly journal: Pick<JournalledOutbox['journal'], 'retire'>;
	/** When the replica was last looked through. */
	readonly checkedFile: string;
};

/** Deletes what has had its time, and once a week reads the whole replica. What fails is logged and comes again the next day. */
export async function keepHouse(house: House): Promise<void> {
	const { folder, clock, logger, outbox, journal } = house;
	// The earlier of both clocks: one that runs ahead would delete what is still young.
	const nowMs = clock.nowMs() + Math.min(0, outbox.state().skewMs);
	await retireOldEntries({ outbox, clock, logger, isStopped: () => false });
	await attempt(logger, async () => {
		const files = await journal.retire(nowMs - JOURNAL_KEPT_MS);
		if (files > 0) logger.info({ files }, 'old files of the side journal were deleted');
	});
	await attempt(logger, async () => {
		const files = await removeOldCopies(folder, nowMs - COPIES_KEPT_MS);
		if (files > 0) logger.info({ files }, 'old copies of the outbox were deleted');
	});
	await attempt(logger, () => checkReplica(house));
}

async function checkReplica({ replica, clock, logger, checkedFile }: House): Promise<void> {
	const checks = await readJsonFile(checkedFile, ChecksSchema);
	const nowMs = clock.nowMs();
	// A clock that was set back must not put the next look off for years.
	const isRecent = checks.state === 'present' && Math.abs(nowMs - checks.value.replicaCheckedAtMs) < REPLICA_CHECK_MS;
	if (isRecent || replica.state().phase !== 'ready') return;
	const isSound = await replica.check();
	if (isSound) logger.info({ rows: replica.state().rows }, 'the member data was looked through: it is sound');
	else logger.error({}, 'the member data is damaged: it is put aside and loaded again');
	await writeJsonFile(checkedFile, { replicaCheckedAtMs: nowMs });
}

async function attempt(logger: Logger, work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		logger.warn({ err: cause }, 'a part of the housekeeping failed: it is tried again the next day');
	}
}
