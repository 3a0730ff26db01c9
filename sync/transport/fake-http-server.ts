import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it arrived. */
export type SeenRequest = {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingMessage['headers'];
	readonly body: Buffer;
};

/** A real HTTP server on 127.0.0.1 whose every answer the test writes itself, down to the cut. */
export type FakeHttpServer = {
	readonly url: string;
	readonly seen: readonly SeenRequest[];
	/** Answers the requests to come; replaces the one before. */
	readonly answerWith: (answer: (request: SeenRequest, response: ServerResponse) => void) => void;
	/** Resolves when the other side has let go of every connection. */
	readonly allClosed: () => Promise<void>;
	readonly close: () => Promise<void>;
};

/** Starts it on a free port. Until `answerWith` is called it answers 404 without a body. */
export async function startFakeHttpServer(): Promise<FakeHttpServer> {
	const seen: SeenRequest[] = [];
	let answer = (_request: SeenRequest, response: ServerResponse): void => {
		response.writeHead(404).end();
	};
	const server = createServer((incoming, response) => {
		const pieces: Buffer[] = [];
		incoming.on('data', (piece: Buffer) => pieces.push(piece));
		incoming.on('end', () => {
			const request = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(pieces) };
			seen.push(request);
			answer(request, response);
		});
	});
	const open = new Set<Socket>();
	server.on('connection', (socket) => {
		open.add(socket);
		socket.once('close', () => open.delete(socket));
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	return {
		url: `http://127.0.0.1:${portOf(address)}`,
		seen,
		answerWith: (next) => {
			answer = next;
		},
		allClosed: async () => {
			for (const socket of open) await once(socket, 'close');
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** Writes a JSON answer. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function portOf(address: string | AddressInfo | null): number {
	if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
	return address.port;
}
