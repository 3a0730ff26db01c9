import { z } from 'zod';
import { DeviceIdSchema } from '#shared/wire/devices.ts';
import { EventIdSchema, MemberIdSchema, TerminalIdSchema } from '#shared/domain/ids.ts';
import { ErrorEnvelopeSchema } from '#shared/wire/error-envelope.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { signRequest } from '../../signing/escher.ts';
import type { OperatorKey } from '../http/authenticate.ts';

/** What an operator asks of a headquarters that runs. */
export type OperatorAsk = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body: object };

/** `words` are what follows the command. */
type Command = {
	readonly usage: string;
	readonly words: z.ZodType<readonly string[]>;
	readonly ask: (words: readonly string[], newId: string) => OperatorAsk;
};

const post = (path: string, body: object = {}): OperatorAsk => ({ method: 'POST', path, body });

/** Every command that is a call of an operator's route. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
	[
		'merge',
		{
			usage: 'merge LOSER WINNER [MERGE-ID]',
			words: z.tuple([MemberIdSchema, MemberIdSchema]).or(z.tuple([MemberIdSchema, MemberIdSchema, EventIdSchema])),
			ask: ([loser, winner, mergeId], newId) => post('/members/merge', { merge_id: mergeId ?? newId, loser, winner }),
		},
	],
	['seal', { usage: 'seal TERMINAL', words: z.tuple([TerminalIdSchema]), ask: ([terminal]) => post(`/terminals/${terminal}/seal`) }],
	['revoke', { usage: 'revoke TERMINAL', words: z.tuple([TerminalIdSchema]), ask: ([terminal]) => post(`/terminals/${terminal}/revoke`) }],
	['devices', { usage: 'devices', words: z.tuple([]), ask: () => ({ method: 'GET', path: '/terminals/devices', body: {} }) }],
	['trust', judging('trust', 'trusted')],
	['refuse', judging('refuse', 'refused')],
]);

function judging(name: string, verdict: 'trusted' | 'refused'): Command {
	return {
		usage: `${name} TERMINAL DEVICE`,
		words: z.tuple([TerminalIdSchema, DeviceIdSchema]),
		ask: ([terminal, device]) => post(`/terminals/${terminal}/devices/${device}`, { verdict }),
	};
}

/** Whether a command is one of these. */
export function isAsk(word: string): boolean {
	return COMMANDS.has(word);
}

/** The ask that a command line means; `null` when its first word is none. A failure is a sentence for who typed it. */
export function readAsk([word = '', ...words]: readonly string[], newId: string): Result<OperatorAsk, string> | null {
	const command = COMMANDS.get(word);
	if (command === undefined) return null;
	const parsed = command.words.safeParse(words);
	return parsed.success ? ok(command.ask(parsed.data, newId)) : fail(`expected: npm run hq -- ${command.usage}`);
}

export type AskOptions = { readonly url: string; readonly key: OperatorKey; readonly nowMs: number };

/** Asks the headquarters at `url`, as its operator. Answers what it said as JSON text; a failure is a sentence. */
export async function askHeadquarters(
	{ method, path, body }: OperatorAsk,
	{ url, key, nowMs }: AskOptions,
): Promise<Result<string, string>> {
	const text = method === 'GET' ? '' : JSON.stringify(body);
	const signed = signRequest({ method, path, headers: { host: new URL(url).host }, body: text }, key, nowMs);
	const headers = { ...signed, 'content-type': 'application/json' };
	try {
		const answer = await fetch(new URL(path, url), { method, headers, ...(method === 'GET' ? {} : { body: text }) });
		const said: unknown = await answer.json();
		if (answer.ok) return ok(JSON.stringify(said, null, '\t'));
		const refused = ErrorEnvelopeSchema.safeParse(said);
		return fail(refused.success ? `refused (${refused.data.error.code}): ${refused.data.error.message}` : `status ${answer.status}`);
	} catch (error) {
		if (error instanceof TypeError || error instanceof SyntaxError) return fail(`no headquarters answers at ${url}`);
		throw error;
	}
}
