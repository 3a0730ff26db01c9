/**
 * Sends the outbox to headquarters, one request at a time, for as long as the line is up. Owns the size of the batches and the memory of
 * entries that make headquarters fail. What is on its way is `sending` on disk before the first byte leaves; a crash at any point leaves
 * entries that are sent again with the same ids and that headquarters answers from its stored outcomes.
 */
import type { EventId } from '#shared/domain/ids.ts';
import { nextDelayMs } from '#shared/lib/backoff.ts';
import { BODY_BYTES_MAX } from '#shared/wire/limits.ts';
import type { EventResult, PushResponse } from '#shared/wire/push.ts';
import type { Entry } from '../outbox/entry.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import type { EngineContext } from './engine-context.ts';
import type { Line } from './line.ts';
import { fetchOwnEvents } from './own-events.ts';
import type { Alarm } from './pacing/alarm.ts';
import { afterFault, afterRefusal, afterSuccess, afterTaking, INITIAL_BATCH_POLICY, nextLimit } from './pacing/batch-policy.ts';
import type { BatchPolicy, Consequence } from './pacing/batch-policy.ts';
import { PACE, planPush, REACTIONS, waitAsToldMs } from './plan.ts';
import { toWireEvent } from './wire-event.ts';

export type PushLane = {
	/** There may be something to send. */
	readonly wake: () => void;
	/** A person wants it now: what waits by our own backoff goes at once, what headquarters told to wait does not. */
	readonly tryNow: () => void;
	/** Whether it rests: nothing to send now, or told to wait, or the line is down. */
	readonly isResting: () => boolean;
	/** Resolves when it rests, at the latest after `withinMs`. */
	readonly rested: (withinMs: number) => Promise<void>;
	/** Runs `work` while nothing is being sent and nothing is `sending`. */
	readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
	/** One turn: sends a batch, or rests until there is something to do. `false` when the engine has stopped. */
	readonly turn: () => Promise<boolean>;
	/** A failure outside of the line (the disk): what is `sending` is taken back, and the lane waits. */
	readonly recover: () => Promise<void>;
};

/** Events of one request, with room for the request around them and for what each gains on its way. Bytes. */
const BATCH_BYTES_MAX = BODY_BYTES_MAX - 65_536;
/** Nothing could be taken although something seems due (it waits behind another of the same member): look again after this. */
const LOOK_AGAIN_MS = 1_000;
/** From this many on a push is work that a screen shows. */
const SHOWN_FROM_EVENTS = 50;

type PushState = {
	policy: BatchPolicy;
	mayHaveWork: boolean;
	dueAtMs: number | null;
	notBeforeMs: number;
	isToldToWait: boolean;
	/** Times in a row that an answer asked for a new contact or was not understood. */
	setbacks: number;
	sent: number;
	isResting: boolean;
};

export function createPushLane(ctx: EngineContext, line: Line, alarm: Alarm): PushLane {
	const state: PushState = {
		policy: INITIAL_BATCH_POLICY,
		mayHaveWork: true,
		dueAtMs: null,
		notBeforeMs: 0,
		isToldToWait: false,
		setbacks: 0,
		sent: 0,
		isResting: false,
	};
	const resting = createRestSignal(ctx);
	let inUse: Promise<unknown> = Promise.resolve();

	const exclusively = async <T>(work: () => Promise<T>): Promise<T> => {
		const result = inUse.then(work);
		// The next one waits for the end of this one, not for its success.
		inUse = result.catch(() => undefined);
		return result;
	};
	const rest = async (untilMs: number | null): Promise<void> => {
		state.isResting = true;
		resting.reached();
		await alarm.sleepUntil(untilMs);
		state.isResting = false;
	};
	const wake = (): void => {
		state.mayHaveWork = true;
		state.isResting = false;
		alarm.ring();
	};

	return {
		wake,
		tryNow: () => {
			if (!state.isToldToWait) state.notBeforeMs = 0;
			wake();
		},
		isResting: () => state.isResting,
		rested: (withinMs) => (state.isResting ? Promise.resolve() : resting.within(withinMs)),
		exclusively,
		turn: async () => {
			const facts = {
				...state,
				nowMs: ctx.clock.monotonicMs(),
				isHalted: line.isHalted() || ctx.signal.aborted,
				isOnline: line.isOnline(),
			};
			const step = planPush(facts);
			if (step.kind === 'halt') {
				resting.reached();
				return false;
			}
			if (step.kind === 'rest') await rest(step.untilMs);
			else await exclusively(() => sendBatch(ctx, line, state));
			return true;
		},
		recover: async () => {
			state.notBeforeMs = ctx.clock.monotonicMs() + PACE.diskRetryMs;
			state.mayHaveWork = true;
			await exclusively(() => ctx.outbox.recoverSending());
		},
	};
}

async function sendBatch(ctx: EngineContext, line: Line, state: PushState): Promise<void> {
	const { outbox, clock } = ctx;
	const nowMs = clock.monotonicMs();
	// Before the look, so that what is recorded during it is seen by the next one.
	state.mayHaveWork = false;
	const batch = await outbox.takeBatch({ events: nextLimit(state.policy, nowMs), bytes: BATCH_BYTES_MAX, nowMs: clock.nowMs() });
	const eventIds = batch.map((entry) => entry.eventId);
	state.policy = afterTaking(state.policy, eventIds, nowMs);
	if (batch.length === 0) {
		await drained(ctx, state);
		return;
	}
	state.mayHaveWork = true;
	const { incarnation, hqEpoch } = outbox.state();
	const events = batch.map((entry) => toWireEvent(entry, clock));
	const request = { terminal: ctx.identity.terminal, incarnation, hq_epoch: hqEpoch, sent_at: clock.nowMs(), events };
	const answer = await ctx.client.push(request, ctx.signal);
	if (!answer.ok) await failed(ctx, line, { state, eventIds, failure: answer.error });
	else if (answer.value.hq_epoch !== outbox.state().hqEpoch) await fromAnotherEpoch(ctx, line, { state, eventIds });
	else await answered(ctx, state, { batch, response: answer.value });
}

async function drained(ctx: EngineContext, state: PushState): Promise<void> {
	const nowMs = ctx.clock.monotonicMs();
	const dueAtWallMs = await ctx.outbox.nextAttemptAtMs();
	const inMs = dueAtWallMs === null ? null : Math.max(LOOK_AGAIN_MS, dueAtWallMs - ctx.clock.nowMs());
	state.dueAtMs = inMs === null ? null : nowMs + inMs;
	state.sent = 0;
	ctx.board.setWork('push', null);
	ctx.board.setError('push', null);
}

async function answered(
	ctx: EngineContext,
	state: PushState,
	{ batch, response }: { readonly batch: readonly Entry[]; readonly response: PushResponse },
): Promise<void> {
	const eventIds = batch.map((entry) => entry.eventId);
	const results = matchResults(eventIds, response.results);
	if (results === null) {
		// Short or mixed up: unknown for all of them, so all are sent again.
		ctx.logger.error({ sent: batch.length, answered: response.results.length }, 'the answer to a push does not fit the request');
		await ctx.outbox.release(eventIds, 0);
		setBack(ctx, state);
		return;
	}
	// Another life of this outbox was here before: what it sent comes back before this one takes a new incarnation.
	if (results.some((result) => result.status === 'fork') && !(await isPastFetched(ctx))) {
		await ctx.outbox.release(eventIds, 0);
		setBack(ctx, state);
		return;
	}
	await ctx.outbox.settle(results, ctx.clock.nowMs());
	state.policy = afterSuccess(state.policy, eventIds);
	state.setbacks = 0;
	state.notBeforeMs = ctx.clock.monotonicMs() + (response.retry_after_ms ?? 0);
	state.isToldToWait = response.retry_after_ms !== undefined;
	state.sent += batch.length;
	ctx.board.mark('push');
	ctx.board.setError('push', null);
	if (state.sent + ctx.board.backlog() >= SHOWN_FROM_EVENTS)
		ctx.board.setWork('push', { kind: 'push', done: state.sent, total: 0, unit: 'events' });
}

async function isPastFetched(ctx: EngineContext): Promise<boolean> {
	const fetched = await fetchOwnEvents(ctx);
	// To a terminal that is being sealed nothing is given back: it only hands over.
	return fetched.ok || fetched.error.kind === 'revoked';
}

/** By event id where the answer has it, by position otherwise; `null` when it does not fit. */
function matchResults(
	eventIds: readonly EventId[],
	results: readonly EventResult[],
): readonly (EventResult & { readonly event_id: EventId })[] | null {
	if (results.length !== eventIds.length) return null;
	const sent = new Set<EventId>(eventIds);
	const matched = results.flatMap((result, index) => {
		const eventId = result.event_id ?? eventIds[index];
		return eventId !== undefined && sent.delete(eventId) ? [{ ...result, event_id: eventId }] : [];
	});
	return matched.length === eventIds.length ? matched : null;
}

type FailedPush = { readonly state: PushState; readonly eventIds: readonly EventId[]; readonly failure: LineFailure };

async function fromAnotherEpoch(ctx: EngineContext, line: Line, { state, eventIds }: Omit<FailedPush, 'failure'>): Promise<void> {
	// Its versions mean nothing beside our replica: not stored; after the hello all of it is offered again.
	await ctx.outbox.release(eventIds, 0);
	setBack(ctx, state);
	line.askHello();
}

async function failed(ctx: EngineContext, line: Line, { state, eventIds, failure }: FailedPush): Promise<void> {
	ctx.logger.debug({ kind: failure.kind, code: failure.error.code, events: eventIds.length }, 'a push failed');
	const reaction = REACTIONS[failure.kind].push;
	if (reaction === 'halve') {
		await conclude(ctx, { state, eventIds, failure }, afterRefusal(state.policy, eventIds, ctx.clock.monotonicMs()));
		return;
	}
	if (reaction === 'suspect') {
		await suspect(ctx, line, { state, eventIds, failure });
		return;
	}
	await ctx.outbox.release(eventIds, 0);
	if (reaction !== 'nothing') ctx.board.setError('push', failure.error);
	if (reaction === 'halt') line.halt(failure);
	if (reaction === 'down') line.down(failure);
	state.isToldToWait = reaction === 'wait';
	if (reaction === 'wait') state.notBeforeMs = ctx.clock.monotonicMs() + waitAsToldMs(failure.error, ctx.random);
	if (reaction === 'slow') state.notBeforeMs = ctx.clock.monotonicMs() + PACE.refusedRetryMs;
	if (reaction === 'hello') {
		setBack(ctx, state);
		line.askHello();
	}
}

/** The push broke although it had begun: if headquarters answers `/health` the batch is to blame, if not the line is. */
async function suspect(ctx: EngineContext, line: Line, { state, eventIds, failure }: FailedPush): Promise<void> {
	const health = await ctx.client.health(ctx.signal);
	if (!health.ok) {
		await ctx.outbox.release(eventIds, 0);
		if (REACTIONS[health.error.kind].hello !== 'nothing') line.down(failure);
		return;
	}
	ctx.board.setError('push', failure.error);
	const at = { nowMs: ctx.clock.monotonicMs(), random: ctx.random };
	await conclude(ctx, { state, eventIds, failure }, afterFault(state.policy, eventIds, at));
}

async function conclude(ctx: EngineContext, { state, eventIds, failure }: FailedPush, consequence: Consequence): Promise<void> {
	const [only] = eventIds;
	const entriesAtMs = consequence.entryDelayMs === 0 ? 0 : ctx.clock.nowMs() + consequence.entryDelayMs;
	if (consequence.action === 'park' && only !== undefined) {
		ctx.logger.error(
			{ eventId: only, code: failure.error.code, detail: failure.error.detail },
			'parked an entry that alone makes headquarters fail',
		);
		await ctx.outbox.park(only, { ...failure.error, eventId: only }, entriesAtMs);
		ctx.board.setError('push', null);
	} else {
		await ctx.outbox.release(eventIds, entriesAtMs);
	}
	state.policy = consequence.policy;
	state.notBeforeMs = ctx.clock.monotonicMs() + consequence.laneDelayMs;
}

function setBack(ctx: EngineContext, state: PushState): void {
	state.notBeforeMs = ctx.clock.monotonicMs() + nextDelayMs(PACE.lineBackoff, state.setbacks, ctx.random);
	state.setbacks += 1;
}

/** Lets others wait for the lane to rest. */
function createRestSignal(ctx: EngineContext): { readonly reached: () => void; readonly within: (ms: number) => Promise<void> } {
	let waiting: (() => void)[] = [];
	return {
		reached: () => {
			const all = waiting;
			waiting = [];
			for (const resolve of all) resolve();
		},
		within: (ms) =>
			new Promise((resolve) => {
				const cancel = ctx.timers.after(ms, resolve);
				waiting.push(() => {
					cancel();
					resolve();
				});
			}),
	};
}
