import { calls } from '#shared/bridge/contract.ts';
import type { CallInput, CallName, CallOutput, EventName, EventPayload } from '#shared/bridge/contract.ts';
import type { Reply } from '#shared/bridge/envelope.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { assert } from '#shared/lib/assert.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Connection, LiveBridge } from '../live-bridge.ts';

/** What each call answers. A call without an answer here fails the test or the picture that makes it. */
export type Script = {
	readonly [N in CallName]?: (input: CallInput<N>) => Result<CallOutput<N>, LoyaltyError> | Promise<Result<CallOutput<N>, LoyaltyError>>;
};

export type ScriptedBridge = LiveBridge & {
	/** Every call so far, in order. */
	readonly made: readonly { readonly name: string; readonly input: unknown }[];
	readonly emit: <N extends EventName>(name: N, payload: EventPayload<N>) => void;
	readonly become: (connection: Connection) => void;
};

/**
 * Services in memory that answer by a script. They parse what comes in and what goes out with the contract's schemas, as the real
 * router does, so that no test and no picture shows what the product could not.
 */
export function createScriptedBridge(script: Script, connection: Connection = 'open'): ScriptedBridge {
	const made: { name: string; input: unknown }[] = [];
	const listeners = new Set<(name: string, json: string) => void>();
	const watchers = new Set<(connection: Connection) => void>();
	let current = connection;
	return {
		made,
		invoke: async (name, json) => {
			assert(isCallName(name), () => `no such call: ${name}`);
			const input: unknown = calls[name].input.parse(JSON.parse(json));
			made.push({ name, input });
			return JSON.stringify(await answer(script, name, input));
		},
		listen: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		watch: (watcher) => {
			watchers.add(watcher);
			watcher(current);
			return () => watchers.delete(watcher);
		},
		emit: (name, payload) => {
			for (const listener of listeners) listener(name, JSON.stringify(payload));
		},
		become: (next) => {
			current = next;
			for (const watcher of watchers) watcher(next);
		},
	};
}

async function answer(script: Script, name: CallName, input: unknown): Promise<Reply> {
	// The handler of `name` takes what the schema of `name` just made; TypeScript cannot follow the key through the table.
	const handler = script[name] as ((input: unknown) => Result<unknown, LoyaltyError> | Promise<Result<unknown, LoyaltyError>>) | undefined;
	assert(handler !== undefined, () => `the script has no answer for ${name}`);
	const result = await handler(input);
	return result.ok ? { ok: true, value: calls[name].output.parse(result.value) } : { ok: false, error: result.error };
}

function isCallName(name: string): name is CallName {
	return name in calls;
}
