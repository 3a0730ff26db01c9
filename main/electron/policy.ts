import { APP_ORIGIN, isOwnUrl } from './app-scheme.ts';

/** What a page may be: everything that is not named here is refused, so that a new Electron's new permission is refused too. */
type Preventable = { readonly preventDefault: () => void };

/** Electron's own lists of arguments, as tuples: some are longer than a function of ours may have. */
export type PermissionRequestArguments = [
	contents: unknown,
	permission: string,
	callback: (isGranted: boolean) => void,
	details: { readonly isMainFrame: boolean; readonly requestingUrl: string; readonly mediaTypes?: readonly ('video' | 'audio')[] },
];
export type PermissionCheckArguments = [
	contents: unknown,
	permission: string,
	requestingOrigin: string,
	details: { readonly isMainFrame: boolean; readonly mediaType?: 'video' | 'audio' | 'unknown' },
];
export type SerialPortArguments = [event: Preventable, ports: unknown, contents: unknown, callback: (portId: string) => void];

/** The part of `Session` that is narrowed. */
export type GuardedSession = {
	setPermissionRequestHandler(handler: (...args: PermissionRequestArguments) => void): void;
	setPermissionCheckHandler(handler: (...args: PermissionCheckArguments) => boolean): void;
	setDevicePermissionHandler(handler: () => boolean): void;
	setDisplayMediaRequestHandler(handler: (request: unknown, callback: (streams: null) => void) => void): void;
	on(event: 'will-download', listener: (event: Preventable) => void): unknown;
	on(event: 'select-hid-device', listener: (event: Preventable, details: unknown, callback: (deviceId?: null) => void) => void): unknown;
	on(event: 'select-serial-port', listener: (...args: SerialPortArguments) => void): unknown;
	on(event: 'select-usb-device', listener: (event: Preventable, details: unknown, callback: () => void) => void): unknown;
};

/** The camera for our own page's main frame; every other permission, device, screen capture and download is refused. */
export function guardSession(session: GuardedSession): void {
	session.setPermissionRequestHandler((...[, permission, callback, details]) => {
		callback(permission === 'media' && details.isMainFrame && isOwnUrl(details.requestingUrl) && isVideoOnly(details.mediaTypes));
	});
	session.setPermissionCheckHandler(
		(...[, permission, requestingOrigin, details]) =>
			permission === 'media' && details.mediaType === 'video' && details.isMainFrame && isOwnOrigin(requestingOrigin),
	);
	session.setDevicePermissionHandler(() => false);
	session.setDisplayMediaRequestHandler((_request, callback) => {
		callback(null);
	});
	session.on('will-download', (event) => {
		event.preventDefault();
	});
	session.on('select-hid-device', (event, _details, callback) => {
		event.preventDefault();
		callback(null);
	});
	session.on('select-serial-port', (...[event, , , callback]) => {
		event.preventDefault();
		callback('');
	});
	session.on('select-usb-device', (event, _details, callback) => {
		event.preventDefault();
		callback();
	});
}

/** The part of `WebContents` that is narrowed. */
export type GuardedContents = {
	setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: 'deny' }): void;
	on(event: 'will-navigate' | 'will-redirect', listener: (details: Preventable & { readonly url: string }) => void): unknown;
	on(
		event: 'will-frame-navigate',
		listener: (details: Preventable & { readonly url: string; readonly isMainFrame: boolean }) => void,
	): unknown;
	on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
	on(
		event: 'select-bluetooth-device',
		listener: (event: Preventable, devices: unknown, callback: (deviceId: string) => void) => void,
	): unknown;
};

/** Holds every page, also one that Electron might make by itself, at our own address: no windows, no redirects, no frames, no webviews. */
export function guardContents(contents: GuardedContents, openExternal: (url: string) => void): void {
	contents.setWindowOpenHandler(({ url }) => {
		openExternal(url);
		return { action: 'deny' };
	});
	contents.on('will-navigate', (details) => {
		if (!isOwnUrl(details.url)) details.preventDefault();
	});
	contents.on('will-redirect', (details) => {
		details.preventDefault();
	});
	contents.on('will-frame-navigate', (details) => {
		// The main frame is judged by `will-navigate`; our page has no other frames.
		if (!details.isMainFrame) details.preventDefault();
	});
	contents.on('will-attach-webview', (event) => {
		event.preventDefault();
	});
	contents.on('select-bluetooth-device', (event, _devices, callback) => {
		event.preventDefault();
		callback('');
	});
}

/** Electron gives origins with or without a slash at the end. */
function isOwnOrigin(origin: string): boolean {
	return origin === APP_ORIGIN || origin === `${APP_ORIGIN}/`;
}

function isVideoOnly(mediaTypes: readonly string[] | undefined): boolean {
	return mediaTypes?.length === 1 && mediaTypes[0] === 'video';
}
