import { calls } from '#shared/bridge/contract.ts';
import type { CallName } from '#shared/bridge/contract.ts';
import { MESSAGE_LENGTH_MAX } from '#shared/bridge/envelope.ts';
import type { Reply } from '#shared/bridge/envelope.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Logger, TerminalApi } from './ports.ts';

/** Who called, for the log. */
export type CallContext = { readonly transport: 'electron' | 'kiosk'; readonly windowId: string };

/** Turns messages into calls of the services. Both hosts hand it what arrived, untouched. */
export type Router = {
	/**
	 * The answer as JSON of `Reply`, always: a call that nobody knows or of the wrong form is BRIDGE-101, a fault of ours is
	 * INTERNAL-101 and is logged once. Never rejects.
	 */
	readonly handle: (name: unknown, json: unknown, context: CallContext) => Promise<string>;
};

type Handler = (input: unknown) => Promise<Result<unknown, LoyaltyError>>;

/** A router over the services. It owns nothing: two calls may run at once, and a call that was begun ends by itself. */
export function createRouter(options: { readonly api: TerminalApi; readonly logger: Logger }): Router {
	const { api, logger } = options;
	return {
		handle: async (name, json, context) => {
			const call = readCall(name, json);
			if (!call.ok) {
				logger.warn({ ...context, call: describe(name), detail: call.error.detail }, 'refused a call');
				return toReply(call.error);
			}
			try {
				return await answer(call.value, api);
			} catch (cause) {
				logger.error({ ...context, call: call.value.name, err: cause }, 'a call failed unexpectedly');
				return toReply(terminalError('INTERNAL-101', { verdict: 'unknown' }));
			}
		},
	};
}

type ParsedCall = { readonly name: CallName; readonly input: unknown };

function readCall(name: unknown, json: unknown): Result<ParsedCall, LoyaltyError> {
	if (!isCallName(name)) return refuse('there is no such call');
	if (typeof json !== 'string') return refuse('the input is no text');
	if (json.length > MESSAGE_LENGTH_MAX) return refuse(`the input is longer than ${MESSAGE_LENGTH_MAX} characters`);
	let raw: unknown;
	try {
		raw = JSON.parse(json);
	} catch {
		return refuse('the input is no JSON');
	}
	const input = calls[name].input.safeParse(raw);
	// Only where it went wrong: zod's messages may quote what the cashier typed.
	if (!input.success)
		return refuse(`wrong input: ${input.error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`).join(', ')}`);
	return ok({ name, input: input.data });
}

/** Own keys only: `toString` and `__proto__` are no calls. */
function isCallName(name: unknown): name is CallName {
	return typeof name === 'string' && Object.hasOwn(calls, name);
}

async function answer(call: ParsedCall, api: TerminalApi): Promise<string> {
	// The input was parsed with the schema of this very name; TypeScript cannot follow the key through the table.
	const handler = api[call.name] as Handler;
	const result = await handler(call.input);
	if (!result.ok) return toReply(result.error);
	// Parsing also drops what the contract does not name: nothing more leaves the services.
	const value = calls[call.name].output.parse(result.value);
	const json = JSON.stringify({ ok: true, value } satisfies Reply);
	if (json.length > MESSAGE_LENGTH_MAX) throw new Error(`the answer of ${call.name} is ${json.length} characters long`);
	return json;
}

function toReply(error: LoyaltyError): string {
	return JSON.stringify({ ok: false, error } satisfies Reply);
}

function refuse(detail: string): Result<never, LoyaltyError> {
	return fail(terminalError('BRIDGE-101', { verdict: 'never', detail: detail.slice(0, 500) }));
}

/** A stranger's name in the log: short, and never an object. */
function describe(name: unknown): string {
	return typeof name === 'string' ? name.slice(0, 64) : typeof name;
}
