import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { assert } from '#shared/lib/assert.ts';
import type { FetchAnswer, FetchInit, FetchPort } from '#sync/transport/exchange.ts';

/** What goes wrong in one contact, once. */
export const FAULTS = [
	'none',
	/** Headquarters has done it and answered; the answer never arrives. */
	'push_answer_lost',
	/** Seems lost, and headquarters does it after the second try. */
	'push_late',
	'push_twice',
	'page_cut',
	'outcomes_lost',
	'file_cut',
	'hello_lost',
	/** A sale is made while a page is asked for: it is in the page, and the answer to its push never arrives. */
	'sale_in_page',
	/** The terminal ends at this moment; the push is done. */
	'crash_after_push',
	/** The terminal ends between the page and the outcomes that were fetched after it. */
	'crash_before_page',
] as const;
export type Fault = (typeof FAULTS)[number];

export type Weather = {
	readonly fault: Fault;
	/** After the fault nothing gets through any more. */
	readonly isLast: boolean;
	/** What is tried again is tried after a while, so that other things come in between; if not, at once. */
	readonly hasPauses: boolean;
};
export const FAIR: Weather = { fault: 'none', isLast: false, hasPauses: false };

export type LineEvents = {
	/** Headquarters has answered a push for good: ids that it called applied, duplicate or rejected. */
	readonly onFinal: (eventIds: readonly string[]) => void;
	/** A page of the feed has been answered and is on its way to the terminal. */
	readonly onPage: () => Promise<void>;
	/** Somebody gets points now; `false` when nobody can. */
	readonly onSaleInPage: () => Promise<boolean>;
	/** What is committed has to be in the next page. */
	readonly onPublish: () => Promise<void>;
	/** This life of the terminal ends now. */
	readonly onCrash: () => void;
};

/** The line of one life of a terminal: down but for the time of a contact. */
export type Line = {
	readonly fetch: FetchPort;
	readonly open: (weather: Weather) => void;
	readonly close: () => void;
	/** `null` while it is down. */
	readonly weather: () => Weather | null;
	/** Calls that were tried while the line was up, with what became of them: for the message of a failure. */
	readonly log: readonly string[];
};

type Kind = 'hello' | 'push' | 'outcomes' | 'page' | 'file' | 'other';
type Call = { readonly url: string; readonly init: FetchInit };
type Received = { readonly status: number; readonly headers: Headers; readonly bytes: Uint8Array };

type State = { weather: Weather; isUp: boolean; isDue: boolean; late: Call | null; unheard: (() => void) | null };

export function createLine(events: LineEvents): Line {
	const log: string[] = [];
	const state: State = { weather: FAIR, isUp: false, isDue: false, late: null, unheard: null };
	const parts: Parts = { events, state, log };
	return {
		fetch: async (url, init) => {
			if (!state.isUp) throw brokenLine();
			return carry(parts, { url, init });
		},
		open: (weather) => {
			Object.assign(state, { weather, isUp: true, isDue: true });
		},
		close: () => {
			Object.assign(state, { isUp: false, late: null });
		},
		weather: () => (state.isUp ? state.weather : null),
		log,
	};
}

type Parts = { readonly events: LineEvents; readonly state: State; readonly log: string[] };

async function carry(parts: Parts, call: Call): Promise<FetchAnswer> {
	const kind = kindOf(call.url);
	switch (kind) {
		case 'push':
			return whole(await push(parts, call));
		case 'page':
			return page(parts, call);
		case 'file':
			return cutIf(strikes(parts, 'file_cut'), await send(parts, call));
		case 'hello': {
			const received = await send(parts, call);
			if (strikes(parts, 'hello_lost')) throw brokenLine();
			return whole(received);
		}
		case 'outcomes': {
			const received = await send(parts, call);
			if (strikes(parts, 'outcomes_lost') || strikes(parts, 'crash_before_page')) throw brokenLine();
			return whole(received);
		}
		case 'other':
			return whole(await send(parts, call));
	}
}

/** Whether this is the moment of the contact's fault. It comes once. */
function strikes({ state, events }: Parts, fault: Fault): boolean {
	if (!state.isDue || state.weather.fault !== fault) return false;
	const isCrash = fault.startsWith('crash');
	state.isDue = false;
	if (state.weather.isLast || isCrash) state.isUp = false;
	if (isCrash) events.onCrash();
	return true;
}

async function send({ events, log }: Parts, { url, init }: Call): Promise<Received> {
	const answer = await fetch(url, { ...init, body: init.body ?? null });
	const received = { status: answer.status, headers: answer.headers, bytes: new Uint8Array(await answer.arrayBuffer()) };
	const finals = kindOf(url) === 'push' && received.status === 200 ? finalsOf(received) : [];
	log.push(`${kindOf(url)} → ${received.status}${finals.length === 0 ? '' : ` (${finals.length} final)`}`);
	events.onFinal(finals);
	return received;
}

async function push(parts: Parts, call: Call): Promise<Received> {
	const { state } = parts;
	if (state.late === null && strikes(parts, 'push_late')) {
		state.late = { ...call, init: { ...call.init, signal: new AbortController().signal } };
		throw brokenLine();
	}
	const received = await send(parts, call);
	if (state.unheard !== null) {
		state.unheard();
		throw brokenLine();
	}
	const { late } = state;
	state.late = null;
	if (late !== null) await send(parts, late);
	if (strikes(parts, 'push_twice')) return send(parts, call);
	if (strikes(parts, 'push_answer_lost') || strikes(parts, 'crash_after_push')) throw brokenLine();
	return received;
}

async function page(parts: Parts, call: Call): Promise<FetchAnswer> {
	const { events, state } = parts;
	if (state.isDue && state.weather.fault === 'sale_in_page') {
		await sellUnheard(parts);
		strikes(parts, 'sale_in_page');
	}
	const received = await send(parts, call);
	await events.onPage();
	return cutIf(strikes(parts, 'page_cut'), received);
}

/** Comes back when the sale is at headquarters and in the feed, and its terminal knows nothing of either. */
async function sellUnheard({ events, state }: Parts): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	state.unheard = resolve;
	if (await events.onSaleInPage()) await promise;
	state.unheard = null;
	await events.onPublish();
}

const KINDS: readonly (readonly [string, Kind])[] = [
	['/terminals/hello', 'hello'],
	['/events/bulk', 'push'],
	['/outcomes', 'outcomes'],
	['/feed', 'page'],
	['/snapshot/manifest', 'other'],
	['/snapshot/', 'file'],
];

function kindOf(url: string): Kind {
	const { pathname } = new URL(url);
	return KINDS.find(([path]) => pathname.startsWith(path))?.[1] ?? 'other';
}

function brokenLine(): Error {
	return Object.assign(new TypeError('the line is down'), { cause: { code: 'ECONNRESET' } });
}

function whole(received: Received): FetchAnswer {
	return cutIf(false, received);
}

function cutIf(isCut: boolean, { status, headers, bytes }: Received): FetchAnswer {
	return { status, headers, body: piecesOf(isCut ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes, isCut) };
}

async function* piecesOf(bytes: Uint8Array, isCut: boolean): AsyncGenerator<Uint8Array> {
	yield Promise.resolve(bytes);
	if (isCut) throw brokenLine();
}

const AnswerSchema = z.object({ results: z.array(z.object({ event_id: z.string().optional(), status: z.string() })) });
const FINAL = new Set(['applied', 'duplicate', 'rejected']);

function finalsOf({ bytes }: Received): readonly string[] {
	// `fetch` has unpacked it already; a proxy that did not would show here.
	const text = Buffer.from(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
	return AnswerSchema.parse(JSON.parse(text)).results.flatMap(({ event_id: eventId, status }) => {
		assert(eventId !== undefined, 'headquarters names the event that it answers');
		return FINAL.has(status) ? [eventId] : [];
	});
}
