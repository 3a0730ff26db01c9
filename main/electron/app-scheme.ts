import { readAsset, securityHeaders } from '../assets.ts';

export const APP_SCHEME = 'app';
const APP_HOST = 'regulars';
/** As Chromium tells it of a frame. Node's `URL` gives the origin `"null"` for this scheme: compare protocol and host there. */
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_PAGE = `${APP_ORIGIN}/`;

/** Neither `bypassCSP` nor `corsEnabled`: the page gets no more rights than a page on https. */
export const APP_PRIVILEGES = {
	scheme: APP_SCHEME,
	privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
} as const;

/** Whether `url` is one of our page: scheme and host are compared, never a prefix (`app://regulars.evil`). */
export function isOwnUrl(url: string): boolean {
	const parsed = URL.parse(url);
	if (parsed === null) return false;
	return parsed.protocol === `${APP_SCHEME}:` && parsed.host === APP_HOST && parsed.username === '' && parsed.password === '';
}

/**
 * Answers `app://regulars/…` from the built renderer with the very headers of the kiosk host. Reads the files itself:
 * `net.fetch('file://…')` is slower (https://github.com/electron/electron/issues/42612) and its headers would not be ours.
 */
export function createAppHandler(options: {
	readonly assetsRoot: string;
	readonly styleHashes: readonly string[];
}): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
	const headers = securityHeaders(options.styleHashes);
	return async (request) => {
		if (!isOwnUrl(request.url)) return new Response(null, { status: 403, headers });
		if (request.method !== 'GET') return new Response(null, { status: 405, headers: { ...headers, Allow: 'GET' } });
		const asset = await readAsset(options.assetsRoot, new URL(request.url).pathname);
		if (asset === null) return new Response(null, { status: 404, headers });
		return new Response(asset.body, { status: 200, headers: { ...headers, 'Content-Type': asset.type } });
	};
}
