import { join } from 'node:path';
import type { Status } from '#shared/bridge/session-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { Replica } from '#sync/replica/replica.ts';
import { openBallast } from '#sync/storage/ballast.ts';
import type { Ballast } from '#sync/storage/ballast.ts';
import { defaultJournalFolder } from '#sync/storage/journal/journal-writer.ts';
import { openJournalledOutbox } from '#sync/storage/journalled-outbox.ts';
import type { JournalledOutbox } from '#sync/storage/journalled-outbox.ts';
import { openOutbox } from '#sync/storage/outbox-database.ts';
import { readLatestReport } from '#sync/storage/recovery/recovery-report.ts';
import type { RecoveryReport } from '#sync/storage/recovery/recovery-report.ts';
import { openReplica } from '#sync/storage/replica-database.ts';
import type { SafetyOptions, TerminalOptions } from '../../ports.ts';
import { keepHouse } from './housekeeping.ts';
import { NO_NIGHT, openLastNight } from './last-night.ts';
import type { LastNight } from './last-night.ts';

/** What is to be said of the disk, with the numbers of its sentence. */
export type DiskNotice = { readonly notice: NonNullable<Status['notice']>; readonly noticeValues?: Record<string, number> };

/** The databases of a terminal and what guards them. */
export type Stores = {
	readonly outbox: Outbox;
	readonly replica: Replica;
	/** `null`: nothing to say. */
	readonly diskNotice: () => DiskNotice | null;
	/** Called when `diskNotice` may have changed. Returns the way to stop. */
	readonly onDiskNotice: (listener: () => void) => () => void;
	/** Once a day, when nobody sells: checks, and deletes what has had its time. Never fails; what could not be done is tried the next day. */
	readonly keepHouse: () => Promise<void>;
	readonly lastNight: LastNight;
	readonly close: () => Promise<void>;
};

/** For so long a recovery is said at each start. */
const RECOVERY_SAID_MS = 3 * 86_400_000;

const DEFAULT_SAFETY: SafetyOptions = { journalFolder: null, ballastBytes: 0, isLossAccepted: false };

/** Opens the databases of `folder`; the outbox first: when it cannot be opened nothing else may be touched. */
export async function openStores(options: TerminalOptions, folder: string): Promise<Result<Stores, LoyaltyError>> {
	return options.isTraining ? openTrainingStores(options, folder) : openGuardedStores(options, folder);
}

/** Training is made anew at every start: nothing of it is worth a guard. */
async function openTrainingStores({ ports }: TerminalOptions, folder: string): Promise<Result<Stores, LoyaltyError>> {
	const { clock, random } = ports;
	const outbox = await openOutbox({ folder, clock, random });
	if (!outbox.ok) return outbox;
	const replica = await openReplica({ folder, clock });
	if (!replica.ok) {
		await outbox.value.close();
		return replica;
	}
	return ok({
		outbox: outbox.value,
		replica: replica.value,
		diskNotice: () => null,
		onDiskNotice: () => () => {},
		keepHouse: () => Promise.resolve(),
		lastNight: NO_NIGHT,
		close: async () => {
			await replica.value.close();
			await outbox.value.close();
		},
	});
}

async function openGuardedStores(
	{ ports, safety = DEFAULT_SAFETY }: TerminalOptions,
	folder: string,
): Promise<Result<Stores, LoyaltyError>> {
	const { clock, random, timers, logger, secretBox } = ports;
	const ballast = safety.ballastBytes === 0 ? null : openBallast({ folder, bytes: safety.ballastBytes, random, timers });
	const opened = await openJournalledOutbox({
		folder,
		clock,
		random,
		makeRoom: async () => (await ballast?.release()) ?? false,
		journal: { folder: safety.journalFolder ?? defaultJournalFolder(folder), keyBox: secretBox },
		isLossAccepted: safety.isLossAccepted,
	});
	if (!opened.ok) {
		await ballast?.close();
		return opened;
	}
	const { outbox, journal, recovery } = opened.value;
	logHealth(journal, logger);
	if (recovery !== null) logger.warn(recovery, 'the outbox was recovered');
	const replica = await openReplica({ folder, clock });
	if (!replica.ok) {
		await outbox.close();
		await ballast?.close();
		return replica;
	}
	const lastNight = await openLastNight(folder, clock);
	const said = recovery ?? (await readLatestReport(folder, clock.nowMs() - RECOVERY_SAID_MS));
	return ok({
		outbox,
		replica: replica.value,
		diskNotice: () => noticeOf(ballast, journal, said),
		onDiskNotice: (listener) => {
			const forgets = [journal.onHealth(listener), ballast?.onChange(listener)];
			return () => {
				for (const forget of forgets) forget?.();
			};
		},
		keepHouse: () =>
			keepHouse({ folder, clock, logger, outbox, journal, replica: replica.value, checkedFile: join(folder, 'checks.json') }),
		lastNight,
		close: async () => {
			await replica.value.close();
			await outbox.close();
			await ballast?.close();
		},
	});
}

function logHealth(journal: JournalledOutbox['journal'], logger: TerminalOptions['ports']['logger']): void {
	const log = (): void => {
		const { state, why, cutBytes } = journal.health();
		if (state === 'behind') logger.error({ err: why }, 'the side journal cannot be written: sales are recorded without it');
		else if (cutBytes > 0) logger.warn({ cutBytes }, 'the last line of the side journal was torn: it was cut off and written again');
		else logger.info({}, 'the side journal follows');
	};
	journal.onHealth(log);
	if (journal.health().why !== null) log();
}

/** The most urgent first. */
function noticeOf(ballast: Ballast | null, journal: JournalledOutbox['journal'], recovery: RecoveryReport | null): DiskNotice | null {
	if (ballast?.isMissing() === true) return { notice: 'disk_nearly_full' };
	if (recovery !== null)
		return { notice: recoveryNotice(recovery), noticeValues: { entries: recovery.entries, waiting: recovery.waiting } };
	return journal.health().state === 'behind' ? { notice: 'journal_behind' } : null;
}

function recoveryNotice({ kind, incomplete }: RecoveryReport): DiskNotice['notice'] {
	if (kind === 'restored') return 'outbox_restored';
	return incomplete === null ? 'outbox_recovered' : 'outbox_recovered_in_part';
}
