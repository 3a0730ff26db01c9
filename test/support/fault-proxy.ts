import { createServer, connect } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import { assert } from '#shared/lib/assert.ts';

/**
 * The line between terminals and headquarters, with its faults, on loopback.
 * `up` passes everything · `down` refuses new connections and cuts the open ones · `lose_answers` passes requests and cuts the
 * connection when the answer begins, so that headquarters has committed and the terminal does not know · `cut_answers` passes the
 * first bytes of an answer only · `stall` passes requests and never answers.
 */
export type Line = 'up' | 'down' | 'lose_answers' | 'cut_answers' | 'stall';

export type FaultProxy = {
	/** What terminals are told headquarters' address is. */
	readonly url: string;
	readonly line: () => Line;
	/** Changes the line. `onlyTo` limits the answer faults to requests whose first line begins so: `POST /events/bulk`. */
	readonly setLine: (line: Line, onlyTo?: string) => void;
	/** Points at a restarted headquarters. */
	readonly setTarget: (url: string) => void;
	/** Answers that were lost, cut or stalled so far. */
	readonly faults: () => number;
	readonly close: () => Promise<void>;
};

const CUT_AFTER_BYTES = 40;

/** Starts a proxy to `targetUrl` on a free port. */
export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
	const state = { line: 'up' as Line, onlyTo: '', target: new URL(targetUrl), faults: 0, sockets: new Set<Socket>() };
	const server = createServer((socket) => join(socket));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');

	function join(socket: Socket): void {
		track(socket);
		if (state.line === 'down') {
			socket.resetAndDestroy();
			return;
		}
		const upstream = connect(Number(state.target.port), state.target.hostname);
		track(upstream);
		let request = '';
		socket.on('data', (chunk) => {
			const head = chunk.subarray(0, 200).toString('latin1');
			if (/^[A-Z]+ \//.test(head)) request = head;
			upstream.write(chunk);
		});
		upstream.on('data', (chunk) => answer(socket, upstream, { request, chunk }));
		socket.on('close', () => upstream.destroy());
		upstream.on('close', () => socket.destroy());
	}

	function answer(socket: Socket, upstream: Socket, of: { readonly request: string; readonly chunk: Buffer }): void {
		const isFaulty = state.line !== 'up' && of.request.startsWith(state.onlyTo);
		if (!isFaulty) {
			socket.write(of.chunk);
			return;
		}
		state.faults += 1;
		if (state.line === 'stall') return;
		if (state.line === 'cut_answers') socket.write(of.chunk.subarray(0, CUT_AFTER_BYTES));
		socket.destroy();
		upstream.destroy();
	}

	function track(socket: Socket): void {
		state.sockets.add(socket);
		socket.on('close', () => state.sockets.delete(socket));
		// A reset is what this proxy is for; the other side learns of it by its own socket.
		socket.on('error', () => socket.destroy());
	}

	return {
		url: `http://127.0.0.1:${portOf(server)}`,
		line: () => state.line,
		setLine: (line, onlyTo = '') => {
			state.line = line;
			state.onlyTo = onlyTo;
			if (line === 'down') for (const socket of state.sockets) socket.resetAndDestroy();
		},
		setTarget: (url) => {
			state.target = new URL(url);
		},
		faults: () => state.faults,
		close: async () => {
			server.close();
			for (const socket of state.sockets) socket.destroy();
			await once(server, 'close');
		},
	};
}

function portOf(server: Server): number {
	const address = server.address();
	assert(address !== null && typeof address === 'object', 'a listening server has a port');
	return address.port;
}
