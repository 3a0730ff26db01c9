import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { BackoffPolicy } from '#shared/lib/backoff.ts';
import type { Random, Timers } from '#shared/lib/clock.ts';
import { MESSAGE_LENGTH_MAX } from '#shared/bridge/envelope.ts';
import { readFrame } from './frames.ts';
import type { Connection, LiveBridge } from './live-bridge.ts';
import { createPendingCalls } from './pending-calls.ts';
import type { PendingCall } from './pending-calls.ts';

/** The part of a WebSocket that the bridge uses. `close` may be called twice. */
export type Socket = { readonly send: (text: string) => void; readonly close: () => void };
export type SocketEvents = {
	readonly onOpen: () => void;
	readonly onMessage: (text: string) => void;
	/** `isTakenOver`: the host serves another window now. */ readonly onClose: (isTakenOver?: boolean) => void;
};

export type SocketPorts = {
	readonly connect: (events: SocketEvents) => Socket;
	readonly timers: Timers;
	readonly random: Random;
};

/** Backoff of the first and of later attempts to connect: the other end is on the same machine. */
const RECONNECT: BackoffPolicy = { firstMs: 250, maxMs: 5000 };

/** How long a call may wait for its answer, connection lost and found again included. Milliseconds. */
export const READ_LIMIT_MS = 10_000;
export const REPEATABLE_LIMIT_MS = 60_000;

/** More calls than this at once is a defect of the page. */
const PENDING_MAX = 200;

/**
 * The bridge over the kiosk host's socket. It owns the one connection and the calls that wait for an answer; nothing survives a reload.
 * When the connection is lost, calls that only read reject at once; calls with a `requestId` stay and are sent again, once per
 * connection, when it is back. Whatever has no answer within its limit rejects: it may have been done, and its caller repeats it with the same id.
 */
export function createSocketBridge({ connect, timers, random }: SocketPorts): LiveBridge {
	const calls = createPendingCalls(timers);
	const listeners = new Set<(name: string, json: string) => void>();
	const watchers = new Set<(connection: Connection) => void>();
	let connection: Connection = 'connecting';
	let socket: Socket | null = null;
	let attempt = 0;

	function open(): void {
		// A socket that closes twice, or late, must not end its successor.
		let isCurrent = true;
		socket = connect({
			onOpen: () => {
				if (!isCurrent) return;
				attempt = 0;
				become('open');
				calls.forEach(send);
			},
			onMessage: (text) => {
				if (isCurrent) hear(text);
			},
			onClose: (isTakenOver = false) => {
				if (!isCurrent) return;
				isCurrent = false;
				lose(isTakenOver);
			},
		});
	}

	function lose(isTakenOver: boolean): void {
		socket = null;
		calls.rejectReads('the connection to the services was lost');
		// Connecting again would take the services from the other window, which would do the same, without end.
		if (isTakenOver) {
			become('taken_over');
			return;
		}
		timers.after(nextDelayMs(RECONNECT, attempt, random), open);
		attempt += 1;
		// The first attempt may meet a host that is still starting.
		if (connection !== 'connecting' || attempt > 1) become('lost');
	}

	function become(next: Connection): void {
		if (next === connection) return;
		connection = next;
		for (const watcher of watchers) watcher(next);
	}

	function hear(text: string): void {
		const frame = text.length > MESSAGE_LENGTH_MAX ? null : readFrame(text);
		if (frame === null) return;
		if ('i' in frame) calls.resolve(frame.i, frame.j);
		else for (const listener of listeners) listener(frame.e, frame.j);
	}

	function send(id: number, { name, json }: PendingCall): void {
		socket?.send(JSON.stringify({ i: id, n: name, j: json }));
	}

	function invoke(name: string, json: string): Promise<string> {
		const call = { name, json, isRepeatable: json.includes('"requestId":"') };
		if (json.length > MESSAGE_LENGTH_MAX || calls.size() >= PENDING_MAX) return Promise.reject(new Error('too large or too many calls'));
		if (connection === 'taken_over' || (connection === 'lost' && !call.isRepeatable))
			return Promise.reject(new Error('no connection to the services'));
		const { id, answer } = calls.add(call, call.isRepeatable ? REPEATABLE_LIMIT_MS : READ_LIMIT_MS);
		if (connection === 'open') send(id, call);
		return answer;
	}

	open();
	return {
		invoke,
		listen: (listener) => addTo(listeners, listener),
		watch: (watcher) => {
			watcher(connection);
			return addTo(watchers, watcher);
		},
	};
}

function addTo<T>(set: Set<T>, item: T): () => void {
	set.add(item);
	return () => set.delete(item);
}
