import { createSocketBridge } from './socket-bridge.ts';
import type { Socket, SocketEvents } from './socket-bridge.ts';
import type { LiveBridge } from './live-bridge.ts';
import type { Bridge } from '#shared/bridge/envelope.ts';

/** The close code with which the kiosk host ends the connection of an earlier window. */
const CLOSED_FOR_ANOTHER_WINDOW = 4001;

declare global {
	interface Window {
		/** What Electron's preload exposes; absent in the kiosk host's window. */
		readonly regulars?: Bridge;
	}
}

/** The way to the services of whichever host shows this page. */
export function openBridge(): LiveBridge {
	if (window.regulars !== undefined) return hosted(window.regulars);
	return createSocketBridge({
		connect: connectSocket,
		timers: {
			after: (delayMs, run) => {
				const timer = window.setTimeout(run, delayMs);
				return () => window.clearTimeout(timer);
			},
		},
		random: { fraction: () => Math.random(), bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
	});
}

/** Electron's channel lives as long as the page: the services are in the process that owns the window. */
function hosted(bridge: Bridge): LiveBridge {
	return {
		invoke: (name, json) => bridge.invoke(name, json),
		listen: (listener) => bridge.listen(listener),
		watch: (watcher) => {
			watcher('open');
			return () => undefined;
		},
	};
}

function connectSocket({ onOpen, onMessage, onClose }: SocketEvents): Socket {
	const url = new URL('/__bridge', window.location.href);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	const socket = new WebSocket(url);
	socket.addEventListener('open', onOpen);
	socket.addEventListener('message', (event) => {
		if (typeof event.data === 'string') onMessage(event.data);
	});
	// An `error` is always followed by `close`.
	socket.addEventListener('close', ({ code }) => onClose(code === CLOSED_FOR_ANOTHER_WINDOW));
	return { send: (text) => socket.send(text), close: () => socket.close() };
}
