/**
 * The decisions of the engine, all pure: what to do next, and what a failure leads to. Times are monotonic milliseconds, because a
 * wall clock that is set back by a day would put everything to sleep for a day.
 */
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { BackoffPolicy } from '#shared/lib/backoff.ts';
import type { Random } from '#shared/lib/clock.ts';
import type { FailureKind } from '../transport/classify-failure.ts';

/** All paces of the engine. Milliseconds. */
export const PACE = {
	/** Between tries while headquarters cannot be reached: full jitter, doubling. */
	lineBackoff: { firstMs: 1_000, maxMs: 60_000 } satisfies BackoffPolicy,
	/** Between tries of a pull that fails although the line is up. */
	pullBackoff: { firstMs: 1_000, maxMs: 60_000 } satisfies BackoffPolicy,
	/** A pull each minute, spread over half a minute, so that terminals that started together do not stay together. */
	pullEvery: { leastMs: 45_000, spreadMs: 30_000 },
	/** A hello is good for this long: below the shortest time between two pulls, so that every pull by time begins with one. */
	helloFreshMs: 45_000,
	/** A sealed terminal that has nothing left says so after this. */
	sealedHelloMs: 1_000,
	/** A terminal that is refused asks again this seldom: somebody may have mended it at headquarters. */
	refusedRetryMs: 300_000,
	refusedSpread: { firstMs: 60_000, maxMs: 60_000 } satisfies BackoffPolicy,
	/** A sale while offline tries the line at once if it was last tried longer ago than this. */
	cheapTryAfterMs: 5_000,
	/** Between two long polls: an answer at once, again and again, must not become a busy loop. */
	longPollPauseMs: 1_000,
	/** A contact pushes first, but a large backlog holds the pull up no longer than this; then both go on side by side. */
	pushFirstMs: 60_000,
	/** While headquarters prepares a snapshot and does not say when to come back. */
	preparingMs: 5_000,
	/** After a failure of the disk under the outbox or the replica. */
	diskRetryMs: 60_000,
	/** Added on top of a time that headquarters gave, so that those it told the same do not come back together. */
	retryAfterSpread: { firstMs: 1_000, maxMs: 1_000 } satisfies BackoffPolicy,
} as const;

export type ContactFacts = {
	readonly nowMs: number;
	readonly isHalted: boolean;
	readonly isOnline: boolean;
	/** No contact before this. */
	readonly notBeforeMs: number;
	readonly isHelloAsked: boolean;
	/** Since the last successful hello; `null` before the first. */
	readonly helloAgeMs: number | null;
	/** The push lane has nothing to send now, or waits, or was waited for long enough in this contact. */
	readonly isPushDone: boolean;
	readonly isLoadNeeded: boolean;
	/** Headquarters only takes what this terminal still has: it pushes, and says hello again when nothing waits, or by time. */
	readonly isSealing: boolean;
	readonly hasWaiting: boolean;
	/** When the next pull is due, and before when headquarters or our backoff wants none. */
	readonly pullDueAtMs: number;
	readonly pullNotBeforeMs: number;
};

export type ContactStep =
	| { readonly kind: 'halt' }
	| { readonly kind: 'rest'; readonly untilMs: number }
	| { readonly kind: 'hello' }
	| { readonly kind: 'push' }
	| { readonly kind: 'load' }
	| { readonly kind: 'pull' };

/** One contact is hello → push → first load if needed → pulls up to the head of the feed. */
export function planContact(facts: ContactFacts): ContactStep {
	if (facts.isHalted) return { kind: 'halt' };
	if (facts.nowMs < facts.notBeforeMs) return { kind: 'rest', untilMs: facts.notBeforeMs };
	if (!facts.isOnline || facts.isHelloAsked || facts.helloAgeMs === null) return { kind: 'hello' };
	if (facts.isSealing) return planSealing(facts, facts.helloAgeMs);
	const pullAtMs = Math.max(facts.isLoadNeeded ? facts.nowMs : facts.pullDueAtMs, facts.pullNotBeforeMs);
	if (facts.nowMs < pullAtMs) return { kind: 'rest', untilMs: pullAtMs };
	if (facts.helloAgeMs >= PACE.helloFreshMs) return { kind: 'hello' };
	if (!facts.isPushDone) return { kind: 'push' };
	return { kind: facts.isLoadNeeded ? 'load' : 'pull' };
}

function planSealing(facts: ContactFacts, helloAgeMs: number): ContactStep {
	if (!facts.isPushDone) return { kind: 'push' };
	if (helloAgeMs >= PACE.helloFreshMs || (!facts.hasWaiting && helloAgeMs >= PACE.sealedHelloMs)) return { kind: 'hello' };
	const againInMs = (facts.hasWaiting ? PACE.helloFreshMs : PACE.sealedHelloMs) - helloAgeMs;
	return { kind: 'rest', untilMs: facts.nowMs + againInMs };
}

export type PushFacts = {
	readonly nowMs: number;
	readonly isHalted: boolean;
	readonly isOnline: boolean;
	readonly notBeforeMs: number;
	/** Something was recorded, released or resent since the outbox was last found empty. */
	readonly mayHaveWork: boolean;
	/** When the next entry that waits for a time is due, `null` if none does. */
	readonly dueAtMs: number | null;
};

export type PushStep = { readonly kind: 'halt' } | { readonly kind: 'send' } | { readonly kind: 'rest'; readonly untilMs: number | null };

export function planPush(facts: PushFacts): PushStep {
	if (facts.isHalted) return { kind: 'halt' };
	if (!facts.isOnline) return { kind: 'rest', untilMs: null };
	const isDue = facts.mayHaveWork || (facts.dueAtMs !== null && facts.dueAtMs <= facts.nowMs);
	if (!isDue) return { kind: 'rest', untilMs: facts.dueAtMs };
	return facts.nowMs < facts.notBeforeMs ? { kind: 'rest', untilMs: facts.notBeforeMs } : { kind: 'send' };
}

/** How long headquarters wants to be left alone, and a little of our own on top. */
export function waitAsToldMs(error: LoyaltyError, random: Random): number {
	return (error.retryAfterMs ?? PACE.preparingMs) + nextDelayMs(PACE.retryAfterSpread, 0, random);
}

/** Whether a sale that was just recorded is worth a try of a line that is down. */
export function isWorthACheapTry(facts: {
	readonly offlineForMs: number;
	readonly sinceLastTryMs: number;
	readonly isToldToWait: boolean;
}): boolean {
	return !facts.isToldToWait && facts.offlineForMs >= PACE.cheapTryAfterMs && facts.sinceLastTryMs >= PACE.cheapTryAfterMs;
}

/**
 * What a failure leads to.
 * `halt` stop for good · `refused` ask again seldom, a person must act · `down` the line is down, try with backoff ·
 * `hello` begin a new contact with backoff · `wait` headquarters said when · `retry` the same again with backoff · `slow` the same again seldom ·
 * `reload` load a snapshot · `halve` find the entry that it refuses · `suspect` find out whether the batch or the line is to blame ·
 * `nothing` we gave up ourselves.
 */
export type Reaction = 'halt' | 'refused' | 'down' | 'hello' | 'wait' | 'retry' | 'slow' | 'reload' | 'halve' | 'suspect' | 'nothing';
export type Occasion = 'hello' | 'push' | 'read';

export const REACTIONS: Readonly<Record<FailureKind, Readonly<Record<Occasion, Reaction>>>> = {
	unreachable: { hello: 'down', push: 'down', read: 'down' },
	cut: { hello: 'down', push: 'suspect', read: 'hello' },
	late: { hello: 'down', push: 'suspect', read: 'hello' },
	fault: { hello: 'down', push: 'suspect', read: 'retry' },
	busy: { hello: 'wait', push: 'wait', read: 'wait' },
	preparing: { hello: 'wait', push: 'wait', read: 'wait' },
	unauthorised: { hello: 'refused', push: 'hello', read: 'hello' },
	revoked: { hello: 'halt', push: 'halt', read: 'halt' },
	pairing_code_wrong: { hello: 'refused', push: 'hello', read: 'hello' },
	too_old: { hello: 'refused', push: 'hello', read: 'hello' },
	resync: { hello: 'down', push: 'hello', read: 'reload' },
	gone: { hello: 'down', push: 'hello', read: 'retry' },
	request_refused: { hello: 'refused', push: 'halve', read: 'slow' },
	not_understood: { hello: 'refused', push: 'slow', read: 'slow' },
	damaged_file: { hello: 'down', push: 'suspect', read: 'retry' },
	aborted: { hello: 'nothing', push: 'nothing', read: 'nothing' },
};
