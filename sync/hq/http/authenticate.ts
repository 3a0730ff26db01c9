import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readSignature, verifyRequest } from '../../signing/escher.ts';
import type { SignatureClaim } from '../../signing/escher.ts';
import type { HqContext } from '../context.ts';
import { refusal } from './refusal.ts';

/** Who asks: an operator may do everything, a terminal speaks for itself. */
export type Caller =
	| { readonly kind: 'operator' }
	| { readonly kind: 'terminal'; readonly terminal: string; readonly sealing: Sealing | null };

/** A revoked terminal that may still hand over what it recorded before `revokedAtMs`. */
export type Sealing = { readonly revokedAtMs: number };

/** Headquarters' own key. */
export type OperatorKey = { readonly apiKey: string; readonly apiSecret: string };

type Credentials = { readonly caller: Caller; readonly apiSecret: string; readonly isRevoked: boolean };

declare module 'fastify' {
	interface FastifyRequest {
		/** Set on every route that is not public once the signature has been checked. */
		caller: Caller | null;
		/** What the authorization header claims, between the two steps of the check. */
		claim: { readonly signature: SignatureClaim | null; readonly credentials: Credentials } | null;
	}
	interface FastifyContextConfig {
		/** Answered without a key. */
		readonly isPublic?: boolean;
		/** Answered to a terminal that is being sealed, too. */
		readonly isForSealing?: boolean;
	}
}

export type AuthenticationOptions = { readonly operatorKey: OperatorKey; readonly isUnsigned: boolean };

type AuthenticationContext = Pick<HqContext, 'database' | 'clock'>;

/**
 * Checks every request but those of public and unknown routes, in two steps: the key before the body is read, so that a stranger's
 * megabyte is not, and the signature when it has been.
 */
export function addAuthentication(app: FastifyInstance, context: AuthenticationContext, options: AuthenticationOptions): void {
	app.decorateRequest('caller', null);
	app.decorateRequest('claim', null);
	app.addHook('onRequest', async (request) => {
		if (request.is404 || request.routeOptions.config.isPublic === true) return;
		request.claim = await readClaim(request, context, options);
	});
	app.addHook('preValidation', async (request) => {
		if (request.claim === null) return;
		const { signature, credentials } = request.claim;
		if (signature !== null) checkSignature(request, { signature, apiSecret: credentials.apiSecret, nowMs: context.clock.nowMs() });
		const isSealing = credentials.caller.kind === 'terminal' && credentials.caller.sealing !== null;
		const isServed = !credentials.isRevoked || (isSealing && request.routeOptions.config.isForSealing === true);
		if (!isServed) throw refusal(403, 'terminalRevoked', 'this terminal was revoked');
		request.caller = credentials.caller;
	});
}

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
	if (request.caller === null) throw refusal(401, 'signatureWrong', 'not signed');
	return request.caller;
}

/** Ends the request unless an operator asks. */
export function requireOperator(request: FastifyRequest): void {
	if (callerOf(request).kind !== 'operator') throw refusal(403, 'signatureWrong', 'for operators only');
}

/** Ends the request if a terminal speaks for another one. */
export function requireSelf(request: FastifyRequest, terminal: string): void {
	const caller = callerOf(request);
	if (caller.kind === 'terminal' && caller.terminal !== terminal) throw refusal(403, 'signatureWrong', 'a terminal speaks for itself only');
}

async function readClaim(
	request: FastifyRequest,
	context: AuthenticationContext,
	options: AuthenticationOptions,
): Promise<NonNullable<FastifyRequest['claim']>> {
	const { authorization } = request.headers;
	if (options.isUnsigned && authorization === undefined)
		return { signature: null, credentials: await credentialsOf(apiKeyInQuery(request), context, options) };
	const signature = readSignature(authorization);
	if (!signature.ok)
		throw refusal(
			401,
			'authorizationMalformed',
			signature.error === 'missing' ? 'Auth header is missing' : 'Auth header format is invalid',
		);
	return { signature: signature.value, credentials: await credentialsOf(signature.value.apiKey, context, options) };
}

async function credentialsOf(
	apiKey: string,
	{ database }: AuthenticationContext,
	{ operatorKey }: AuthenticationOptions,
): Promise<Credentials> {
	if (apiKey === operatorKey.apiKey) return { caller: { kind: 'operator' }, apiSecret: operatorKey.apiSecret, isRevoked: false };
	const [row] = await database.query<{ id: string; api_secret: string | null; revoked_at: number | null; sealing_since: number | null }>(
		'SELECT id, api_secret, revoked_at, sealing_since FROM terminal WHERE api_key = $1',
		[apiKey],
	);
	// As for a wrong signature: a stranger does not learn which keys exist.
	if (row === undefined || row.api_secret === null) throw refusal(401, 'signatureWrong', 'the signature is not right');
	const sealing = row.revoked_at === null || row.sealing_since === null ? null : { revokedAtMs: row.revoked_at };
	return { caller: { kind: 'terminal', terminal: row.id, sealing }, apiSecret: row.api_secret, isRevoked: row.revoked_at !== null };
}

type SignatureCheck = { readonly signature: SignatureClaim; readonly apiSecret: string; readonly nowMs: number };

function checkSignature(request: FastifyRequest, { signature, apiSecret, nowMs }: SignatureCheck): void {
	const headers = Object.fromEntries(
		Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
	);
	const body = request.body instanceof Uint8Array ? request.body : '';
	const verified = verifyRequest({ method: request.method, path: request.raw.url ?? '/', headers, body }, signature, { apiSecret, nowMs });
	if (verified.ok) return;
	if (verified.error === 'too_old_or_early') throw refusal(401, 'signatureWrong', 'the request date is not within the accepted time range');
	throw refusal(401, 'signatureWrong', 'the signature is not right');
}

function apiKeyInQuery(request: FastifyRequest): string {
	const { query } = request;
	const apiKey = typeof query === 'object' && query !== null && 'api_key' in query ? query.api_key : undefined;
	if (typeof apiKey !== 'string') throw refusal(401, 'authorizationMalformed', 'neither an Auth header nor an api_key');
	return apiKey;
}
