import { once } from 'node:events';
import { createServer, request as openRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { assert } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { drawWeather, isOutage } from './weather.ts';
import type { Climate, Fault } from './weather.ts';

/** One request that headquarters answered, whether or not the answer reached the caller. */
export type Exchange = {
	readonly method: string;
	readonly path: string;
	readonly request: Buffer;
	readonly status: number;
	readonly contentEncoding: string | null;
	readonly answer: Buffer;
	/** What was done to it. */
	readonly fault: Fault;
};

/** A seeded bad line between terminals and headquarters, on loopback. Works on whole HTTP requests, so that it can repeat and delay them. */
export type BadLine = {
	/** What terminals are told headquarters' address is. */
	readonly url: string;
	readonly setClimate: (climate: Climate) => void;
	/** Points at a restarted headquarters. */
	readonly setTarget: (url: string) => void;
	/** Requests by what happened to them. */
	readonly faults: () => Readonly<Partial<Record<Fault | 'outage', number>>>;
	readonly close: () => Promise<void>;
};

export type BadLineOptions = {
	readonly targetUrl: string;
	readonly climate: Climate;
	readonly random: Random;
	/** Sees everything that headquarters answered, in the order of the answers. */
	readonly onExchange?: (exchange: Exchange) => void;
};

type Line = BadLineOptions & {
	climate: Climate;
	target: URL;
	readonly startedAt: number;
	readonly counts: Partial<Record<Fault | 'outage', number>>;
};

type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer };

type Passing = { readonly body: Buffer; readonly fault: Fault };

const ANSWER_LOST: ReadonlySet<Fault> = new Set(['lose_answer', 'late']);
/** Larger bodies are a defect of the terminal: its limit of a push is a megabyte. */
const REQUEST_BYTES_MAX = 8 * 2 ** 20;

/** Starts the line on a free port. */
export async function startBadLine(options: BadLineOptions): Promise<BadLine> {
	const line: Line = { ...options, target: new URL(options.targetUrl), startedAt: performance.now(), counts: {} };
	const server = createServer((request, response) => {
		void pass(line, request, response);
	});
	// A late request is passed on long after its caller has gone; the server's own limits would end it before that.
	server.requestTimeout = 0;
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${portOf(server)}`,
		setClimate: (climate) => {
			line.climate = climate;
		},
		setTarget: (url) => {
			line.target = new URL(url);
		},
		faults: () => line.counts,
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

async function pass(line: Line, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const hasLeft = once(response, 'close');
	const isDead = isOutage(line.climate, performance.now() - line.startedAt);
	const { fault, latencyMs } = drawWeather(line.climate, line.random);
	const happens = isDead ? 'outage' : fault;
	line.counts[happens] = (line.counts[happens] ?? 0) + 1;
	if (happens === 'outage' || happens === 'refuse') {
		request.socket.destroy();
		return;
	}
	const body = await readBody(request);
	if (body === null) return;
	await pause(latencyMs);
	if (happens === 'stall' || happens === 'late') await hasLeft;
	if (happens === 'stall') return;
	const answer = await ask(line, request, { body, fault: happens });
	if (answer === null || ANSWER_LOST.has(happens)) request.socket.destroy();
	else relay(response, answer, happens);
}

/** The first answer of as many copies as the fault sends. */
async function ask(line: Line, request: IncomingMessage, passing: Passing): Promise<Answer | null> {
	const copies = passing.fault === 'duplicate' ? 2 : 1;
	const answers = await Promise.all(Array.from({ length: copies }, async () => forward(line, request, passing)));
	return answers.find((answer) => answer !== null) ?? null;
}

/** `null` when the caller left in the middle of it. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of request) {
			assert(chunk instanceof Buffer, 'a request without an encoding comes as bytes');
			bytes += chunk.length;
			assert(bytes <= REQUEST_BYTES_MAX, 'a terminal sends no larger request');
			chunks.push(chunk);
		}
	} catch (cause) {
		if (!request.destroyed) throw cause;
		return null;
	}
	return Buffer.concat(chunks);
}

/** `null` when headquarters was not there, or died before the end of its answer. */
async function forward(line: Line, request: IncomingMessage, { body, fault }: Passing): Promise<Answer | null> {
	const path = request.url ?? '/';
	const method = request.method ?? 'GET';
	return new Promise((resolve) => {
		const upstream = openRequest(
			// The signature covers the host that the terminal believes in, so the headers go on as they came.
			{ host: line.target.hostname, port: line.target.port, method, path, headers: request.headers, agent: false },
			(incoming) => {
				void collect(incoming).then((answer) => {
					if (answer !== null) {
						const contentEncoding = answer.headers['content-encoding'] ?? null;
						line.onExchange?.({ method, path, request: body, status: answer.status, contentEncoding, answer: answer.body, fault });
					}
					resolve(answer);
				});
			},
		);
		upstream.on('error', () => resolve(null));
		upstream.end(body);
	});
}

async function collect(incoming: IncomingMessage): Promise<Answer | null> {
	const body = await readBodyOfAnswer(incoming);
	return body === null ? null : { status: incoming.statusCode ?? 0, headers: incoming.headers, body };
}

async function readBodyOfAnswer(incoming: IncomingMessage): Promise<Buffer | null> {
	const chunks: Buffer[] = [];
	return new Promise((resolve) => {
		incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
		incoming.on('end', () => resolve(Buffer.concat(chunks)));
		incoming.on('error', () => resolve(null));
	});
}

function relay(response: ServerResponse, answer: Answer, fault: Fault): void {
	if (response.destroyed) return;
	const headers = { ...answer.headers };
	delete headers['transfer-encoding'];
	delete headers['connection'];
	response.writeHead(answer.status, { ...headers, 'content-length': answer.body.length });
	if (fault !== 'cut_answer') {
		response.end(answer.body);
		return;
	}
	response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.destroy());
}

function portOf(server: Server): number {
	const address = server.address();
	assert(address !== null && typeof address === 'object', 'a listening server has a port');
	return address.port;
}
