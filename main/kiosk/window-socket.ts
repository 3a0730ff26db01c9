import type { WebSocket } from 'ws';
import { z } from 'zod';
import { MESSAGE_LENGTH_MAX } from '#shared/bridge/envelope.ts';
import type { Logger, Services } from '../ports.ts';
import type { Router } from '../router.ts';

/**
 * Bytes of one frame. A call of `MESSAGE_LENGTH_MAX` characters is a string inside the frame's JSON: escapes and UTF-8 make it longer;
 * the router judges the characters.
 */
export const FRAME_BYTES_MAX = 4 * MESSAGE_LENGTH_MAX;
/** A page that has this many calls open is broken. */
const CALLS_OPEN_MAX = 256;
/** A window that does not read is broken too; its reload reads everything afresh. */
const UNREAD_BYTES_MAX = 16 * MESSAGE_LENGTH_MAX;

export const CLOSE = { goingAway: 1001, notText: 1003, broken: 1008, anotherWindow: 4001 } as const;

/** page → host: call number, name, input as JSON. Name and input are the router's to judge. */
const CallFrameSchema = z.object({ i: z.int().min(0), n: z.unknown(), j: z.unknown() });
/** host → page: the answer to call `i`, or the event `e`; `j` is JSON. */
export type HostFrame = { readonly i: number; readonly j: string } | { readonly e: string; readonly j: string };

/**
 * Serves one window over its socket until that closes. Calls that are under way then end by themselves and their answers are
 * dropped: the page repeats them with the same request ids.
 */
export function serveWindow(options: {
	readonly socket: WebSocket;
	readonly windowId: string;
	readonly router: Router;
	readonly onEvent: Services['onEvent'];
	readonly logger: Logger;
}): void {
	const { socket, windowId, router, logger } = options;
	let callsOpen = 0;
	const drop = (code: number, why: string): void => {
		logger.warn({ windowId, code }, `closed the window's connection: ${why}`);
		socket.close(code, why);
	};
	const send = (frame: HostFrame): void => {
		if (socket.readyState !== socket.OPEN) return;
		if (socket.bufferedAmount > UNREAD_BYTES_MAX) {
			logger.warn({ windowId }, 'cut the connection of a window that does not read');
			socket.terminate();
			return;
		}
		socket.send(JSON.stringify(frame));
	};
	socket.on('message', (data, isBinary) => {
		if (isBinary || !Buffer.isBuffer(data)) {
			drop(CLOSE.notText, 'only text');
			return;
		}
		const frame = CallFrameSchema.safeParse(parseJson(data.toString('utf8')));
		if (!frame.success || callsOpen >= CALLS_OPEN_MAX) {
			drop(CLOSE.broken, frame.success ? 'too many open calls' : 'no call');
			return;
		}
		callsOpen += 1;
		const { i, n, j } = frame.data;
		// `handle` never rejects.
		void router.handle(n, j, { transport: 'kiosk', windowId }).then((reply) => {
			callsOpen -= 1;
			send({ i, j: reply });
		});
	});
	const stopEvents = options.onEvent((e, j) => {
		send({ e, j });
	});
	socket.once('close', stopEvents);
	socket.on('error', (cause) => {
		// ws closes the connection by itself: an oversized frame, bytes that are no UTF-8, a reset.
		logger.warn({ windowId, err: cause }, "the window's connection failed");
	});
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// No JSON parses to nothing, which is no frame.
		return undefined;
	}
}
