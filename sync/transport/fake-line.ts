/** A line in memory that takes time and does what lines do: refuses, loses requests, loses answers, stalls. */
import type { Timers } from '#shared/lib/clock.ts';
import { fail } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { ErrorEnvelope } from '#shared/wire/error-envelope.ts';
import { classifyFailure } from './classify-failure.ts';
import type { Breakdown, LineFailure } from './classify-failure.ts';

export type CallName = 'hello' | 'push' | 'outcomes' | 'ownEvents' | 'manifest' | 'file' | 'feed' | 'digests' | 'health';

/** What happens to a call. `lose_answer`: carried out, then cut. `stall`: never answered until given up. A status is headquarters' refusal. */
export type Fault =
	| 'refuse_connection'
	| 'lose_request'
	| 'lose_answer'
	| 'stall'
	| {
			readonly status: number;
			readonly code?: number;
			readonly retryAfterMs?: number;
			readonly progress?: { readonly done: number; readonly total: number };
			readonly shards?: readonly number[];
	  };

export type FakeLineOptions = {
	readonly timers: Timers;
	/** How long every call takes, and how long until a stalled one is given up. */
	readonly latencyMs: number;
	readonly timeLimitMs: number;
	/** Hears each call as it arrives. */
	readonly onCall: (name: CallName) => void;
};

export type FakeLine = {
	/** Carries a call out under the faults; `isHeld` and `waitMs` are those of a long poll. */
	readonly call: <T>(call: LineCall, carryOut: () => Result<T, Breakdown>) => Promise<Result<T, LineFailure>>;
	/** The next calls of this name meet these faults, one each. */
	readonly fault: (name: CallName, ...faults: readonly Fault[]) => void;
	/** Asked for every call that has no fault of its own; `null` is none. */
	readonly weather: (decide: ((name: CallName) => Fault | null) | null) => void;
};

export type LineCall = {
	readonly name: CallName;
	readonly signal: AbortSignal | undefined;
	readonly waitMs?: number;
	readonly isHeld?: () => boolean;
	/** What was done of it when its answer is lost; by default all of it. */
	readonly onLost?: () => void;
};

const HELD_LOOKS_EVERY_MS = 500;

export function createFakeLine(options: FakeLineOptions): FakeLine {
	const faults = new Map<CallName, Fault[]>();
	let decide: ((name: CallName) => Fault | null) | null = null;
	return {
		fault: (name, ...more) => faults.set(name, [...(faults.get(name) ?? []), ...more]),
		weather: (next) => {
			decide = next;
		},
		call: async (call, carryOut) => {
			const { name } = call;
			options.onCall(name);
			const fault = faults.get(name)?.shift() ?? decide?.(name) ?? null;
			const result = await carryOver(options, { ...call, fault }, carryOut);
			return result.ok ? result : fail(classifyFailure(result.error, name === 'push' ? 'push' : 'read'));
		},
	};
}

async function carryOver<T>(
	options: FakeLineOptions,
	call: LineCall & { readonly fault: Fault | null },
	carryOut: () => Result<T, Breakdown>,
): Promise<Result<T, Breakdown>> {
	const { fault } = call;
	const isGivenUp = await sleep(options, call, fault === 'stall' ? options.timeLimitMs : options.latencyMs);
	if (isGivenUp) return fail({ at: 'exchange', cause: 'aborted', detail: 'given up' });
	if (fault === 'stall') return fail({ at: 'exchange', cause: 'late', detail: 'stalled' });
	if (fault === 'refuse_connection') return fail({ at: 'connect', detail: 'ECONNREFUSED' });
	if (fault === 'lose_request') return fail({ at: 'exchange', cause: 'cut', detail: 'lost on the way there' });
	if (fault === 'lose_answer') {
		(call.onLost ?? carryOut)();
		return fail({ at: 'exchange', cause: 'cut', detail: 'lost on the way back' });
	}
	if (fault !== null) return fail(breakdownOf(fault));
	const isStillWanted = await hold(options, call);
	return isStillWanted ? carryOut() : fail({ at: 'exchange', cause: 'aborted', detail: 'given up' });
}

/** Holds a long poll back until there is something new or its time is up; `false` when the caller gave up. */
async function hold(options: FakeLineOptions, call: LineCall): Promise<boolean> {
	const { waitMs = 0, isHeld = () => false } = call;
	for (let waitedMs = 0; waitedMs < waitMs && isHeld(); waitedMs += HELD_LOOKS_EVERY_MS) {
		if (await sleep(options, call, HELD_LOOKS_EVERY_MS)) return false;
	}
	return true;
}

/** headquarters' refusal as the client would see it. */
export function breakdownOf(fault: Fault): Breakdown {
	if (typeof fault === 'string') return { at: 'exchange', cause: 'cut', detail: fault };
	const { status, code, retryAfterMs, progress, shards } = fault;
	const envelope: ErrorEnvelope | null =
		code === undefined
			? null
			: {
					error: { type: 'refused', code, message: 'by the fake' },
					...(progress === undefined ? {} : { progress }),
					...(shards === undefined ? {} : { shards: [...shards] }),
				};
	return { at: 'answer', status, envelope, retryAfterMs: retryAfterMs ?? null };
}

/** Whether the caller gave up meanwhile. */
function sleep({ timers }: FakeLineOptions, { signal }: LineCall, ms: number): Promise<boolean> {
	return new Promise((resolve) => {
		if (signal?.aborted === true) {
			resolve(true);
			return;
		}
		const onAbort = (): void => {
			cancel();
			resolve(true);
		};
		const cancel = timers.after(ms, () => {
			signal?.removeEventListener('abort', onAbort);
			resolve(false);
		});
		signal?.addEventListener('abort', onAbort, { once: true });
	});
}
