import type { ErrorCode } from '#shared/errors/error-codes.ts';
import type { LoyaltyError, Verdict } from '#shared/errors/loyalty-error.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { ErrorEnvelope } from '#shared/wire/error-envelope.ts';
import { RETRY_AFTER_MS_MAX } from './limits.ts';

/**
 * What kind of failure a call met. The engine decides by it; each kind is one row of `JUDGEMENTS`.
 * `unreachable` nothing of headquarters answered · `cut` the line broke after the request had begun · `late` a time limit passed ·
 * `fault` headquarters failed by itself · `busy` it said to come back · `preparing` it writes a snapshot first ·
 * `unauthorised`, `revoked`, `pairing_code_wrong`, `too_old` it does not serve this terminal · `resync` the cursor is no longer valid ·
 * `gone` what was asked for is not there (any more) · `request_refused` it does not take the request as a whole ·
 * `not_understood` its answer is of no known form · `damaged_file` a file is not what the manifest says · `aborted` the caller gave up.
 */
export type FailureKind =
	| 'unreachable'
	| 'cut'
	| 'late'
	| 'fault'
	| 'busy'
	| 'preparing'
	| 'unauthorised'
	| 'revoked'
	| 'pairing_code_wrong'
	| 'too_old'
	| 'resync'
	| 'gone'
	| 'request_refused'
	| 'not_understood'
	| 'damaged_file'
	| 'aborted';

/** A call that did not succeed. `progress` comes with `preparing`, `shards` with a `resync` that concerns only these. */
export type LineFailure = {
	readonly kind: FailureKind;
	readonly error: LoyaltyError;
	readonly progress: { readonly done: number; readonly total: number } | null;
	readonly shards?: readonly number[];
};

/**
 * What was seen on the line, before it is judged. `connect`: no byte of the request left. `exchange`: it may have arrived.
 * `body`: the answer came with a status of success but is not what it should be.
 */
export type Breakdown =
	| { readonly at: 'connect'; readonly detail: string }
	| { readonly at: 'exchange'; readonly cause: 'cut' | 'late' | 'aborted'; readonly detail: string }
	| { readonly at: 'answer'; readonly status: number; readonly envelope: ErrorEnvelope | null; readonly retryAfterMs: number | null }
	| { readonly at: 'body'; readonly problem: 'too_large' | 'wrong_shape' | 'not_headquarters' | 'damaged_file'; readonly detail: string };

/** A push may have been carried out although its answer is missing; a read never leaves anything behind. */
export type CallKind = 'push' | 'read';

type Judgement = { readonly code: ErrorCode; readonly origin: LoyaltyError['origin']; readonly read: Verdict; readonly push: Verdict };

/** One row per kind: its code, whose failure it is, and what it means for trying again, for a read and for a push. */
const JUDGEMENTS: Readonly<Record<FailureKind, Judgement>> = {
	unreachable: { code: 'LINE-101', origin: 'terminal', read: 'retry_later', push: 'unknown' },
	cut: { code: 'LINE-101', origin: 'terminal', read: 'retry_later', push: 'unknown' },
	late: { code: 'LINE-102', origin: 'terminal', read: 'retry_later', push: 'unknown' },
	fault: { code: 'LINE-102', origin: 'hq', read: 'retry_later', push: 'unknown' },
	busy: { code: 'LINE-103', origin: 'hq', read: 'retry_later', push: 'retry_later' },
	preparing: { code: 'LINE-103', origin: 'hq', read: 'retry_later', push: 'retry_later' },
	unauthorised: { code: 'LINE-104', origin: 'hq', read: 'retry_after_change', push: 'retry_after_change' },
	revoked: { code: 'LINE-105', origin: 'hq', read: 'never', push: 'never' },
	pairing_code_wrong: { code: 'LINE-106', origin: 'hq', read: 'retry_after_change', push: 'retry_after_change' },
	too_old: { code: 'LINE-107', origin: 'hq', read: 'retry_after_change', push: 'retry_after_change' },
	resync: { code: 'LINE-108', origin: 'hq', read: 'retry_later', push: 'retry_later' },
	gone: { code: 'LINE-108', origin: 'hq', read: 'retry_later', push: 'retry_later' },
	request_refused: { code: 'LINE-107', origin: 'hq', read: 'retry_after_change', push: 'retry_after_change' },
	not_understood: { code: 'LINE-107', origin: 'hq', read: 'retry_after_change', push: 'unknown' },
	damaged_file: { code: 'DISK-106', origin: 'terminal', read: 'retry_later', push: 'unknown' },
	aborted: { code: 'LINE-101', origin: 'terminal', read: 'retry_later', push: 'unknown' },
};

/** Wire codes that decide by themselves, whatever the status they came with. */
const KIND_BY_WIRE_CODE: ReadonlyMap<number, FailureKind> = new Map([
	[WIRE_CODES.signatureWrong, 'unauthorised'],
	[WIRE_CODES.authorizationMalformed, 'unauthorised'],
	[WIRE_CODES.terminalRevoked, 'revoked'],
	[WIRE_CODES.pairingCodeWrong, 'pairing_code_wrong'],
	[WIRE_CODES.terminalTooOld, 'too_old'],
	[WIRE_CODES.resyncNeeded, 'resync'],
	[WIRE_CODES.snapshotPreparing, 'preparing'],
	[WIRE_CODES.rateLimited, 'busy'],
]);

/** Statuses with a meaning of their own. 408, 409 and 425 say that the same request may succeed later. */
const KIND_BY_STATUS: ReadonlyMap<number, FailureKind> = new Map([
	[401, 'unauthorised'],
	[404, 'gone'],
	[408, 'fault'],
	[409, 'fault'],
	[410, 'resync'],
	[413, 'request_refused'],
	[425, 'fault'],
	[426, 'too_old'],
	[429, 'busy'],
]);

/**
 * Statuses that count without headquarters' own envelope. Any other refusal without it comes from something in between
 * (a guest network's log-in page, a proxy): it says nothing about the request, and must never park an entry or stop a terminal.
 */
const STATUS_BELIEVED_FROM_ANYONE: ReadonlySet<number> = new Set([401, 408, 410, 413, 425, 426, 429]);

/** Decides what a breakdown means. Pure; by status and code only. */
export function classifyFailure(breakdown: Breakdown, call: CallKind): LineFailure {
	const kind = kindOf(breakdown);
	const judgement = JUDGEMENTS[kind];
	const retryAfterMs = retryAfterOf(breakdown);
	const envelope = breakdown.at === 'answer' ? breakdown.envelope : null;
	return {
		kind,
		error: {
			code: judgement.code,
			origin: judgement.origin,
			verdict: judgement[call],
			detail: describe(breakdown),
			...(retryAfterMs === null ? {} : { retryAfterMs }),
		},
		progress: envelope?.progress ?? null,
		...(kind === 'resync' && envelope?.shards !== undefined ? { shards: envelope.shards } : {}),
	};
}

function kindOf(breakdown: Breakdown): FailureKind {
	switch (breakdown.at) {
		case 'connect':
			return 'unreachable';
		case 'exchange':
			return breakdown.cause;
		case 'body':
			return KIND_BY_PROBLEM[breakdown.problem];
		case 'answer':
			return kindOfAnswer(breakdown);
	}
}

const KIND_BY_PROBLEM = {
	too_large: 'not_understood',
	wrong_shape: 'not_understood',
	not_headquarters: 'unreachable',
	damaged_file: 'damaged_file',
} as const satisfies Record<Extract<Breakdown, { at: 'body' }>['problem'], FailureKind>;

function kindOfAnswer(answer: Extract<Breakdown, { at: 'answer' }>): FailureKind {
	const { status, envelope } = answer;
	const byCode = envelope === null ? undefined : KIND_BY_WIRE_CODE.get(envelope.error.code);
	if (byCode !== undefined) return byCode;
	if (status === 503 && retryAfterOf(answer) !== null) return 'busy';
	if (status >= 500) return 'fault';
	if (envelope === null && !STATUS_BELIEVED_FROM_ANYONE.has(status)) return 'unreachable';
	return KIND_BY_STATUS.get(status) ?? refusal(status);
}

function refusal(status: number): FailureKind {
	if (status === 403) return 'unauthorised';
	return status >= 400 ? 'request_refused' : 'not_understood';
}

function retryAfterOf(breakdown: Breakdown): number | null {
	if (breakdown.at !== 'answer') return null;
	const retryAfterMs = breakdown.envelope?.retry_after_ms ?? breakdown.retryAfterMs;
	return retryAfterMs === null ? null : Math.min(retryAfterMs, RETRY_AFTER_MS_MAX);
}

function describe(breakdown: Breakdown): string {
	if (breakdown.at !== 'answer') return breakdown.detail.slice(0, 1000);
	const { status, envelope } = breakdown;
	return envelope === null ? `status ${status}` : `status ${status}, code ${envelope.error.code}: ${envelope.error.message}`;
}
