/**
 * Whether headquarters can be talked to. Owns the state of the line, its backoff and the wish for a hello, for both lanes.
 * Only a hello brings the line up; either lane can report that it went down. In memory only.
 */
import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import type { EngineContext } from './engine-context.ts';
import type { Alarm } from './pacing/alarm.ts';
import { isWorthACheapTry, PACE, waitAsToldMs } from './plan.ts';

export type Line = {
	readonly isOnline: () => boolean;
	/** Revoked: nothing is tried any more. */
	readonly isHalted: () => boolean;
	/** No contact before this, monotonic. */
	readonly notBeforeMs: () => number;
	readonly isHelloAsked: () => boolean;
	/** Since the last successful hello; `null` before the first. */
	readonly helloAgeMs: () => number | null;
	/** A hello begins: the wish for one is met, whatever comes of it. */
	readonly trying: () => void;
	/** A hello was answered. */
	readonly up: () => void;
	/** Headquarters cannot be reached or fails: tried again with backoff. */
	readonly down: (failure: LineFailure) => void;
	/** Headquarters said when to come back. An established line stays up meanwhile. */
	readonly wait: (failure: LineFailure) => void;
	/** Headquarters does not serve this terminal: tried again seldom. */
	readonly refused: (failure: LineFailure) => void;
	readonly halt: (failure: LineFailure) => void;
	/** Something does not fit any more (epoch, signature): a hello is to be made as soon as the contact lane is free. */
	readonly askHello: () => void;
	/** A person wants it now. A time that headquarters gave is kept to all the same. */
	readonly tryNow: () => void;
	/** A sale was recorded: a line that has been down for a while is tried at once, without lengthening the backoff. */
	readonly tryCheaply: () => void;
};

export type LineParts = {
	readonly ctx: Pick<EngineContext, 'board' | 'clock' | 'random' | 'logger'>;
	readonly alarms: { readonly contact: Alarm; readonly push: Alarm };
	/** Called once, when this terminal turns out to be revoked. */
	readonly onHalt: () => void;
};

type LineMemory = {
	mode: 'connecting' | 'online' | 'offline' | 'refused' | 'halted';
	/** Tries by time in a row without an answer. */
	failures: number;
	notBeforeMs: number;
	isHelloAsked: boolean;
	isToldToWait: boolean;
	isCheapTry: boolean;
	helloAtMs: number | null;
	offlineSinceMs: number;
	lastTryMs: number;
};

export function createLine(parts: LineParts): Line {
	const { ctx, alarms } = parts;
	const memory: LineMemory = {
		mode: 'connecting',
		failures: 0,
		notBeforeMs: 0,
		isHelloAsked: false,
		isToldToWait: false,
		isCheapTry: false,
		helloAtMs: null,
		offlineSinceMs: 0,
		lastTryMs: Number.NEGATIVE_INFINITY,
	};
	return {
		isOnline: () => memory.mode === 'online',
		isHalted: () => memory.mode === 'halted',
		notBeforeMs: () => memory.notBeforeMs,
		isHelloAsked: () => memory.isHelloAsked,
		helloAgeMs: () => (memory.helloAtMs === null ? null : ctx.clock.monotonicMs() - memory.helloAtMs),
		trying: () => {
			Object.assign(memory, { isHelloAsked: false, isToldToWait: false, lastTryMs: ctx.clock.monotonicMs() });
		},
		up: () => unlessHalted(memory, () => goUp(parts, memory)),
		down: (failure) => unlessHalted(memory, () => goDown(parts, memory, failure)),
		wait: (failure) => unlessHalted(memory, () => waitAsTold(parts, memory, failure)),
		refused: (failure) => unlessHalted(memory, () => beRefused(parts, memory, failure)),
		halt: (failure) =>
			unlessHalted(memory, () => {
				ctx.logger.error({ code: failure.error.code }, 'this terminal was revoked');
				memory.mode = 'halted';
				ctx.board.setError('contact', failure.error);
				ctx.board.setLine('refused');
				parts.onHalt();
			}),
		askHello: () => {
			memory.isHelloAsked = true;
			alarms.contact.ring();
		},
		tryNow: () => unlessHalted(memory, () => tryNow(parts, memory)),
		tryCheaply: () => {
			const nowMs = ctx.clock.monotonicMs();
			const facts = {
				offlineForMs: nowMs - memory.offlineSinceMs,
				sinceLastTryMs: nowMs - memory.lastTryMs,
				isToldToWait: memory.isToldToWait,
			};
			if (memory.mode !== 'offline' || !isWorthACheapTry(facts)) return;
			memory.isCheapTry = true;
			memory.notBeforeMs = nowMs;
			alarms.contact.ring();
		},
	};
}

function unlessHalted(memory: LineMemory, change: () => void): void {
	if (memory.mode !== 'halted') change();
}

function goUp({ ctx, alarms }: LineParts, memory: LineMemory): void {
	if (memory.mode !== 'online') ctx.logger.info({}, 'headquarters answers');
	Object.assign(memory, { mode: 'online', failures: 0, notBeforeMs: 0, isCheapTry: false, helloAtMs: ctx.clock.monotonicMs() });
	ctx.board.setLine('online');
	ctx.board.setError('contact', null);
	alarms.push.ring();
}

function goDown(parts: LineParts, memory: LineMemory, { error }: LineFailure): void {
	const { ctx } = parts;
	if (memory.mode === 'online') ctx.logger.info({ code: error.code, detail: error.detail }, 'headquarters is out of reach');
	// A try in between that a sale set off does not make the next one by time come later.
	if (!memory.isCheapTry) memory.failures += 1;
	memory.isCheapTry = false;
	ctx.board.setError('contact', error);
	stayAway(parts, memory, { mode: 'offline', delayMs: nextDelayMs(PACE.lineBackoff, Math.max(0, memory.failures - 1), ctx.random) });
}

function waitAsTold(parts: LineParts, memory: LineMemory, { error }: LineFailure): void {
	const { ctx } = parts;
	const delayMs = waitAsToldMs(error, ctx.random);
	memory.isToldToWait = true;
	ctx.board.setError('contact', error);
	if (memory.mode === 'online') memory.notBeforeMs = ctx.clock.monotonicMs() + delayMs;
	else stayAway(parts, memory, { mode: 'offline', delayMs });
}

function beRefused(parts: LineParts, memory: LineMemory, { error }: LineFailure): void {
	const { ctx } = parts;
	if (memory.mode !== 'refused') ctx.logger.error({ code: error.code, detail: error.detail }, 'headquarters does not serve this terminal');
	ctx.board.setError('contact', error);
	stayAway(parts, memory, { mode: 'refused', delayMs: PACE.refusedRetryMs + nextDelayMs(PACE.refusedSpread, 0, ctx.random) });
}

function stayAway(
	{ ctx, alarms }: LineParts,
	memory: LineMemory,
	{ mode, delayMs }: { readonly mode: 'offline' | 'refused'; readonly delayMs: number },
): void {
	const nowMs = ctx.clock.monotonicMs();
	if (mode === 'offline' && memory.mode !== 'offline') memory.offlineSinceMs = nowMs;
	memory.mode = mode;
	memory.notBeforeMs = nowMs + delayMs;
	ctx.board.setLine(mode, ctx.clock.nowMs() + delayMs);
	alarms.contact.ring();
}

function tryNow({ ctx, alarms }: LineParts, memory: LineMemory): void {
	memory.isHelloAsked = true;
	if (!memory.isToldToWait) {
		memory.notBeforeMs = ctx.clock.monotonicMs();
		if (memory.mode !== 'online') {
			memory.mode = 'connecting';
			ctx.board.setLine('connecting');
		}
	}
	alarms.contact.ring();
}
