import type { z } from 'zod';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { ErrorEnvelopeSchema } from '#shared/wire/error-envelope.ts';
import type { ErrorEnvelope } from '#shared/wire/error-envelope.ts';
import type { Breakdown } from './classify-failure.ts';
import { readWhole } from './exchange.ts';
import type { Answer } from './exchange.ts';

/** Error bodies above this are not looked at: headquarters' own are below 1 KiB. */
const REFUSAL_BYTES_MAX = 65_536;

/**
 * The body of a success as `schema` has it. Not JSON at all: something in between answered (`not_headquarters`);
 * JSON of another form: a headquarters that this version does not understand (`wrong_shape`).
 */
export async function readJson<S extends z.ZodType>(answer: Answer, schema: S, bytesMax: number): Promise<Result<z.infer<S>, Breakdown>> {
	return parseJson(await readWhole(answer.pieces(bytesMax)), schema);
}

/** The same of bytes that are here. */
export function parseJson<S extends z.ZodType>(bytes: Uint8Array, schema: S): Result<z.infer<S>, Breakdown> {
	const json = toJson(bytes);
	if (json === undefined) return fail({ at: 'body', problem: 'not_headquarters', detail: 'the answer is no JSON' });
	const parsed = schema.safeParse(json);
	if (parsed.success) return ok(parsed.data);
	// Paths and codes only: the values may be personal.
	const detail = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`).join(', ');
	return fail({ at: 'body', problem: 'wrong_shape', detail: detail.slice(0, 1000) });
}

/** What a status other than success says, with headquarters' envelope if there is one. */
export async function readRefusal(answer: Answer): Promise<Result<never, Breakdown>> {
	const envelope = await readEnvelope(answer);
	return fail({ at: 'answer', status: answer.status, envelope, retryAfterMs: retryAfterOf(answer.header('retry-after')) });
}

async function readEnvelope(answer: Answer): Promise<ErrorEnvelope | null> {
	// The length is only a hint, but a page of a guest network says it, and then nothing of it is read.
	if (Number(answer.header('content-length') ?? 0) > REFUSAL_BYTES_MAX) return null;
	const parsed = ErrorEnvelopeSchema.safeParse(toJson(await readWhole(answer.pieces(REFUSAL_BYTES_MAX))));
	return parsed.success ? parsed.data : null;
}

function toJson(bytes: Uint8Array): unknown {
	try {
		const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
		return value;
	} catch {
		// Neither JSON nor UTF-8: no answer of headquarters, which the callers say.
		return undefined;
	}
}

/** Seconds, as proxies and headquarters send it; the form with a date is not worth a clock comparison. */
function retryAfterOf(header: string | null): number | null {
	return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}
