import { createHash, timingSafeEqual } from 'node:crypto';
import type { Random } from '#shared/lib/clock.ts';

const SECRET_BYTES = 32;
const NAME_BYTES = 8;

/**
 * Who may speak to the loopback server: whoever holds the cookie of this run. It is made here, lives in memory only, and reaches the
 * window over Chromium's private pipe or by opening the one-time link, never through a command line.
 */
export type WindowSession = {
	/** The name is random per run: cookies ignore the port, and any other local server would be sent a well-known one. */
	readonly cookie: { readonly name: string; readonly value: string };
	readonly bootToken: string;
	/** Whether a request's `Cookie` header holds the session's secret. */
	readonly isAdmitted: (cookieHeader: string | undefined) => boolean;
	/** True once, for the right token. */
	readonly useBootToken: (token: string) => boolean;
};

/** A session with fresh secrets. */
export function createWindowSession(random: Random): WindowSession {
	const cookie = { name: `regulars_${toText(random.bytes(NAME_BYTES), 'hex')}`, value: toText(random.bytes(SECRET_BYTES), 'base64url') };
	const bootToken = toText(random.bytes(SECRET_BYTES), 'base64url');
	let isBootTokenUsed = false;
	return {
		cookie,
		bootToken,
		isAdmitted: (header) => readCookies(header ?? '', cookie.name).some((value) => isSame(value, cookie.value)),
		useBootToken: (token) => {
			if (isBootTokenUsed || !isSame(token, bootToken)) return false;
			isBootTokenUsed = true;
			return true;
		},
	};
}

/** Compares in constant time; over digests, since the comparison wants equal lengths and lengths are secrets too. */
export function isSame(given: string, expected: string): boolean {
	return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

function readCookies(header: string, name: string): readonly string[] {
	const pairs = header.split(';').map((pair) => pair.trim());
	return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

function toText(bytes: Uint8Array, encoding: 'hex' | 'base64url'): string {
	return Buffer.from(bytes).toString(encoding);
}
