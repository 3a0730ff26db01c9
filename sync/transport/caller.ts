import type { z } from 'zod';
import type { Clock, Timers } from '#shared/lib/clock.ts';
import { fail } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { BODY_BYTES_MAX } from '#shared/wire/limits.ts';
import { signRequest } from '../signing/escher.ts';
import type { SigningKey } from '../signing/escher.ts';
import { classifyFailure } from './classify-failure.ts';
import type { Breakdown, CallKind, LineFailure } from './classify-failure.ts';
import { exchange } from './exchange.ts';
import type { Answer, FetchPort } from './exchange.ts';
import { CALL_LIMITS } from './limits.ts';
import type { CallLimits } from './limits.ts';
import { readJson, readRefusal } from './read-answer.ts';
import type { FilePorts } from './snapshot-file.ts';

export type CallerOptions = {
	/** Address of headquarters; a path in it is kept (`https://example.com/loyalty`). */
	readonly hqUrl: string;
	/** `null` before pairing: `pair` and `health` work, all else goes unsigned and is refused. */
	readonly key: SigningKey | null;
	/** headquarters' clock − ours, as last measured: signatures carry headquarters' time, so that a terminal with a wrong clock is served. */
	readonly skewMs: () => number;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly fetch?: FetchPort;
	/** Other ways to check and unpack snapshot files than `FILE_PORTS`, for tests. */
	readonly files?: FilePorts;
	/** Other limits than `CALL_LIMITS`, for tests. */
	readonly limits?: Partial<Record<keyof typeof CALL_LIMITS, CallLimits>>;
};

/** One call before it is made. */
export type Call = {
	readonly name: keyof typeof CALL_LIMITS;
	/** Below the address, with its query, without a leading slash. */
	readonly path: string;
	readonly isSigned: boolean;
	readonly headers?: Record<string, string>;
	/** How long headquarters was asked to hold the answer back; added to the limit. */
	readonly waitMs?: number;
	readonly signal: AbortSignal | undefined;
};

export type CallResult<T> = Promise<Result<T, LineFailure>>;

/** Makes calls: signs, sends, judges. A status of success goes to `receive`, everything else becomes a `LineFailure`. Never rejects. */
export type Caller = {
	readonly send: <T>(call: Call, receive: (answer: Answer, limits: CallLimits) => Promise<Result<T, Breakdown>>) => CallResult<T>;
	readonly get: <S extends z.ZodType>(call: Call, schema: S) => CallResult<z.infer<S>>;
	/** A body above `BODY_BYTES_MAX` is not sent but fails as headquarters would refuse it. */
	readonly post: <S extends z.ZodType>(call: Call, body: object, schema: S) => CallResult<z.infer<S>>;
};

/** Throws when `hqUrl` is no http(s) address. */
export function createCaller(options: CallerOptions): Caller {
	const base = baseOf(options.hqUrl);
	const ports = { fetch: options.fetch ?? globalThis.fetch, timers: options.timers };

	async function run<T>(
		call: Call,
		body: Uint8Array<ArrayBuffer> | null,
		receive: (answer: Answer, limits: CallLimits) => Promise<Result<T, Breakdown>>,
	): CallResult<T> {
		const limits = options.limits?.[call.name] ?? CALL_LIMITS[call.name];
		const method = body === null ? 'GET' : 'POST';
		const url = new URL(call.path, base);
		const headers = {
			accept: 'application/json',
			...(body === null ? {} : { 'content-type': 'application/json' }),
			...call.headers,
			...(call.isSigned ? signatureHeaders(options, { method, url, body }) : {}),
		};
		const request = {
			url: url.href,
			method,
			headers,
			body,
			limits: { ...limits, answerMs: limits.answerMs + (call.waitMs ?? 0) },
			signal: call.signal ?? null,
		} as const;
		const result = await exchange(ports, request, (answer) =>
			answer.status === 200 || answer.status === 206 ? receive(answer, limits) : readRefusal(answer),
		);
		return result.ok ? result : refuse(result.error, kindOf(call));
	}

	return {
		send: (call, receive) => run(call, null, receive),
		get: (call, schema) => run(call, null, (answer, limits) => readJson(answer, schema, limits.bytesMax)),
		post: async (call, body, schema) => {
			const bytes = new TextEncoder().encode(JSON.stringify(body));
			if (bytes.length > BODY_BYTES_MAX) return refuse({ at: 'answer', status: 413, envelope: null, retryAfterMs: null }, kindOf(call));
			return run(call, bytes, (answer, limits) => readJson(answer, schema, limits.bytesMax));
		},
	};
}

/** The failure that a breakdown is. */
export function refuse(breakdown: Breakdown, call: CallKind): Result<never, LineFailure> {
	return fail(classifyFailure(breakdown, call));
}

function kindOf(call: Call): CallKind {
	return call.name === 'push' ? 'push' : 'read';
}

type Signable = { readonly method: string; readonly url: URL; readonly body: Uint8Array | null };

function signatureHeaders({ key, clock, skewMs }: CallerOptions, { method, url, body }: Signable): Record<string, string> {
	if (key === null) return {};
	// `fetch` writes the host header itself, from the address: this is what it writes.
	const signable = { method, path: url.pathname + url.search, headers: { host: url.host }, body: body ?? '' };
	return signRequest(signable, key, clock.nowMs() + skewMs());
}

function baseOf(hqUrl: string): URL {
	const url = new URL(hqUrl.endsWith('/') ? hqUrl : `${hqUrl}/`);
	if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`not an http(s) address: ${url.protocol}`);
	return url;
}
