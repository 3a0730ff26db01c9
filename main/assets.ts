import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from './error-code.ts';

/**
 * What may be served to the window, and under which rules: one place for `app://` and for the loopback server,
 * so that what is proven of one host holds for the other.
 */
const MIME_TYPES: Readonly<Record<string, string>> = {
	'.css': 'text/css; charset=utf-8',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.png': 'image/png',
	'.svg': 'image/svg+xml',
	'.wav': 'audio/wav',
	'.woff2': 'font/woff2',
};

export const PATH_LENGTH_MAX = 1024;

/** Hashes of `<style>` elements that a widget library is known to inject; written by the renderer's build, never served. */
export const STYLE_HASHES_FILE = 'csp-hashes.json';
const StyleHashesSchema = z.array(z.string().regex(/^sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}$/)).max(20);

/**
 * The policy of every page. `styleHashes` are the only inline styles that apply (`sha256-…`, without quotes).
 * `sandbox` lacks `allow-popups`: `window.open` gives `null` in both hosts. `allow-modals` is for printing the day's proof.
 */
export function contentSecurityPolicy(styleHashes: readonly string[]): string {
	const styles = ["'self'", ...styleHashes.map((hash) => `'${hash}'`)].join(' ');
	return [
		"default-src 'none'",
		"script-src 'self'",
		`style-src ${styles}`,
		"img-src 'self' data: blob:",
		"font-src 'self'",
		"media-src 'self' blob:",
		"connect-src 'self'",
		"worker-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
		"frame-src 'none'",
		"object-src 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types 'none'",
		'sandbox allow-scripts allow-same-origin allow-forms allow-modals',
	].join('; ');
}

/** The headers of every answer of both hosts, whatever its status. */
export function securityHeaders(styleHashes: readonly string[]): Readonly<Record<string, string>> {
	return {
		'Content-Security-Policy': contentSecurityPolicy(styleHashes),
		'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), usb=(), serial=(), hid=(), display-capture=()',
		'X-Content-Type-Options': 'nosniff',
		'Referrer-Policy': 'no-referrer',
		'Cross-Origin-Opener-Policy': 'same-origin',
		'Cross-Origin-Resource-Policy': 'same-origin',
		'Cache-Control': 'no-store',
	};
}

/** The style hashes that the renderer's build left in `root`; none when it left no file. A file of another form is a defect. */
export async function readStyleHashes(root: string): Promise<readonly string[]> {
	const text = await readText(path.join(root, STYLE_HASHES_FILE));
	return text === null ? [] : StyleHashesSchema.parse(JSON.parse(text));
}

/** A file of the renderer with its MIME type. */
export type Asset = { readonly body: Uint8Array<ArrayBuffer>; readonly type: string };

/** The file behind a request's path (still percent-encoded, without the query), or `null`: 404. */
export async function readAsset(root: string, pathname: string): Promise<Asset | null> {
	const file = resolveAsset(root, pathname);
	if (file === null) return null;
	try {
		return { body: new Uint8Array(await readFile(file.path)), type: file.type };
	} catch (cause) {
		if (hasErrorCode(cause, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null;
		throw cause;
	}
}

/**
 * Where `pathname` lies below `root`, or `null`. Decoded before it is resolved, since `..%2f` survives the parsing of URLs;
 * only known extensions, so that nothing that a build leaves beside the page is ever served.
 */
export function resolveAsset(root: string, pathname: string): { readonly path: string; readonly type: string } | null {
	const decoded = decode(pathname);
	if (decoded === null || !decoded.startsWith('/') || /[\0\\]/.test(decoded)) return null;
	const resolved = path.resolve(root, `.${decoded === '/' ? '/index.html' : decoded}`);
	const relative = path.relative(root, resolved);
	if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) return null;
	// A path that had to be tidied (`/a/../b`, `//b`) is nothing that our own page asks for.
	if (relative.split(path.sep).join('/') !== (decoded === '/' ? 'index.html' : decoded.slice(1))) return null;
	const type = MIME_TYPES[path.extname(resolved)];
	return type === undefined ? null : { path: resolved, type };
}

function decode(pathname: string): string | null {
	if (pathname.length > PATH_LENGTH_MAX) return null;
	try {
		return decodeURIComponent(pathname);
	} catch {
		// A malformed escape names no file.
		return null;
	}
}

async function readText(file: string): Promise<string | null> {
	try {
		return await readFile(file, 'utf8');
	} catch (cause) {
		if (hasErrorCode(cause, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null;
		throw cause;
	}
}
