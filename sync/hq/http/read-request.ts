import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { refusal } from './refusal.ts';

/** The body as `schema` has it, or a refusal with 400. Bodies arrive as bytes, for the signature covers these. */
export function readBody<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
	const parsed = schema.safeParse(parseJson(request.body));
	if (!parsed.success) throw refusal(400, 'bodyMalformed', describeIssues(parsed.error));
	return parsed.data;
}

/** The query as `schema` has it, or a refusal with 400. */
export function readQuery<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
	const parsed = schema.safeParse(request.query);
	if (!parsed.success) throw refusal(400, 'propertyInvalid', describeIssues(parsed.error));
	return parsed.data;
}

/** The parameters of the path as `schema` has them, or a refusal with 400. */
export function readParams<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
	const parsed = schema.safeParse(request.params);
	if (!parsed.success) throw refusal(400, 'propertyInvalid', describeIssues(parsed.error));
	return parsed.data;
}

function parseJson(body: unknown): unknown {
	if (!(body instanceof Uint8Array) || body.length === 0) throw refusal(400, 'bodyMalformed', 'the body is empty');
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
	} catch (error) {
		// Neither text nor JSON, or nested beyond what the parser can hold.
		if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)
			throw refusal(400, 'bodyMalformed', 'the body is not JSON');
		throw error;
	}
}

/** Where and how, never which value: values may be personal. */
function describeIssues(error: z.ZodError): string {
	return error.issues
		.slice(0, 5)
		.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.code}`)
		.join('; ');
}
