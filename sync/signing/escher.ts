import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { posix } from 'node:path';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';

/**
 * Escher request signing as Antavo uses it (https://github.com/emartech/escher-js, label `ANTAVO-HMAC-SHA256`), for requests to
 * headquarters and for headquarters' own check. Pure: the time is passed in. A signature covers method, path, query, the signed
 * headers (`date` and `host` at least) and the body's bytes.
 */
const LABEL = 'ANTAVO-HMAC-SHA256';
const KEY_PREFIX = 'ANTAVO';
const SCOPE_TAIL = 'api/antavo_request';

/** How far the two clocks may differ, either way. The default of the Escher library. */
export const CLOCK_TOLERANCE_MS = 300_000;

/** Where the request goes: part of the credential, so that a signature for one region is worth nothing in another. */
export const DEFAULT_REGION = 'regulars';

/** `headers` with names in any case. `path` is what stands in the request line: path and query as sent. */
export type SignableRequest = {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array | string;
};

export type SigningKey = { readonly apiKey: string; readonly apiSecret: string; readonly region?: string };

/** Why a signature is refused. `malformed` and `unknown_key` need no secret to find out; the others are proof of nothing. */
export type SignatureFault =
	| 'missing'
	| 'malformed'
	| 'unsigned_header'
	| 'wrong_scope'
	| 'wrong_date'
	| 'too_old_or_early'
	| 'wrong_signature';

/**
 * The headers to add to `request`: `date` (HTTP date) and `authorization`. `request.headers` must have `host`, as it will be sent;
 * other headers of it are not signed, for proxies on the way may rewrite them.
 */
export function signRequest(
	request: SignableRequest,
	key: SigningKey,
	nowMs: number,
): { readonly date: string; readonly authorization: string } {
	const date = new Date(nowMs).toUTCString();
	const region = key.region ?? DEFAULT_REGION;
	const signedHeaders = ['date', 'host'];
	const headers = { ...lowerCase(request.headers), date };
	const signature = signatureOf({ ...request, headers }, { signedHeaders, region, apiSecret: key.apiSecret, signedAtMs: nowMs });
	const credential = `${key.apiKey}/${shortDate(nowMs)}/${region}/${SCOPE_TAIL}`;
	return { date, authorization: `${LABEL} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}` };
}

/** What an authorization header claims; nothing of it is proven yet. */
export type SignatureClaim = {
	readonly apiKey: string;
	readonly date: string;
	readonly region: string;
	readonly signedHeaders: readonly string[];
	readonly signature: string;
};

const AUTHORIZATION =
	/^ANTAVO-HMAC-SHA256 Credential=([A-Za-z0-9_-]{1,128})\/([0-9]{8})\/([A-Za-z0-9_-]{1,32})\/api\/antavo_request, ?SignedHeaders=([A-Za-z0-9;-]{1,512}), ?Signature=([0-9a-f]{64})$/;

/** Reads the authorization header, so that the key can be looked up before the body is read. */
export function readSignature(authorization: string | undefined): Result<SignatureClaim, SignatureFault> {
	if (authorization === undefined || authorization === '') return fail('missing');
	const [, apiKey, date, region, signedHeaders, signature] = AUTHORIZATION.exec(authorization) ?? [];
	if (apiKey === undefined || date === undefined || region === undefined || signedHeaders === undefined || signature === undefined)
		return fail('malformed');
	return ok({ apiKey, date, region, signedHeaders: signedHeaders.toLowerCase().split(';'), signature });
}

/**
 * Checks `claim` against `request` with the secret of its key. The `date` header may be an HTTP date (Escher's libraries) or
 * `yyyymmddThhmmssZ` or ISO 8601 (Antavo's cartridges); what was received is what is signed. Compares in constant time.
 */
export function verifyRequest(
	request: SignableRequest,
	claim: SignatureClaim,
	check: { readonly apiSecret: string; readonly region?: string; readonly nowMs: number },
): Result<true, SignatureFault> {
	if (!claim.signedHeaders.includes('date') || !claim.signedHeaders.includes('host')) return fail('unsigned_header');
	const region = check.region ?? DEFAULT_REGION;
	if (claim.region !== region) return fail('wrong_scope');
	const signedAtMs = parseDate(lowerCase(request.headers)['date']);
	if (signedAtMs === null || shortDate(signedAtMs) !== claim.date) return fail('wrong_date');
	if (Math.abs(check.nowMs - signedAtMs) > CLOCK_TOLERANCE_MS) return fail('too_old_or_early');
	const expected = signatureOf(request, { signedHeaders: claim.signedHeaders, region, apiSecret: check.apiSecret, signedAtMs });
	return timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(claim.signature, 'hex')) ? ok(true) : fail('wrong_signature');
}

type SigningInput = {
	readonly signedHeaders: readonly string[];
	readonly region: string;
	readonly apiSecret: string;
	readonly signedAtMs: number;
};

function signatureOf(request: SignableRequest, input: SigningInput): string {
	const scope = `${input.region}/${SCOPE_TAIL}`;
	const stringToSign = [
		LABEL,
		longDate(input.signedAtMs),
		`${shortDate(input.signedAtMs)}/${scope}`,
		sha256(canonicalRequest(request, input.signedHeaders)),
	];
	let key: string | Buffer = KEY_PREFIX + input.apiSecret;
	for (const part of [shortDate(input.signedAtMs), ...scope.split('/')]) key = createHmac('sha256', key).update(part, 'utf8').digest();
	return createHmac('sha256', key).update(stringToSign.join('\n'), 'utf8').digest('hex');
}

function canonicalRequest(request: SignableRequest, signedHeaders: readonly string[]): string {
	const [path, query] = splitOnce(request.path, '?');
	const headers = lowerCase(request.headers);
	const names = signedHeaders.filter((name) => headers[name] !== undefined).toSorted();
	return [
		request.method.toUpperCase(),
		posix.normalize(path.replace('\\', '%5C')),
		canonicalQuery(query),
		names.map((name) => `${name}:${oneSpace(headers[name] ?? '')}`).join('\n'),
		'',
		names.join(';'),
		sha256(request.body),
	].join('\n');
}

/** Names sorted, a name's values sorted before they are encoded (as Escher does), encoded by RFC 3986: a space is `%20`, never `+`. */
function canonicalQuery(query: string): string {
	const pairs = new URLSearchParams(query);
	return [...new Set(pairs.keys())]
		.map((name) =>
			pairs
				.getAll(name)
				.toSorted()
				.map((value) => `${encode(name)}=${encode(value)}`)
				.join('&'),
		)
		.toSorted()
		.join('&');
}

function encode(text: string): string {
	// As Escher's own canonicalizer: `!` and `*` stay as they are.
	return encodeURIComponent(text).replaceAll("'", '%27').replaceAll('(', '%28').replaceAll(')', '%29');
}

function oneSpace(value: string): string {
	// Outside of quotes only, and only the first run, as in Escher's library: both sides must write the same.
	return value
		.trim()
		.split('"')
		.map((piece, index) => (index % 2 === 1 ? piece : piece.replace(/\s+/, ' ')))
		.join('"');
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

const LONG_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (GMT|UTC)$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;

function parseDate(text: string | undefined): number | null {
	if (text === undefined) return null;
	const iso = LONG_DATE.test(text) ? text.replace(LONG_DATE, '$1-$2-$3T$4:$5:$6Z') : text;
	if (!HTTP_DATE.test(iso) && !ISO_DATE.test(iso)) return null;
	const ms = Date.parse(iso);
	return Number.isNaN(ms) ? null : ms;
}

function longDate(ms: number): string {
	return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

function shortDate(ms: number): string {
	return longDate(ms).slice(0, 8);
}

function sha256(data: Uint8Array | string): string {
	return createHash('sha256').update(data).digest('hex');
}

function splitOnce(text: string, separator: string): [string, string] {
	const at = text.indexOf(separator);
	return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
