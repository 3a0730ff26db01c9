import { must } from '#shared/lib/assert.ts';
import { nextDelayMs } from '#shared/lib/backoff.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Timers } from '#shared/lib/clock.ts';
import type { EventResult, PushRequest, PushResponse } from '#shared/wire/push.ts';
import type { HqContext } from '../context.ts';
import { isDataError, isRetryable } from '../storage/database.ts';
import type { Queryable } from '../storage/database.ts';
import { wireError } from '../wire-error.ts';
import { applyItem, idOf } from './batch/apply-item.ts';
import { skewOf } from './batch/effective-time.ts';
import type { RequestTime } from './batch/effective-time.ts';
import { parseItems } from './batch/incoming.ts';
import type { Incoming, Sender } from './batch/incoming.ts';
import { ConcurrentChange, readWorld } from './batch/read-world.ts';
import { writeWorld } from './batch/write-world.ts';

/** Whole-request attempts against other transactions. */
const ATTEMPTS_MAX = 6;
const RETRY = { firstMs: 10, maxMs: 500 };

export type PushContext = Pick<
	HqContext,
	'database' | 'clock' | 'random' | 'timers' | 'logger' | 'programme' | 'epoch' | 'secret' | 'announceStaged'
>;

/** `request` comes from `sender.terminal`, whose key signed it, or from an operator. */
export type Push = { readonly sender: Sender; readonly request: PushRequest };

/**
 * Takes one push: one transaction for all its items, which are judged and answered one by one. Answers after the commit; a push that
 * is sent again, in whole, in part or in other batches, changes nothing and gets the same outcomes. `busy`: nothing was stored, come back.
 */
export async function push(context: PushContext, { sender, request }: Push): Promise<Result<PushResponse, 'busy'>> {
	const receivedAtMs = context.clock.nowMs();
	let mode: TransactionRun['mode'] = 'together';
	for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
		try {
			const run: TransactionRun = { sender, request, receivedAtMs, mode };
			const results = await context.database.tx((tx) => runInTransaction(tx, context, run));
			context.announceStaged();
			return ok(responseOf(results, context));
		} catch (error) {
			// A value that the database refuses, time after time, is a bug of ours with one item. The others must not pay for it.
			const isStuck = isDataError(error) && (!isRetryable(error) || attempt >= ATTEMPTS_MAX / 2);
			if (!isStuck && !isRetryable(error) && !(error instanceof ConcurrentChange)) throw error;
			context.logger[isStuck ? 'error' : 'debug']({ error, attempt, terminal: sender.terminal, mode }, 'push could not be stored at once');
			if (isStuck) mode = 'one by one';
			else await pause(context.timers, nextDelayMs(RETRY, attempt, context.random));
		}
	}
	return fail('busy');
}

type TransactionRun = Push & { readonly receivedAtMs: number; readonly mode: 'together' | 'one by one' };

async function runInTransaction(
	tx: Queryable,
	context: PushContext,
	{ sender, request, receivedAtMs, mode }: TransactionRun,
): Promise<EventResult[]> {
	const terminal = sender.terminal === null ? null : await lockTerminal(tx, sender.terminal);
	const time: RequestTime = { receivedAtMs, skewMs: skewOf(receivedAtMs, request.sent_at ?? null, terminal?.clockSkewMs ?? null) };
	const parsed = parseItems(request.events, { sender, time, programme: context.programme(), random: context.random });
	const results = new Map(parsed.answered);
	// An enrolment later in the list than its first sale is still applied before it.
	const ordered = [...parsed.incoming].toSorted((left, right) => rank(left) - rank(right));
	let lastResultNo = terminal?.lastResultNo ?? 0;
	for (const group of mode === 'together' ? [ordered] : ordered.map((item) => [item])) {
		lastResultNo = await applyGroup(tx, { context, group, sender, time, lastResultNo, results, mode });
	}
	if (sender.terminal !== null) await saveTerminal(tx, { terminal: sender.terminal, time, lastResultNo });
	return request.events.map((_item, index) => must(results.get(index), 'an answer for every item'));
}

type Group = {
	readonly context: PushContext;
	readonly group: readonly Incoming[];
	readonly sender: Sender;
	readonly time: RequestTime;
	readonly lastResultNo: number;
	readonly results: Map<number, EventResult>;
	readonly mode: TransactionRun['mode'];
};

async function applyGroup(tx: Queryable, work: Group): Promise<number> {
	if (work.mode === 'together') return applyItems(tx, work);
	await tx.exec('SAVEPOINT item');
	try {
		const lastResultNo = await applyItems(tx, work);
		await tx.exec('RELEASE SAVEPOINT item');
		return lastResultNo;
	} catch (error) {
		if (!isDataError(error)) throw error;
		await tx.exec('ROLLBACK TO SAVEPOINT item');
		for (const item of work.group) {
			work.context.logger.error({ error, eventId: item.eventId }, 'an event cannot be stored');
			// Not stored and not final: it can be sent again once the bug is mended.
			work.results.set(item.index, { ...idOf(item), status: 'deferred', error: wireError('internal', 'the event could not be stored') });
		}
		return work.lastResultNo;
	}
}

async function applyItems(tx: Queryable, { context, group, sender, time, lastResultNo, results }: Group): Promise<number> {
	if (group.length === 0) return lastResultNo;
	const world = await readWorld(tx, group, { sender, programme: context.programme(), nowMs: time.receivedAtMs, secret: context.secret });
	for (const item of group) results.set(item.index, applyItem(world, item));
	return writeWorld(tx, world, { sender, time, secret: context.secret, lastResultNo });
}

/** Taken before the members' locks by every request of this terminal: its outcomes are numbered without gaps and become visible in order. */
async function lockTerminal(
	tx: Queryable,
	terminal: string,
): Promise<{ readonly lastResultNo: number; readonly clockSkewMs: number | null }> {
	const [row] = await tx.query<{ lastResultNo: number; clockSkewMs: number | null }>(
		'SELECT last_result_no AS "lastResultNo", clock_skew_ms AS "clockSkewMs" FROM terminal WHERE id = $1 FOR UPDATE',
		[terminal],
	);
	return must(row, 'the terminal that was authenticated');
}

async function saveTerminal(
	tx: Queryable,
	{ terminal, time, lastResultNo }: { readonly terminal: string; readonly time: RequestTime; readonly lastResultNo: number },
): Promise<void> {
	await tx.query('UPDATE terminal SET last_result_no = $2, clock_skew_ms = $3, last_seen_at = $4 WHERE id = $1', [
		terminal,
		lastResultNo,
		time.skewMs,
		time.receivedAtMs,
	]);
}

/** Enrolments first; the sort keeps the order of the rest. */
function rank(item: Incoming): number {
	return item.body.ok && item.body.event.action === 'opt_in' ? 0 : 1;
}

function responseOf(results: readonly EventResult[], { epoch, clock }: PushContext): PushResponse {
	return {
		results: [...results],
		total: results.length,
		errors: results.filter((result) => result.error !== undefined).length,
		hq_epoch: epoch,
		server_time: clock.nowMs(),
	};
}

function pause(timers: Timers, delayMs: number): Promise<void> {
	return new Promise((resolve) => {
		timers.after(delayMs, resolve);
	});
}
