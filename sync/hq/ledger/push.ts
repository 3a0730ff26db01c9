import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { EventResult, PushRequest, PushResponse } from '#shared/wire/push.ts';
import type { HqContext } from '../context.ts';
import { isDataError, isRetryable } from '../storage/database.ts';
import type { Queryable } from '../storage/database.ts';
import { wireError } from '../wire-error.ts';
import { applyItem, idOf } from './batch/apply-item.ts';
import { skewOf } from './batch/effective-time.ts';
import type { BootMark, RequestTime } from './batch/effective-time.ts';
import { parseItems } from './batch/incoming.ts';
import type { Incoming, Sender } from './batch/incoming.ts';
import { readWorld } from './batch/read-world.ts';
import { createRequestOrder, holdBack } from './batch/request-order.ts';
import type { RequestOrder } from './batch/request-order.ts';
import type { World } from './batch/world.ts';
import { writeWorld } from './batch/write-world.ts';
import { ATTEMPTS_MAX, isContention, pauseBefore } from './retry.ts';

export type PushContext = Pick<
	HqContext,
	'database' | 'clock' | 'random' | 'timers' | 'logger' | 'programme' | 'epoch' | 'secret' | 'announceStaged'
>;

/** `request` comes from `sender.terminal`, whose key signed it, or from an operator. */
export type Push = { readonly sender: Sender; readonly request: PushRequest };

/**
 * Takes one push: one transaction for all its items, which are judged and answered one by one. Answers after the commit; a push that
 * is sent again, in whole, in part or in other batches, changes nothing and gets the same outcomes. `busy`: nothing was stored, come back.
 * `other_epoch`: the sender does not know of a restore; nothing was stored, for what it kept from before must come first.
 */
export async function push(context: PushContext, { sender, request }: Push): Promise<Result<PushResponse, 'busy' | 'other_epoch'>> {
	if (request.hq_epoch !== undefined && request.hq_epoch !== context.epoch) return fail('other_epoch');
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
			if (!isStuck && !isContention(error)) throw error;
			context.logger[isStuck ? 'error' : 'debug']({ error, attempt, terminal: sender.terminal, mode }, 'push could not be stored at once');
			if (isStuck) mode = 'one by one';
			else await pauseBefore(context, attempt);
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
	const bootMark = bootMarkOf(terminal);
	const parsed = parseItems(request.events, { sender, time, programme: context.programme(), random: context.random, bootMark });
	const results = new Map(parsed.answered);
	// An enrolment later in the list than its first sale is still applied before it.
	const ordered = [...parsed.incoming].toSorted((left, right) => rank(left) - rank(right));
	const order = createRequestOrder();
	let lastResultNo = terminal?.lastResultNo ?? 0;
	for (const group of mode === 'together' ? [ordered] : ordered.map((item) => [item])) {
		lastResultNo = await applyGroup(tx, { context, group, order, sender, time, lastResultNo, results, mode, bootMark: parsed.bootMark });
	}
	return request.events.map((_item, index) => must(results.get(index), 'an answer for every item'));
}

type Group = {
	readonly context: PushContext;
	readonly group: readonly Incoming[];
	readonly order: RequestOrder;
	readonly sender: Sender;
	readonly time: RequestTime;
	readonly lastResultNo: number;
	readonly results: Map<number, EventResult>;
	readonly mode: TransactionRun['mode'];
	readonly bootMark: BootMark | null;
};

async function applyGroup(tx: Queryable, work: Group): Promise<number> {
	if (work.mode === 'together') return applyItems(tx, work, await readItems(tx, work));
	await tx.exec('SAVEPOINT item');
	let world: World | null = null;
	try {
		world = await readItems(tx, work);
		const lastResultNo = await applyItems(tx, work, world);
		await tx.exec('RELEASE SAVEPOINT item');
		return lastResultNo;
	} catch (error) {
		if (!isDataError(error)) throw error;
		await tx.exec('ROLLBACK TO SAVEPOINT item');
		for (const item of work.group) {
			work.context.logger.error({ error, eventId: item.eventId }, 'an event cannot be stored');
			// Not stored and not final: it can be sent again once the bug is mended.
			holdBack(work.order, world, item);
			work.results.set(item.index, { ...idOf(item), status: 'deferred', error: wireError('internal', 'the event could not be stored') });
		}
		return work.lastResultNo;
	}
}

function readItems(tx: Queryable, { context, group, sender, time }: Group): Promise<World> {
	return readWorld(tx, group, { sender, programme: context.programme(), nowMs: time.receivedAtMs, secret: context.secret });
}

function applyItems(
	tx: Queryable,
	{ context, group, order, sender, time, lastResultNo, results, bootMark }: Group,
	world: World,
): Promise<number> {
	for (const item of group) results.set(item.index, applyItem(world, order, item));
	return writeWorld(tx, world, { sender, time, secret: context.secret, lastResultNo, bootMark });
}

type TerminalRow = {
	readonly lastResultNo: number;
	readonly clockSkewMs: number | null;
	readonly bootId: string | null;
	readonly bootSeq: number | null;
	readonly bootEffectiveAtMs: number | null;
};

/** Taken before the members' locks by every request of this terminal: its outcomes are numbered without gaps and become visible in order. */
async function lockTerminal(tx: Queryable, terminal: string): Promise<TerminalRow> {
	const [row] = await tx.query<TerminalRow>(
		`SELECT last_result_no AS "lastResultNo", clock_skew_ms AS "clockSkewMs", boot_id AS "bootId", boot_seq AS "bootSeq", boot_effective_at AS "bootEffectiveAtMs"
		FROM terminal WHERE id = $1 FOR UPDATE`,
		[terminal],
	);
	return must(row, 'the terminal that was authenticated');
}

function bootMarkOf(terminal: TerminalRow | null): BootMark | null {
	if (terminal === null) return null;
	const { bootId, bootSeq: seq, bootEffectiveAtMs } = terminal;
	return bootId === null || seq === null || bootEffectiveAtMs === null ? null : { bootId, seq, effectiveAtMs: bootEffectiveAtMs };
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
