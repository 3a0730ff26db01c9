/**
 * One HTTP exchange under time limits. Owns nothing between calls; whatever happens, when `exchange` has resolved no timer of it is
 * left and its connection is either back in the pool or closed.
 */
import type { Timers } from '#shared/lib/clock.ts';
import { fail } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Breakdown } from './classify-failure.ts';
import type { CallLimits } from './limits.ts';

/** The part of `fetch` that is used: Node's own fits, and so does Electron's. */
export type FetchPort = (url: string, init: FetchInit) => Promise<FetchAnswer>;
export type FetchInit = {
	readonly method: 'GET' | 'POST';
	readonly headers: Record<string, string>;
	readonly body?: Uint8Array<ArrayBuffer>;
	readonly signal: AbortSignal;
	readonly redirect: 'manual';
};
export type FetchAnswer = {
	readonly status: number;
	readonly headers: { readonly get: (name: string) => string | null };
	readonly body: AsyncIterable<Uint8Array> | null;
};

export type ExchangeRequest = {
	readonly url: string;
	readonly method: 'GET' | 'POST';
	readonly headers: Record<string, string>;
	readonly body: Uint8Array<ArrayBuffer> | null;
	readonly limits: CallLimits;
	/** The caller's way to give up. */
	readonly signal: AbortSignal | null;
};

/** The answer's head, and its body piece by piece under the limits. The body must be read at most once. */
export type Answer = {
	readonly status: number;
	readonly header: (name: string) => string | null;
	readonly pieces: (bytesMax: number) => AsyncIterable<Uint8Array>;
};

/**
 * Sends `request` and hands the answer to `receive`. What goes wrong on the line, before, during or after `receive`, comes back as a
 * `Breakdown`; what `receive` throws otherwise is thrown on.
 */
export async function exchange<T>(
	ports: { readonly fetch: FetchPort; readonly timers: Timers },
	request: ExchangeRequest,
	receive: (answer: Answer) => Promise<Result<T, Breakdown>>,
): Promise<Result<T, Breakdown>> {
	const guard = createGuard(ports.timers, request);
	try {
		const { method, headers, body } = request;
		const init: FetchInit = { method, headers, signal: guard.signal, redirect: 'manual', ...(body === null ? {} : { body }) };
		const answer = await onTheLine(guard, () => ports.fetch(request.url, init));
		guard.expectWithin(request.limits.stallMs);
		return await receive({
			status: answer.status,
			header: (name) => answer.headers.get(name),
			pieces: (bytesMax) => readPieces(answer.body, guard, { bytesMax, stallMs: request.limits.stallMs }),
		});
	} catch (cause) {
		if (cause instanceof LineBroken) return fail(cause.breakdown);
		throw cause;
	} finally {
		guard.close();
	}
}

/** Everything of a body in one piece of memory. */
export async function readWhole(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const piece of pieces) {
		parts.push(piece);
		length += piece.length;
	}
	const [only] = parts;
	if (parts.length === 1 && only !== undefined) return only;
	const whole = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** Carries a breakdown out of the middle of a body to `exchange`, which turns it back into a value. */
class LineBroken extends Error {
	override readonly name = 'LineBroken';
	readonly breakdown: Breakdown;
	constructor(breakdown: Breakdown, cause?: unknown) {
		super('the line broke', { cause });
		this.breakdown = breakdown;
	}
}

async function* readPieces(
	body: AsyncIterable<Uint8Array> | null,
	guard: Guard,
	limit: { readonly bytesMax: number; readonly stallMs: number },
): AsyncGenerator<Uint8Array> {
	if (body === null) return;
	const iterator = body[Symbol.asyncIterator]();
	let bytes = 0;
	for (;;) {
		const step = await onTheLine(guard, () => iterator.next());
		if (step.done === true) return;
		bytes += step.value.length;
		if (bytes > limit.bytesMax) throw new LineBroken({ at: 'body', problem: 'too_large', detail: `more than ${limit.bytesMax} bytes` });
		guard.expectWithin(limit.stallMs);
		yield step.value;
	}
}

type Guard = {
	readonly signal: AbortSignal;
	/** The next sign of life must come within `ms`. */
	readonly expectWithin: (ms: number) => void;
	/** Why the call was ended from this side, or `null`. */
	readonly reason: () => Breakdown | null;
	readonly close: () => void;
};

function createGuard(timers: Timers, request: ExchangeRequest): Guard {
	const controller = new AbortController();
	let reason: Breakdown | null = null;
	const end = (cause: 'late' | 'aborted', detail: string): void => {
		reason ??= { at: 'exchange', cause, detail };
		controller.abort();
	};
	const onAbort = (): void => end('aborted', 'given up by the caller');
	let cancelStall = timers.after(request.limits.answerMs, () => end('late', `no answer within ${request.limits.answerMs} ms`));
	const cancelOverall = timers.after(request.limits.overallMs, () => end('late', `not done within ${request.limits.overallMs} ms`));
	request.signal?.addEventListener('abort', onAbort, { once: true });
	if (request.signal?.aborted === true) onAbort();
	return {
		signal: controller.signal,
		expectWithin: (ms) => {
			cancelStall();
			cancelStall = timers.after(ms, () => end('late', `nothing for ${ms} ms`));
		},
		reason: () => reason,
		close: () => {
			cancelStall();
			cancelOverall();
			request.signal?.removeEventListener('abort', onAbort);
			// Closes the connection of a body that was not read to its end; after a whole one it does nothing.
			controller.abort();
		},
	};
}

async function onTheLine<T>(guard: Guard, step: () => Promise<T>): Promise<T> {
	try {
		return await step();
	} catch (cause) {
		throw new LineBroken(guard.reason() ?? breakdownOf(cause), cause);
	}
}

/** System and resolver codes that mean that no connection came about: not a byte of the request has left. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
	'UND_ERR_CONNECT_TIMEOUT',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** By code, never by message; a cause without a code that is known counts as a cut, which assumes the least. */
function breakdownOf(cause: unknown): Breakdown {
	const code = codeOf(cause) ?? (cause instanceof Error ? codeOf(cause.cause) : null);
	if (code !== null && NEVER_CONNECTED.has(code)) return { at: 'connect', detail: code };
	return { at: 'exchange', cause: 'cut', detail: code ?? (cause instanceof Error ? cause.name : 'no error object') };
}

function codeOf(value: unknown): string | null {
	if (typeof value !== 'object' || value === null || !('code' in value)) return null;
	return typeof value.code === 'string' ? value.code : null;
}
