/**
 * The network between terminals and headquarters, in memory: it takes time, and does to requests and answers what networks, proxies and
 * guests do. Each request of a terminal meets at most one fault, the oldest that waits for a call of its kind.
 */
import type { Random, Timers } from '#shared/lib/clock.ts';
import type { FetchAnswer, FetchInit, FetchPort } from '#sync/transport/exchange.ts';
import { spoilResults } from './spoil-results.ts';

export type CallName = 'hello' | 'push' | 'outcomes' | 'feed' | 'digests' | 'manifest' | 'file' | 'health';

/**
 * What happens to one call. `zombie`: it is carried out, but only after the terminal has given it up. `duplicate`: it arrives twice. `cut_answer`: the
 * answer ends in the middle of its body, `stall_answer` stops there. `short_results`, `mixed_results`: the answer to a push lacks results, or has
 * them in another order. `guest_page`: something else answers. A status is that of a proxy, which has passed the request on or not.
 */
export type LineFault =
	| 'refuse'
	| 'lose_request'
	| 'lose_answer'
	| 'cut_answer'
	| 'stall_answer'
	| 'zombie'
	| 'duplicate'
	| 'slow'
	| 'short_results'
	| 'mixed_results'
	| 'guest_page'
	| { readonly status: number; readonly isPassedOn: boolean };

export type PlannedFault = { readonly call: CallName | 'any'; readonly fault: LineFault };

export type ServerRequest = {
	readonly terminal: string;
	readonly method: 'GET' | 'POST';
	/** Below the address, with its query. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array | null;
};
export type ServerAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array };

/** A process that listens. */
export type Server = {
	/** Never resolves when the process ends before it has answered. */
	readonly handle: (request: ServerRequest) => Promise<ServerAnswer>;
	readonly onEnd: (listener: () => void) => () => void;
};

export type Network = {
	/** The `fetch` of one machine that speaks for `terminal`. */
	readonly fetchOf: (terminal: string, faults: PlannedFault[]) => FetchPort;
	/** From now on nothing bad happens. */
	readonly calm: () => void;
	/** Requests whose sender waits no longer, and which are still to arrive. */
	readonly stragglers: () => number;
};

export type NetworkOptions = {
	readonly timers: Timers;
	readonly random: Random;
	/** The process that a request of this terminal is passed to, if any listens. */
	readonly route: (terminal: string) => Server | null;
	/** Hears every call and what came of it. */
	readonly note: (line: string) => void;
};

export const ADDRESS = 'http://hq.test/';
const LATENCY_MS = { least: 5, spread: 60 };
/** Longer than every time limit of a terminal that waits for an answer. */
const ZOMBIE_MS = { least: 31_000, spread: 60_000 };
const SLOW_MS = { least: 2_000, spread: 26_000 };

type Carrier = NetworkOptions & { readonly onStraggler: (arrived: Promise<unknown>) => void };

export function createNetwork(options: NetworkOptions): Network {
	let isCalm = false;
	let stragglers = 0;
	const leave = (): void => {
		stragglers -= 1;
	};
	const carrier: Carrier = {
		...options,
		onStraggler: (arrived) => {
			stragglers += 1;
			arrived.then(leave, leave);
		},
	};
	return {
		stragglers: () => stragglers,
		calm: () => {
			isCalm = true;
		},
		fetchOf: (terminal, faults) => (url, init) => {
			const request = toServerRequest(terminal, url, init);
			const fault = isCalm ? null : takeFault(faults, callOf(request));
			const { promise, resolve, reject } = Promise.withResolvers<FetchAnswer>();
			const name = `…${terminal.slice(-2)} ${callOf(request)}`;
			options.note(fault === null ? name : `${name} meets ${JSON.stringify(fault)}`);
			const giveUp = (): void => {
				options.note(`${name} is given up`);
				reject(new LineError('ABORT_ERR'));
			};
			init.signal.addEventListener('abort', giveUp, { once: true });
			if (init.signal.aborted) giveUp();
			const carried = carry(carrier, request, fault);
			if (fault === 'zombie') carrier.onStraggler(carried);
			carried.then(
				(answer) => {
					init.signal.removeEventListener('abort', giveUp);
					options.note(`${name} is answered ${answer.status}`);
					resolve(toFetchAnswer(answer, fault, init.signal));
				},
				(error: unknown) => {
					init.signal.removeEventListener('abort', giveUp);
					options.note(`${name} fails: ${String(error)}`);
					reject(error);
				},
			);
			return promise;
		},
	};
}

/** What `fetch` rejects with: a code, as Node's own errors have it. */
class LineError extends Error {
	override readonly name = 'LineError';
	readonly code: string;
	constructor(code: string) {
		super(code);
		this.code = code;
	}
}

async function carry(options: Carrier, request: ServerRequest, fault: LineFault | null): Promise<ServerAnswer> {
	await pause(options, latencyMs(options));
	if (fault === 'refuse') throw new LineError('ECONNREFUSED');
	if (fault === 'lose_request') throw new LineError('ECONNRESET');
	if (fault === 'guest_page')
		return { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>Welcome, guest</html>') };
	if (fault === 'zombie') await pause(options, between(ZOMBIE_MS, options.random));
	if (fault === 'slow') await pause(options, between(SLOW_MS, options.random));
	if (isStatus(fault) && !fault.isPassedOn) return refusalOf(fault.status);
	// The second copy takes its own way; nobody waits for its answer.
	if (fault === 'duplicate') options.onStraggler(deliverLater(options, request));
	const answer = await deliver(options, request);
	await pause(options, latencyMs(options));
	if (fault === 'lose_answer') throw new LineError('ECONNRESET');
	return isStatus(fault) ? refusalOf(fault.status) : answer;
}

async function deliverLater(options: NetworkOptions, request: ServerRequest): Promise<void> {
	await pause(options, between({ least: 0, spread: 45_000 }, options.random));
	await deliver(options, request).catch(() => undefined);
}

async function deliver({ route }: NetworkOptions, request: ServerRequest): Promise<ServerAnswer> {
	const server = route(request.terminal);
	if (server === null) throw new LineError('ECONNREFUSED');
	const { promise, reject } = Promise.withResolvers<never>();
	const stop = server.onEnd(() => reject(new LineError('ECONNRESET')));
	try {
		return await Promise.race([server.handle(request), promise]);
	} finally {
		stop();
	}
}

function toFetchAnswer(answer: ServerAnswer, fault: LineFault | null, signal: AbortSignal): FetchAnswer {
	const isSpoiled = fault === 'short_results' || fault === 'mixed_results';
	const body =
		isSpoiled && answer.status === 200 && answer.headers['content-type'] === 'application/json'
			? spoilResults(answer.body, fault)
			: answer.body;
	return {
		status: answer.status,
		headers: { get: (name) => answer.headers[name] ?? null },
		body: piecesOf(body, fault, signal),
	};
}

async function* piecesOf(body: Uint8Array, fault: LineFault | null, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const middle = Math.floor(body.length / 2);
	if (middle > 0) yield body.subarray(0, middle);
	if (fault === 'cut_answer') throw new LineError('ECONNRESET');
	if (fault === 'stall_answer') {
		const { promise, reject } = Promise.withResolvers<never>();
		signal.addEventListener('abort', () => reject(new LineError('ABORT_ERR')), { once: true });
		if (signal.aborted) throw new LineError('ABORT_ERR');
		await promise;
	}
	yield body.subarray(middle);
}

function toServerRequest(terminal: string, url: string, { method, headers, body }: FetchInit): ServerRequest {
	return { terminal, method, path: url.slice(ADDRESS.length), headers, body: body ?? null };
}

const CALL_BY_PATH: readonly (readonly [string, CallName])[] = [
	['terminals/hello', 'hello'],
	['events/bulk', 'push'],
	['outcomes', 'outcomes'],
	['feed/digests', 'digests'],
	['feed', 'feed'],
	['snapshot/manifest', 'manifest'],
	['snapshot/', 'file'],
];

function callOf({ path }: ServerRequest): CallName {
	return CALL_BY_PATH.find(([begins]) => path.startsWith(begins))?.[1] ?? 'health';
}

function takeFault(faults: PlannedFault[], name: CallName): LineFault | null {
	const at = faults.findIndex(({ call }) => call === 'any' || call === name);
	return at === -1 ? null : (faults.splice(at, 1)[0]?.fault ?? null);
}

function isStatus(fault: LineFault | null): fault is Extract<LineFault, object> {
	return typeof fault === 'object' && fault !== null;
}

function refusalOf(status: number): ServerAnswer {
	const headers: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '7' } : {};
	return { status, headers, body: Buffer.from('a proxy') };
}

function latencyMs({ random }: NetworkOptions): number {
	return between(LATENCY_MS, random);
}

function between({ least, spread }: { readonly least: number; readonly spread: number }, random: Random): number {
	return least + Math.floor(random.fraction() * spread);
}

function pause({ timers }: NetworkOptions, delayMs: number): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	timers.after(delayMs, resolve);
	return promise;
}
