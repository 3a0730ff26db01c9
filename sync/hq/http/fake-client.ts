import { request as httpRequest } from 'node:http';
import { signRequest } from '../../signing/escher.ts';
import type { SigningKey } from '../../signing/escher.ts';

/** What a test's call got. `body` is parsed JSON, or text. */
export type Answer = {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: unknown;
};

export type Call = {
	readonly method?: string;
	readonly path: string;
	/** Sent as it is when text or bytes, else as JSON. */
	readonly body?: unknown;
	/** Instead of, or besides, the signed ones; `undefined` leaves one out. */
	readonly headers?: Readonly<Record<string, string | undefined>>;
	/** Null sends no signature. */
	readonly key?: SigningKey | null;
	readonly signedAtMs?: number;
};

/** Calls a real server over HTTP, signed, as a terminal's transport does; every part of a call can be made wrong. */
export async function call(
	url: string,
	{ method = 'GET', path, body, headers = {}, key = null, signedAtMs = Date.now() }: Call,
): Promise<Answer> {
	const { hostname, port, host } = new URL(url);
	const bytes = toBytes(body);
	const signed = key === null ? {} : signRequest({ method, path, headers: { host }, body: bytes }, key, signedAtMs);
	const all: Record<string, string | undefined> = {
		host,
		'content-type': 'application/json',
		'content-length': String(bytes.length),
		...signed,
		...headers,
	};
	const sent = Object.fromEntries(Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined));
	return new Promise((resolve, reject) => {
		const request = httpRequest({ hostname, port, method, path, headers: sent, agent: false }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () =>
				resolve({ status: response.statusCode ?? 0, headers: response.headers, body: fromText(Buffer.concat(chunks).toString('utf8')) }),
			);
			response.on('error', reject);
		});
		request.on('error', reject);
		request.end(bytes);
	});
}

function toBytes(body: unknown): Uint8Array {
	if (body === undefined) return new Uint8Array();
	if (body instanceof Uint8Array) return body;
	return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function fromText(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
