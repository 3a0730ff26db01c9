import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { Timers } from '#shared/lib/clock.ts';

const MESSAGE_BYTES_MAX = 16_000_000;
const ANSWER_MS_MAX = 15_000;
const SEPARATOR = 0;

/** An event of the browser, by its Chrome DevTools Protocol name. */
export type CdpEvent = { readonly method: string; readonly params: unknown; readonly sessionId: string | undefined };

/**
 * One conversation with a browser over the two pipes of `--remote-debugging-pipe`: JSON messages that end in a zero byte
 * (https://chromedevtools.github.io/devtools-protocol/). Unlike a debugging port, nobody else on the machine can join it.
 */
export type CdpPipe = {
	/** Resolves with the command's result. Rejects when the browser refuses it, says nothing for 15 s, or is gone. */
	readonly send: (method: string, params: object, sessionId?: string) => Promise<unknown>;
	readonly onEvent: (listener: (event: CdpEvent) => void) => () => void;
};

const MessageSchema = z.object({
	id: z.int().optional(),
	method: z.string().optional(),
	params: z.unknown().optional(),
	sessionId: z.string().optional(),
	result: z.unknown().optional(),
	error: z.object({ message: z.string() }).optional(),
});

type Pending = { readonly method: string; readonly resolve: (value: unknown) => void; readonly reject: (cause: Error) => void };

/** Speaks to a browser that was started with `writer` as its descriptor 3 and `reader` as its descriptor 4. */
export function connectCdpPipe(pipes: { readonly writer: Writable; readonly reader: Readable; readonly timers: Timers }): CdpPipe {
	const { writer, reader, timers } = pipes;
	const pending = new Map<number, Pending>();
	const listeners = new Set<(event: CdpEvent) => void>();
	let commands = 0;
	let isGone = false;
	const end = (): void => {
		isGone = true;
		for (const { method, reject } of pending.values()) reject(new Error(`the browser is gone, ${method} has no answer`));
		pending.clear();
	};
	readMessages(reader, (text) => {
		const message = parseMessage(text);
		if (message === null) {
			reader.destroy(new Error('the browser sent something that is no message'));
			return;
		}
		if (message.method !== undefined) {
			for (const listener of listeners) listener({ method: message.method, params: message.params, sessionId: message.sessionId });
			return;
		}
		const command = pending.get(message.id ?? 0);
		pending.delete(message.id ?? 0);
		if (message.error === undefined) command?.resolve(message.result);
		else command?.reject(new Error(`the browser refused ${command.method}: ${message.error.message}`));
	});
	reader.once('close', end);
	// A write to a browser that has just died: its `close` ends all commands.
	writer.on('error', end);
	return {
		send: async (method, params, sessionId) => {
			if (isGone) throw new Error(`the browser is gone, ${method} was not sent`);
			commands += 1;
			const id = commands;
			return new Promise((resolve, reject) => {
				const cancel = timers.after(ANSWER_MS_MAX, () => {
					pending.delete(id);
					reject(new Error(`the browser did not answer ${method} within ${ANSWER_MS_MAX} ms`));
				});
				const settle =
					<T>(how: (value: T) => void) =>
					(value: T): void => {
						cancel();
						how(value);
					};
				pending.set(id, { method, resolve: settle(resolve), reject: settle(reject) });
				writer.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
			});
		},
		onEvent: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
	};
}

function parseMessage(text: string): z.infer<typeof MessageSchema> | null {
	try {
		return MessageSchema.parse(JSON.parse(text));
	} catch {
		// The caller ends the conversation.
		return null;
	}
}

function readMessages(reader: Readable, take: (text: string) => void): void {
	let rest: Buffer = Buffer.alloc(0);
	reader.on('data', (chunk: Buffer) => {
		rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
		let end = rest.indexOf(SEPARATOR);
		while (end >= 0) {
			take(rest.subarray(0, end).toString('utf8'));
			rest = rest.subarray(end + 1);
			end = rest.indexOf(SEPARATOR);
		}
		if (rest.length > MESSAGE_BYTES_MAX) reader.destroy(new Error(`the browser sent a message of more than ${MESSAGE_BYTES_MAX} bytes`));
	});
	// The pipe breaks when the browser dies; `close` follows.
	reader.on('error', () => undefined);
}
