import { fail, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { LoyaltyError } from '../errors/loyalty-error.ts';
import { terminalError } from '../errors/loyalty-error.ts';
import { calls, events } from './contract.ts';
import type { CallInput, CallName, CallOutput, EventName, EventPayload } from './contract.ts';
import { ReplySchema } from './envelope.ts';
import type { Bridge } from './envelope.ts';

/** The typed side of a bridge: the same over Electron's channel and over the kiosk's socket. */
export type BridgeClient = {
	/** Never rejects. A lost transport is BRIDGE-102 with verdict `unknown`: repeat with the same `requestId`. */
	readonly call: <N extends CallName>(name: N, input: CallInput<N>) => Promise<Result<CallOutput<N>, LoyaltyError>>;
	/** Calls `listener` with each event of that name; returns the way to stop. */
	readonly on: <N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void) => () => void;
};

/** A client over `bridge`. Answers and events are parsed again here: the two sides may be of different versions for a moment. */
export function createBridgeClient(bridge: Bridge): BridgeClient {
	return {
		call: async (name, input) => {
			let json: string;
			try {
				json = await bridge.invoke(name, JSON.stringify(input));
			} catch (cause) {
				return fail(terminalError('BRIDGE-102', { verdict: 'unknown', detail: String(cause) }));
			}
			return parseReply(name, json);
		},
		on: (name, listener) =>
			bridge.listen((heard, json) => {
				if (heard !== name) return;
				const payload = events[name].safeParse(parseJson(json));
				// The schema is the one of `name`; TypeScript cannot follow the key through the table.
				if (payload.success) listener(payload.data as EventPayload<typeof name>);
			}),
	};
}

function parseReply<N extends CallName>(name: N, json: string): Result<CallOutput<N>, LoyaltyError> {
	const reply = ReplySchema.safeParse(parseJson(json));
	if (!reply.success) return fail(terminalError('BRIDGE-101', { verdict: 'never', detail: 'the answer is no reply' }));
	if (!reply.data.ok) return fail(reply.data.error);
	const value = calls[name].output.safeParse(reply.data.value);
	if (!value.success) return fail(terminalError('BRIDGE-101', { verdict: 'never', detail: value.error.message.slice(0, 500) }));
	// Parsed with the schema of `name`; TypeScript cannot follow the key through the table.
	return ok(value.data as CallOutput<N>);
}

function parseJson(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		// Text that is no JSON parses to nothing, which no schema accepts: the caller reports it.
		return undefined;
	}
}
