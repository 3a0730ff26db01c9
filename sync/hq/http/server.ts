import fastify from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BODY_BYTES_MAX } from '#shared/wire/limits.ts';
import type { ErrorEnvelope } from '#shared/wire/error-envelope.ts';
import type { HqContext } from '../context.ts';
import { registerFeedRoutes } from '../feed/routes.ts';
import type { Feed } from '../feed/routes.ts';
import { isUnavailable } from '../storage/database.ts';
import { wireError } from '../wire-error.ts';
import { addAdmission, createAdmission } from './admission.ts';
import { addAuthentication } from './authenticate.ts';
import type { OperatorKey } from './authenticate.ts';
import { registerCustomerRoutes } from './customer-routes.ts';
import { registerEventRoutes } from './event-routes.ts';
import { registerMemberRoutes } from './member-routes.ts';
import { registerOperatorRoutes } from './operator-routes.ts';
import { Refusal, refusal, unavailable } from './refusal.ts';
import { registerTerminalRoutes } from './terminal-routes.ts';

export type ServerOptions = { readonly operatorKey: OperatorKey; readonly isUnsigned: boolean; readonly version: string };

/** A request that has not arrived after this long is given up. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than a terminal's pause between two calls, so that it keeps its connection. */
const KEEP_ALIVE_MS = 65_000;
const PATH_PARAM_MAX = 200;
const UNAVAILABLE_RETRY_AFTER_MS = 5_000;

/**
 * Headquarters' HTTP server, not yet listening. Every refusal, whatever its cause, is an error envelope; a request that is refused has
 * changed nothing. Paths are logged as patterns and bodies never, for both name members.
 */
export function createServer(context: HqContext, options: ServerOptions): { readonly app: FastifyInstance; readonly feed: Feed } {
	const app = fastify({
		bodyLimit: BODY_BYTES_MAX,
		requestTimeout: REQUEST_TIMEOUT_MS,
		keepAliveTimeout: KEEP_ALIVE_MS,
		routerOptions: { maxParamLength: PATH_PARAM_MAX },
		exposeHeadRoutes: false,
		forceCloseConnections: 'idle',
		// Its own answer is no envelope; ours is given by the hook below.
		return503OnClosing: false,
		clientErrorHandler: (_error, socket) => socket.end(MALFORMED_HTTP),
		// What the router itself refuses (a path that cannot be decoded) reaches no error handler.
		frameworkErrors: (error, request, reply) => void answerError({ error, request, reply, context }),
	});
	// Bodies stay bytes: the signature covers these, and nothing is parsed before it was checked.
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
	app.addHook('onRequest', async () => {
		if (context.stopping.aborted) throw unavailable('headquarters is stopping', UNAVAILABLE_RETRY_AFTER_MS);
	});
	addAdmission(app, createAdmission(context));
	addAuthentication(app, context, options);
	app.addHook('onResponse', async (request, reply) => logResponse(request, reply, context));
	app.setErrorHandler((error, request, reply) => answerError({ error, request, reply, context }));
	app.setNotFoundHandler((_request, reply) => send(reply, refusal(404, 'notFound', 'no such route')));
	registerEventRoutes(app, context);
	registerCustomerRoutes(app, context);
	registerMemberRoutes(app, context);
	registerTerminalRoutes(app, context);
	registerOperatorRoutes(app, context, { version: options.version, isSigned: !options.isUnsigned });
	return { app, feed: registerFeedRoutes(app, context) };
}

const MALFORMED_HTTP = (() => {
	const body = JSON.stringify({ error: wireError('bodyMalformed', 'not HTTP') } satisfies ErrorEnvelope);
	return `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
})();

type Failure = { readonly error: unknown; readonly request: FastifyRequest; readonly reply: FastifyReply; readonly context: HqContext };

function answerError({ error, request, reply, context }: Failure): FastifyReply {
	if (error instanceof Refusal) return send(reply, error);
	if (isFastifyError(error) && error.statusCode === 413)
		return send(reply, refusal(413, 'bodyTooLarge', `a body has at most ${BODY_BYTES_MAX} bytes`));
	if (isFastifyError(error) && error.statusCode !== undefined && error.statusCode < 500)
		return send(reply, refusal(400, 'bodyMalformed', 'the request is malformed'));
	context.logger.error({ error, route: routeOf(request) }, 'a request failed');
	if (isUnavailable(error)) return send(reply, unavailable('the database cannot be reached', UNAVAILABLE_RETRY_AFTER_MS));
	return send(reply, refusal(500, 'internal', 'an error of headquarters'));
}

function send(reply: FastifyReply, { status, envelope }: Refusal): FastifyReply {
	if (envelope.retry_after_ms !== undefined) reply.header('retry-after', Math.ceil(envelope.retry_after_ms / 1000));
	return reply.code(status).type('application/json; charset=utf-8').send(envelope);
}

function logResponse(request: FastifyRequest, reply: FastifyReply, { logger }: HqContext): void {
	const terminal = request.caller?.kind === 'terminal' ? request.caller.terminal : null;
	logger.debug(
		{ method: request.method, route: routeOf(request), status: reply.statusCode, ms: Math.round(reply.elapsedTime), terminal },
		'answered',
	);
}

function routeOf(request: FastifyRequest): string {
	return request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
}

function isFastifyError(error: unknown): error is FastifyError {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');
}
