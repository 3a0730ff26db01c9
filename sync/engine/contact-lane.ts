/**
 * The contact: hello, then push, then a first load if one is needed, then pages of the change feed up to its head; again each minute, or
 * at once by long poll. Owns when the next pull is due and the leftovers of an interrupted load. In memory only: what must survive is in the
 * outbox and the replica, and a new start begins with a hello.
 */
import type { ErrorCode } from '#shared/errors/error-codes.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import { createRounds } from './compare-digests.ts';
import type { Rounds } from './compare-digests.ts';
import { errorOf } from './engine-context.ts';
import type { EngineContext, Trouble } from './engine-context.ts';
import { eraseMemberData } from './hello/erase-member-data.ts';
import { loadSnapshot } from './first-load.ts';
import type { Leftovers } from './fetch-file.ts';
import type { Line } from './line.ts';
import type { Alarm } from './pacing/alarm.ts';
import { PACE, planContact, REACTIONS, waitAsToldMs } from './plan.ts';
import type { ContactStep, Reaction } from './plan.ts';
import { forgetArrivedEnrolments, pullPage } from './pull-page.ts';
import type { PushLane } from './push-lane.ts';
import { sayHello } from './hello/say-hello.ts';

export type ContactLane = {
	/** A pull is due now; a long poll under way is ended. */
	readonly pullNow: () => void;
	/** All members are compared with headquarters' after the next pull; what differs is loaded again. */
	readonly compare: () => void;
	/** One turn: one step of the contact, or a rest. `false` when the engine has stopped. */
	readonly turn: () => Promise<boolean>;
	/** A failure outside of the line (the disk): no pull for a while. */
	readonly recover: () => void;
};

/** More shards than this are not replaced one by one: a whole load is as fast and answers from the old data meanwhile. */
const SHARDS_APART_MAX = 16;

type ContactState = {
	pullDueAtMs: number;
	pullNotBeforeMs: number;
	/** Pulls or loads in a row that did not come to their end. */
	failures: number;
	isReloadAsked: boolean;
	isSealing: boolean;
	/** These shards are to be loaded again, and these were since the last pull. */
	shardsAsked: readonly number[];
	shardsReplaced: readonly number[];
	wasPushWaitedFor: boolean;
	/** Rows of the pull under way, over all its pages. */
	rows: number;
	longPoll: AbortController | null;
	readonly leftovers: Leftovers;
	readonly comparing: Rounds;
};

type Parts = { readonly ctx: EngineContext; readonly line: Line; readonly push: PushLane; readonly state: ContactState };

export function createContactLane(ctx: EngineContext, others: { readonly line: Line; readonly push: PushLane }, alarm: Alarm): ContactLane {
	const state: ContactState = {
		pullDueAtMs: 0,
		pullNotBeforeMs: 0,
		failures: 0,
		isReloadAsked: false,
		isSealing: false,
		shardsAsked: [],
		shardsReplaced: [],
		wasPushWaitedFor: false,
		rows: 0,
		longPoll: null,
		leftovers: new Map(),
		comparing: createRounds(),
	};
	const parts: Parts = { ctx, ...others, state };
	const pullNow = (): void => {
		[state.pullDueAtMs, state.pullNotBeforeMs] = [0, 0];
		state.longPoll?.abort();
		alarm.ring();
	};
	return {
		pullNow,
		compare: () => {
			state.comparing.ask();
			pullNow();
		},
		turn: async () => {
			const step = nextStep(parts);
			if (step.kind === 'halt') return false;
			if (step.kind === 'rest') await alarm.sleepUntil(step.untilMs);
			else await STEPS[step.kind](parts);
			return true;
		},
		recover: () => {
			state.pullNotBeforeMs = ctx.clock.monotonicMs() + PACE.diskRetryMs;
		},
	};
}

function nextStep({ ctx, line, push, state }: Parts): ContactStep {
	return planContact({
		nowMs: ctx.clock.monotonicMs(),
		isHalted: line.isHalted() || ctx.signal.aborted,
		isOnline: line.isOnline(),
		notBeforeMs: line.notBeforeMs(),
		isHelloAsked: line.isHelloAsked(),
		helloAgeMs: line.helloAgeMs(),
		isPushDone: state.wasPushWaitedFor || push.isResting(),
		isLoadNeeded: isLoadNeeded(ctx, state),
		isSealing: state.isSealing,
		hasWaiting: ctx.board.read().waiting > 0,
		pullDueAtMs: state.pullDueAtMs,
		pullNotBeforeMs: state.pullNotBeforeMs,
	});
}

function isLoadNeeded(ctx: EngineContext, state: ContactState): boolean {
	return state.shardsAsked.length > 0 || isWholeLoadNeeded(ctx, state);
}

function isWholeLoadNeeded(ctx: EngineContext, state: ContactState): boolean {
	const { phase, hqEpoch, cursor } = ctx.replica.state();
	return state.isReloadAsked || phase !== 'ready' || cursor === null || hqEpoch !== ctx.outbox.state().hqEpoch;
}

const STEPS: Readonly<Record<Exclude<ContactStep['kind'], 'halt' | 'rest'>, (parts: Parts) => Promise<void>>> = { hello, push, load, pull };

async function hello({ ctx, line, push: lane, state }: Parts): Promise<void> {
	line.trying();
	const result = await sayHello(ctx, lane);
	if (result.ok) {
		line.up();
		state.wasPushWaitedFor = false;
		lane.wake();
		await followSealing(ctx, state, result.value.isSealing);
		return;
	}
	const { error: failure } = result;
	ctx.logger.debug({ kind: failure.kind, code: failure.error.code, detail: failure.error.detail }, 'a hello failed');
	switch (REACTIONS[failure.kind].hello) {
		case 'halt':
			line.halt(failure);
			break;
		case 'refused':
			line.refused(failure);
			break;
		case 'wait':
			line.wait(failure);
			break;
		case 'nothing':
			break;
		default:
			line.down(failure);
	}
}

/** The member data goes at once; what this terminal recorded goes to headquarters first, and then it is revoked. */
async function followSealing(ctx: EngineContext, state: ContactState, isSealing: boolean): Promise<void> {
	state.isSealing = isSealing;
	if (!isSealing) return;
	await eraseMemberData(ctx);
	ctx.board.setError('contact', terminalError('LINE-105', { verdict: 'never' }));
}

async function push({ push: lane, state }: Parts): Promise<void> {
	await lane.rested(PACE.pushFirstMs);
	state.wasPushWaitedFor = true;
}

async function load(parts: Parts): Promise<void> {
	const { ctx, state } = parts;
	const shards = isWholeLoadNeeded(ctx, state) ? null : state.shardsAsked;
	const result = await loadSnapshot(ctx, { shards, leftovers: state.leftovers });
	if (!result.ok) {
		const isPreparing = result.error.from === 'line' && result.error.failure.kind === 'preparing';
		if (!isPreparing) ctx.board.setWork('contact', null);
		trouble(parts, result.error);
		return;
	}
	ctx.logger.info({ rows: result.value.rows, shards }, 'the member data is loaded');
	ctx.board.setWork('contact', null);
	succeeded(parts);
	[state.isReloadAsked, state.shardsAsked] = [false, []];
	state.shardsReplaced = shards ?? [];
	state.pullDueAtMs = 0;
}

async function pull(parts: Parts): Promise<void> {
	const { ctx, state } = parts;
	const longPoll = new AbortController();
	state.longPoll = longPoll;
	const signal = AbortSignal.any([ctx.signal, longPoll.signal]);
	const result = await pullPage(ctx, { waitMs: waitOf(parts), signal, leftovers: state.leftovers });
	state.longPoll = null;
	if (!result.ok) {
		ctx.board.setWork('pull', null);
		trouble(parts, result.error);
		return;
	}
	succeeded(parts);
	state.shardsReplaced = [];
	const { rows, hasMore, retryAfterMs } = result.value;
	const nowMs = ctx.clock.monotonicMs();
	state.pullNotBeforeMs = nowMs + retryAfterMs;
	state.rows += rows;
	state.pullDueAtMs = hasMore ? nowMs : nowMs + pauseOf(ctx);
	if (hasMore) {
		ctx.board.setWork('pull', { kind: 'pull', done: state.rows, total: 0, unit: 'rows' });
		return;
	}
	state.rows = 0;
	ctx.board.setWork('pull', null);
	ctx.board.mark('pull');
	ctx.board.setNextPull({
		nextPullAtMs: Math.round(ctx.clock.nowMs() + state.pullDueAtMs - nowMs),
		isPullHeld: waitOf(parts) > 0,
	});
	await forgetArrivedEnrolments(ctx);
	if (state.comparing.isAsked()) await compare(parts);
}

/** Here, where nothing else moves the replica on. A failure is no failure of the pull: it is tried again after the next one. */
async function compare(parts: Parts): Promise<void> {
	const { ctx, line, state } = parts;
	const result = await state.comparing.next(ctx);
	if (!result.ok) {
		ctx.logger.debug({ code: errorOf(result.error).code, detail: errorOf(result.error).detail }, 'comparing failed');
		if (result.error.from === 'line') reportLine(line, result.error.failure);
		if (result.error.from === 'epoch') line.askHello();
		return;
	}
	const { shards, isInVain } = result.value;
	if (shards.length > 0) askReload(state, isInVain ? null : shards);
}

/** Headquarters holds an answer back only when this terminal is at the head of the feed, as far as it knows. */
function waitOf({ ctx, state }: Parts): number {
	return state.rows === 0 && state.pullDueAtMs > 0 && ctx.longPoll?.isOpen(ctx.clock.nowMs()) === true ? ctx.longPoll.waitMs : 0;
}

function pauseOf(ctx: EngineContext): number {
	if (ctx.longPoll?.isOpen(ctx.clock.nowMs()) === true) return PACE.longPollPauseMs;
	return PACE.pullEvery.leastMs + Math.floor(ctx.random.fraction() * PACE.pullEvery.spreadMs);
}

function succeeded({ ctx, state }: Parts): void {
	state.failures = 0;
	ctx.board.setError('pull', null);
}

/** A load or a pull did not come to its end. */
function trouble({ ctx, line, state }: Parts, what: Trouble): void {
	const error = errorOf(what);
	const reaction = reactionTo(what);
	if (reaction === 'nothing') return;
	ctx.logger.debug({ code: error.code, detail: error.detail }, 'a pull failed');
	// A new epoch and a place in the feed that is no longer valid are mended at once and by itself: nothing that a screen has to say.
	if (!['reload', 'wait', 'epoch'].includes(reaction)) ctx.board.setError('pull', error);
	state.pullNotBeforeMs = ctx.clock.monotonicMs() + delayOf(ctx, { what, reaction, failures: state.failures });
	state.failures += 1;
	if (reaction === 'epoch' || reaction === 'hello') line.askHello();
	if (reaction === 'reload') askReload(state, (what.from === 'line' ? what.failure.shards : null) ?? null);
	if (what.from === 'line') reportLine(line, what.failure);
}

/** Some shards, if it is so said and no more than are worth it and they were not just replaced in vain; otherwise everything. */
function askReload(state: ContactState, shards: readonly number[] | null): void {
	const isApart = shards !== null && shards.length > 0 && shards.length <= SHARDS_APART_MAX;
	if (isApart && !shards.some((shard) => state.shardsReplaced.includes(shard))) state.shardsAsked = shards;
	else state.isReloadAsked = true;
}

/** What the replica says that is no failure of the disk: it has no place in the feed any more; a file did not arrive as it should. */
const REACTION_BY_CODE: ReadonlyMap<ErrorCode, Reaction> = new Map([
	['LINE-108', 'reload'],
	['DISK-106', 'retry'],
]);

type TroubleReaction = Reaction | 'epoch' | 'disk';

function reactionTo(what: Trouble): TroubleReaction {
	switch (what.from) {
		case 'line':
			return REACTIONS[what.failure.kind].read;
		case 'epoch':
			return 'epoch';
		case 'disk':
			return REACTION_BY_CODE.get(what.error.code) ?? 'disk';
	}
}

function reportLine(line: Line, failure: LineFailure): void {
	const reaction = REACTIONS[failure.kind].read;
	if (reaction === 'down') line.down(failure);
	if (reaction === 'halt') line.halt(failure);
}

type Judged = { readonly what: Trouble; readonly reaction: TroubleReaction; readonly failures: number };

function delayOf(ctx: EngineContext, { what, reaction, failures }: Judged): number {
	switch (reaction) {
		case 'disk':
			return PACE.diskRetryMs;
		case 'wait':
			return waitAsToldMs(errorOf(what), ctx.random);
		case 'slow':
			return PACE.refusedRetryMs;
		case 'epoch':
		case 'reload':
			return failures === 0 ? 0 : nextDelayMs(PACE.pullBackoff, failures - 1, ctx.random);
		default:
			return nextDelayMs(PACE.pullBackoff, failures, ctx.random);
	}
}
