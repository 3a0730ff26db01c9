/**
 * The engine keeps a terminal and headquarters in step: it pushes the outbox and pulls members, by itself, for as long as it runs. It is two
 * loops over the decisions of `plan.ts`: the contact (hello, load, pull) and the push, which never waits for a load. Owns no file: after a
 * crash everything that matters is in the outbox and the replica, and `start` goes on from there.
 */
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { AssertionError } from '#shared/lib/assert.ts';
import { DiskFailure } from '../outbox/disk-failure.ts';
import { createContactLane } from './contact-lane.ts';
import type { ContactLane } from './contact-lane.ts';
import type { EngineContext, EngineIdentity, EngineOptions } from './engine-context.ts';
import { eraseMemberData } from './hello/erase-member-data.ts';
import { createLine } from './line.ts';
import type { Line } from './line.ts';
import { createAlarm } from './pacing/alarm.ts';
import { keepNights } from './night/night-lane.ts';
import type { Alarm } from './pacing/alarm.ts';
import { PACE } from './plan.ts';
import { createPushLane } from './push-lane.ts';
import type { PushLane } from './push-lane.ts';
import { createStatusBoard } from './status-board.ts';
import type { Lane, StatusBoard } from './status-board.ts';
import type { SyncStatus } from './sync-status.ts';

export type Engine = {
	/** Takes back what was on its way when the program ended, then works until `stop`. Nothing happens when there is no identity or it runs already. */
	readonly start: () => Promise<void>;
	/** Ends all calls; resolves when nothing is under way any more. The outbox and the replica may be closed then. */
	readonly stop: () => Promise<void>;
	/** A person wants push and pull now. A time that headquarters gave is kept to all the same. */
	readonly syncNow: () => void;
	/** Something was recorded: it is sent at once when the line is up, and a line that has been down for a while is tried. */
	readonly notifyRecorded: () => void;
	/** Compares all members with headquarters' at the next pulls, and loads again what differs. For a quiet hour: it reads the whole replica. */
	readonly compareDigests: () => void;
	readonly status: () => SyncStatus;
	/** Called with every new status, at most ten times a second. Returns the way to stop. */
	readonly onStatus: (listener: (status: SyncStatus) => void) => () => void;
};

type Run = { readonly line: Line; readonly push: PushLane; readonly contact: ContactLane; readonly end: () => Promise<void> };

export function createEngine(options: EngineOptions): Engine {
	const { outbox, replica, clock, timers, identity } = options;
	const board = createStatusBoard({
		outbox,
		replica,
		clock,
		timers,
		onCountFailure: (cause) => options.logger.error({ err: cause }, 'the outbox could not be counted'),
	});
	let run: Run | null = null;
	let starting: Promise<void> | null = null;

	const start = async (who: EngineIdentity): Promise<void> => {
		const isRecovered = await recoverAtStart(options);
		await board.recount();
		board.setLine('connecting');
		run = begin(options, { identity: who, board, isRecovered });
	};

	return {
		start: async () => {
			if (identity === null || run !== null) return;
			starting ??= start(identity);
			await starting;
		},
		stop: async () => {
			await starting;
			const ended = run;
			[run, starting] = [null, null];
			await ended?.end();
			board.close();
		},
		syncNow: () => {
			run?.line.tryNow();
			run?.contact.pullNow();
			run?.push.tryNow();
		},
		notifyRecorded: () => {
			run?.push.wake();
			run?.line.tryCheaply();
		},
		compareDigests: () => run?.contact.compare(),
		status: board.read,
		onStatus: board.onStatus,
	};
}

/** Takes back what was on its way when the program ended. `false` when the disk refuses: the push lane tries it again before it sends. */
async function recoverAtStart({ outbox, logger }: EngineOptions): Promise<boolean> {
	try {
		const recovered = await outbox.recoverSending();
		if (recovered > 0) logger.info({ recovered }, 'entries were on their way when the program ended: they are sent again');
		return true;
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		logger.error({ err: cause }, 'what was on its way when the program ended could not be taken back');
		return false;
	}
}

type Beginning = { readonly identity: EngineIdentity; readonly board: StatusBoard; readonly isRecovered: boolean };

function begin(options: EngineOptions, { identity, board, isRecovered }: Beginning): Run {
	const { clock, timers, outbox, replica } = options;
	const stopping = new AbortController();
	const ctx: EngineContext = { ...options, identity, board, signal: stopping.signal };
	const alarms = { contact: createAlarm(clock, timers), push: createAlarm(clock, timers), night: createAlarm(clock, timers) };
	const halt = (): void => {
		stopping.abort();
		alarms.contact.ring();
		alarms.push.ring();
		alarms.night.ring();
	};
	const line = createLine({ ctx, alarms, onHalt: halt });
	const push = createPushLane(ctx, line, alarms.push);
	const contact = createContactLane(ctx, { line, push }, alarms.contact);
	const forgetOutbox = outbox.onChange(() => {
		board.refresh();
		push.wake();
	});
	const forgetReplica = replica.onChange(board.refresh);
	const running = Promise.all([
		keepTurning(ctx, { lane: 'contact', alarm: alarms.contact, turn: contact.turn, recover: contact.recover, isRecovered: true }),
		keepTurning(ctx, { lane: 'push', alarm: alarms.push, turn: push.turn, recover: push.recover, isRecovered }),
		keepNights(ctx, alarms.night, contact.compare),
	]).then(async () => {
		if (line.isHalted()) await eraseMemberData(ctx);
	});
	return {
		line,
		push,
		contact,
		end: async () => {
			halt();
			await running;
			forgetOutbox();
			forgetReplica();
		},
	};
}

type Loop = {
	readonly lane: Lane;
	readonly alarm: Alarm;
	readonly turn: () => Promise<boolean>;
	readonly recover: () => Promise<void> | void;
	/** `false`: `recover` comes before the first turn. */
	readonly isRecovered: boolean;
};

/**
 * Turns until the engine stops. A broken assumption ends the program, which restarts from its outbox; anything else that is thrown (a disk
 * that refuses) is logged and shown, and the lane goes on after a while.
 */
async function keepTurning(ctx: EngineContext, { lane, alarm, turn, recover, isRecovered }: Loop): Promise<void> {
	let hasFailed = !isRecovered;
	for (;;) {
		try {
			if (hasFailed) await recover();
			hasFailed = false;
			if (!(await turn())) return;
		} catch (cause) {
			if (cause instanceof AssertionError) throw cause;
			hasFailed = true;
			ctx.logger.error({ err: cause, lane }, 'a lane of the engine failed');
			ctx.board.setError(lane, cause instanceof DiskFailure ? cause.error : terminalError('INTERNAL-101', { verdict: 'retry_later' }));
			await alarm.sleepUntil(ctx.clock.monotonicMs() + PACE.diskRetryMs);
			if (ctx.signal.aborted) return;
		}
	}
}
