import { expect, test } from 'vitest';
import { createSocketBridge, READ_LIMIT_MS, REPEATABLE_LIMIT_MS } from './socket-bridge.ts';
import type { SocketEvents } from './socket-bridge.ts';
import type { Connection } from './live-bridge.ts';

/** A host at the other end of the socket, with its clock in the test's hand. */
function setUp() {
	const sockets: { events: SocketEvents; sent: { i: number; n: string; j: string }[] }[] = [];
	let timers: { atMs: number; run: () => void }[] = [];
	let nowMs = 0;
	const seen: Connection[] = [];
	const bridge = createSocketBridge({
		connect: (events) => {
			const socket = { events, sent: [] as { i: number; n: string; j: string }[] };
			sockets.push(socket);
			return { send: (text) => socket.sent.push(JSON.parse(text)), close: () => undefined };
		},
		timers: {
			after: (delayMs, run) => {
				const timer = { atMs: nowMs + delayMs, run };
				timers.push(timer);
				return () => {
					timers = timers.filter((other) => other !== timer);
				};
			},
		},
		random: { fraction: () => 0.5, bytes: (count) => new Uint8Array(count) },
	});
	bridge.watch((connection) => seen.push(connection));
	const advance = (ms: number) => {
		nowMs += ms;
		const due = timers.filter((timer) => timer.atMs <= nowMs);
		timers = timers.filter((timer) => timer.atMs > nowMs);
		for (const timer of due) timer.run();
	};
	const last = () => {
		const socket = sockets.at(-1);
		if (socket === undefined) throw new Error('no socket');
		return socket;
	};
	return { bridge, advance, last, seen, timerCount: () => timers.length };
}

const EARN = JSON.stringify({ requestId: '0193b9a0-0000-7000-8000-000000000001', amountMinor: 4190 });

test('a call made before the connection is open goes out when it is', async () => {
	const { bridge, last } = setUp();
	const answer = bridge.invoke('session.open', '{}');
	last().events.onOpen();
	expect(last().sent).toEqual([{ i: 1, n: 'session.open', j: '{}' }]);
	last().events.onMessage('{"i":1,"j":"yes"}');
	await expect(answer).resolves.toBe('yes');
});

test('answers find their calls in any order, and leave no timer', async () => {
	const { bridge, last, timerCount } = setUp();
	last().events.onOpen();
	const answers = Promise.all([bridge.invoke('a', '{}'), bridge.invoke('b', '{}')]);
	last().events.onMessage('{"i":2,"j":"second"}');
	last().events.onMessage('{"i":1,"j":"first"}');
	await expect(answers).resolves.toEqual(['first', 'second']);
	expect(timerCount()).toBe(0);
});

test('events reach every listener until it stops', () => {
	const { bridge, last } = setUp();
	last().events.onOpen();
	const heard: string[] = [];
	const stop = bridge.listen((name, json) => heard.push(`${name} ${json}`));
	last().events.onMessage('{"e":"data.changed","j":"{}"}');
	stop();
	last().events.onMessage('{"e":"data.changed","j":"{}"}');
	expect(heard).toEqual(['data.changed {}']);
});

test('a lost connection rejects what only reads and repeats what carries a request id', async () => {
	const { bridge, last, advance, seen } = setUp();
	last().events.onOpen();
	const read = bridge.invoke('status.get', '{}');
	const earn = bridge.invoke('sale.earn', EARN);
	last().events.onClose();
	await expect(read).rejects.toThrow('lost');
	await expect(bridge.invoke('status.get', '{}')).rejects.toThrow('no connection');
	advance(5000);
	last().events.onOpen();
	expect(last().sent).toEqual([{ i: 2, n: 'sale.earn', j: EARN }]);
	last().events.onMessage('{"i":2,"j":"given"}');
	await expect(earn).resolves.toBe('given');
	expect(seen).toEqual(['connecting', 'open', 'lost', 'open']);
});

test('a call without an answer rejects at its limit, and its late answer is nobody’s', async () => {
	const { bridge, last, advance } = setUp();
	last().events.onOpen();
	const read = bridge.invoke('status.get', '{}');
	const earn = bridge.invoke('sale.earn', EARN);
	advance(READ_LIMIT_MS);
	await expect(read).rejects.toThrow('in time');
	advance(REPEATABLE_LIMIT_MS);
	await expect(earn).rejects.toThrow('in time');
	expect(() => last().events.onMessage('{"i":1,"j":"late"}')).not.toThrow();
});

test('tries again after each failure and says so only once it has failed', () => {
	const { last, advance, seen } = setUp();
	for (let attempt = 0; attempt < 3; attempt += 1) {
		last().events.onClose();
		advance(5000);
	}
	last().events.onOpen();
	expect(seen).toEqual(['connecting', 'lost', 'open']);
});

test('a socket that closes late does not end its successor', () => {
	const { last, advance, seen } = setUp();
	const first = last();
	first.events.onClose();
	advance(5000);
	last().events.onOpen();
	first.events.onClose();
	expect(seen.at(-1)).toBe('open');
});

test.each(['', 'nonsense', '{"i":"1","j":"x"}', '{"i":1}', '[]', 'null'])('ignores a frame that is none: %s', (text) => {
	const { last } = setUp();
	last().events.onOpen();
	expect(() => last().events.onMessage(text)).not.toThrow();
});

test('a window whose services another one has taken over does not take them back', async () => {
	const { bridge, advance, last, seen, timerCount } = setUp();
	last().events.onOpen();
	last().events.onClose(true);
	expect(seen.at(-1)).toBe('taken_over');
	expect(timerCount()).toBe(0);
	advance(60_000);
	expect(seen.at(-1)).toBe('taken_over');
	await expect(bridge.invoke('sale.earn', EARN)).rejects.toThrow('no connection');
});
