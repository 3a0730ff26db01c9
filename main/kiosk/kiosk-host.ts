import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { assert } from '#shared/lib/assert.ts';
import type { Random, Timers } from '#shared/lib/clock.ts';
import { readAsset, securityHeaders } from '../assets.ts';
import type { Logger, Services } from '../ports.ts';
import type { Router } from '../router.ts';
import { CLOSE, FRAME_BYTES_MAX, serveWindow } from './window-socket.ts';
import { createWindowSession, isSame } from './window-session.ts';
import type { WindowSession } from './window-session.ts';

const LOOPBACK = '127.0.0.1';
const BOOT_PATH = '/__boot';
const BRIDGE_PATH = '/__bridge';
const CONNECTIONS_MAX = 64;
const REQUEST_MS_MAX = 10_000;
/** How long a window may take to say goodbye. */
const LEAVE_MS_MAX = 1_000;

export type KioskHostOptions = {
	readonly router: Router;
	readonly onEvent: Services['onEvent'];
	/** The built renderer. */
	readonly assetsRoot: string;
	readonly styleHashes: readonly string[];
	/** 0: any free one. */
	readonly port: number;
	readonly random: Random;
	readonly timers: Timers;
	readonly logger: Logger;
};

/**
 * The loopback server of one run: serves the page to whoever holds this run's cookie, and the bridge to one window at a time; a new
 * window closes the earlier one's connection with 4001. Owns the server, its secrets and the connection; nothing of it survives the run.
 */
export type KioskHost = {
	readonly origin: string;
	readonly cookie: WindowSession['cookie'];
	/** Opens the page once, in any browser of this machine. */
	readonly bootLink: string;
	readonly isConnected: () => boolean;
	/** Called when a window connects or is gone. Returns the way to stop. */
	readonly onConnection: (listener: (isConnected: boolean) => void) => () => void;
	readonly stop: () => Promise<void>;
};

/** Listens on 127.0.0.1 and resolves when it does. Rejects when `port` is taken. */
export async function startKioskHost(options: KioskHostOptions): Promise<KioskHost> {
	const session = createWindowSession(options.random);
	const headers = securityHeaders(options.styleHashes);
	const sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false });
	const window = createWindowSlot(options);
	const server = createServer({ requestTimeout: REQUEST_MS_MAX, headersTimeout: REQUEST_MS_MAX });
	server.maxConnections = CONNECTIONS_MAX;
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.port, LOOPBACK, resolve);
	});
	const address = server.address();
	assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
	const authority = `${LOOPBACK}:${address.port}`;
	const origin = `http://${authority}`;
	const gate = { authority, origin, session };

	server.on('request', (request, response) => {
		answer({ request, gate, assetsRoot: options.assetsRoot }).then(
			(reply) => {
				write(response, { ...reply, headers: { ...headers, ...reply.headers } });
			},
			(cause: unknown) => {
				options.logger.error({ err: cause }, 'a request of the window failed');
				write(response, { status: 500, headers });
			},
		);
	});
	server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
		if (!isUpgradeAllowed(request, gate)) {
			options.logger.warn({}, 'refused a connection to the bridge');
			refuseUpgrade(socket, headers);
			return;
		}
		sockets.handleUpgrade(request, socket, head, window.take);
	});
	return {
		origin,
		cookie: session.cookie,
		bootLink: `${origin}${BOOT_PATH}?t=${session.bootToken}`,
		isConnected: window.isTaken,
		onConnection: window.onChange,
		stop: async () => {
			// No new window may come while the last one says goodbye.
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await window.leave();
			await closed;
		},
	};
}

type Gate = { readonly authority: string; readonly origin: string; readonly session: WindowSession };
type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: Uint8Array };

async function answer(of: { readonly request: IncomingMessage; readonly gate: Gate; readonly assetsRoot: string }): Promise<Answer> {
	const { request, gate } = of;
	// A foreign name that resolves to 127.0.0.1 (DNS rebinding) arrives with its own Host.
	if (!isSame(request.headers.host ?? '', gate.authority)) return { status: 403 };
	if (request.method !== 'GET') return { status: 405, headers: { Allow: 'GET' } };
	const [pathname = '', query = ''] = (request.url ?? '').split('?', 2);
	if (pathname === BOOT_PATH) return boot(new URLSearchParams(query).get('t') ?? '', gate.session);
	if (!gate.session.isAdmitted(request.headers.cookie)) return { status: 401 };
	const asset = await readAsset(of.assetsRoot, pathname);
	return asset === null ? { status: 404 } : { status: 200, headers: { 'Content-Type': asset.type }, body: asset.body };
}

function boot(token: string, session: WindowSession): Answer {
	if (!session.useBootToken(token)) return { status: 403 };
	const cookie = `${session.cookie.name}=${session.cookie.value}; Path=/; HttpOnly; SameSite=Strict`;
	return { status: 303, headers: { Location: '/', 'Set-Cookie': cookie } };
}

function write(response: ServerResponse, reply: Answer): void {
	const body = reply.body ?? new Uint8Array();
	response.writeHead(reply.status, { ...reply.headers, 'Content-Length': String(body.byteLength) });
	response.end(body);
}

/** Scripts of other pages can open sockets to this port; they cannot forge `Origin`, and `SameSite` keeps the cookie from them. */
function isUpgradeAllowed(request: IncomingMessage, gate: Gate): boolean {
	return (
		request.method === 'GET' &&
		request.url === BRIDGE_PATH &&
		isSame(request.headers.host ?? '', gate.authority) &&
		isSame(request.headers.origin ?? '', gate.origin) &&
		gate.session.isAdmitted(request.headers.cookie)
	);
}

function refuseUpgrade(socket: Duplex, headers: Readonly<Record<string, string>>): void {
	// The other side may be gone already; a refusal that nobody reads is no failure.
	socket.on('error', () => undefined);
	const lines = Object.entries({ ...headers, 'Content-Length': '0', Connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
	socket.end(`HTTP/1.1 403 Forbidden\r\n${lines.join('\r\n')}\r\n\r\n`);
}

/** The place for the one window. */
function createWindowSlot(options: Pick<KioskHostOptions, 'router' | 'onEvent' | 'timers' | 'logger'>) {
	const listeners = new Set<(isConnected: boolean) => void>();
	let current: WebSocket | null = null;
	let windows = 0;
	const tell = (): void => {
		for (const listener of listeners) listener(current !== null);
	};
	return {
		take: (socket: WebSocket): void => {
			current?.close(CLOSE.anotherWindow, 'another window');
			current = socket;
			windows += 1;
			socket.once('close', () => {
				if (current !== socket) return;
				current = null;
				tell();
			});
			serveWindow({ ...options, socket, windowId: String(windows) });
			tell();
		},
		leave: async (): Promise<void> => {
			const socket = current;
			if (socket === null) return;
			const closed = once(socket, 'close');
			socket.close(CLOSE.goingAway, 'the terminal stops');
			const cancel = options.timers.after(LEAVE_MS_MAX, () => {
				socket.terminate();
			});
			await closed;
			cancel();
		},
		isTaken: (): boolean => current !== null,
		onChange: (listener: (isConnected: boolean) => void) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
	};
}
