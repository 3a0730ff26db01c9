import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Bridge } from '#shared/bridge/envelope.ts';

/** A page's side of the kiosk bridge without a browser, so that tests can also send what no page of ours would. */
export type FakeWindow = Bridge & {
	/** Puts a frame on the wire as it is. */
	readonly send: (frame: string | Uint8Array) => void;
	/** Resolves when the host or the network ended it. */
	readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
	readonly close: () => void;
};

export type WindowRequest = {
	readonly origin: string;
	readonly path?: string;
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
};
export type RawAnswer = {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
};

const FrameSchema = z.object({ i: z.int().optional(), e: z.string().optional(), j: z.string() });

/** One HTTP request whose path and headers go out exactly as given: `fetch` would tidy both. */
export async function requestRaw(options: WindowRequest): Promise<RawAnswer> {
	const { hostname, port } = new URL(options.origin);
	const outgoing = request({
		hostname,
		port,
		path: options.path ?? '/',
		method: options.method ?? 'GET',
		headers: { ...options.headers },
		agent: false,
	});
	const answered = new Promise<RawAnswer>((resolve, reject) => {
		outgoing.once('error', reject);
		outgoing.once('upgrade', (response, socket) => {
			socket.destroy();
			resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' });
		});
		outgoing.once('response', (response) => {
			let body = '';
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => (body += chunk));
			response.once('end', () => {
				resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
			});
		});
	});
	outgoing.end();
	return answered;
}

/** Opens the one-time link and gives the session's cookie as a `Cookie` header. */
export async function openBootLink(bootLink: string): Promise<string> {
	const { origin, pathname, search } = new URL(bootLink);
	const answer = await requestRaw({ origin, path: pathname + search });
	const [setCookie = ''] = [answer.headers['set-cookie'] ?? []].flat();
	if (answer.status !== 303) throw new Error(`the boot link answered ${answer.status}`);
	return setCookie.split(';', 1)[0] ?? '';
}

/** Connects to the bridge of `origin` with `cookie`. Rejects when the host refuses the connection. */
export async function openFakeWindow(options: { readonly origin: string; readonly cookie: string }): Promise<FakeWindow> {
	const socket = new WebSocket(`${options.origin.replace('http:', 'ws:')}/__bridge`, {
		origin: options.origin,
		headers: { cookie: options.cookie },
	});
	const open = new Map<number, (json: string) => void>();
	const listeners = new Set<(name: string, json: string) => void>();
	let calls = 0;
	socket.on('message', (data: Buffer) => {
		const { i, e, j } = FrameSchema.parse(JSON.parse(data.toString('utf8')));
		if (i !== undefined) open.get(i)?.(j);
		if (e !== undefined) for (const listener of listeners) listener(e, j);
	});
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.once('close', (code, reason) => {
			resolve({ code, reason: reason.toString('utf8') });
		});
	});
	await once(socket, 'open');
	// Later failures end in `closed`.
	socket.on('error', () => undefined);
	return {
		invoke: async (n, j) => {
			calls += 1;
			const i = calls;
			const answered = new Promise<string>((resolve, reject) => {
				open.set(i, resolve);
				closed.then(({ code }) => {
					reject(new Error(`the bridge closed (${code})`));
				}, reject);
			});
			socket.send(JSON.stringify({ i, n, j }));
			return answered;
		},
		listen: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		send: (frame) => {
			socket.send(frame);
		},
		closed,
		close: () => {
			socket.close();
		},
	};
}
