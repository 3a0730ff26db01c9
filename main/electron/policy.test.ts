import { expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { settle } from '../fake-time.ts';
import { createFakeEvent, FakeContents, FakeSession } from './fake-electron.ts';
import { guardContents, guardSession } from './policy.ts';
import { createExternalOpener } from './safe-shell.ts';

function guardedSession(): FakeSession {
	const session = new FakeSession();
	guardSession(session);
	return session;
}

const PAGE = 'app://regulars/';

test.each([
	{ title: 'our camera', permission: 'media', details: { isMainFrame: true, requestingUrl: PAGE, mediaTypes: ['video'] }, isGranted: true },
	{
		title: 'a microphone',
		permission: 'media',
		details: { isMainFrame: true, requestingUrl: PAGE, mediaTypes: ['audio'] },
		isGranted: false,
	},
	{
		title: 'camera and microphone',
		permission: 'media',
		details: { isMainFrame: true, requestingUrl: PAGE, mediaTypes: ['video', 'audio'] },
		isGranted: false,
	},
	{ title: 'media of no kind', permission: 'media', details: { isMainFrame: true, requestingUrl: PAGE, mediaTypes: [] }, isGranted: false },
	{ title: 'media without kinds', permission: 'media', details: { isMainFrame: true, requestingUrl: PAGE }, isGranted: false },
	{
		title: 'a camera for a frame',
		permission: 'media',
		details: { isMainFrame: false, requestingUrl: PAGE, mediaTypes: ['video'] },
		isGranted: false,
	},
	{
		title: 'a camera for a stranger',
		permission: 'media',
		details: { isMainFrame: true, requestingUrl: 'app://regulars.evil/', mediaTypes: ['video'] },
		isGranted: false,
	},
	{
		title: 'a camera for https',
		permission: 'media',
		details: { isMainFrame: true, requestingUrl: 'https://evil.example/', mediaTypes: ['video'] },
		isGranted: false,
	},
	{
		title: 'the screen',
		permission: 'display-capture',
		details: { isMainFrame: true, requestingUrl: PAGE, mediaTypes: ['video'] },
		isGranted: false,
	},
	{ title: 'the place', permission: 'geolocation', details: { isMainFrame: true, requestingUrl: PAGE }, isGranted: false },
	{ title: 'the clipboard', permission: 'clipboard-read', details: { isMainFrame: true, requestingUrl: PAGE }, isGranted: false },
	{ title: 'notifications', permission: 'notifications', details: { isMainFrame: true, requestingUrl: PAGE }, isGranted: false },
	{ title: 'another program', permission: 'openExternal', details: { isMainFrame: true, requestingUrl: PAGE }, isGranted: false },
	{ title: 'a permission of tomorrow', permission: 'telepathy', details: { isMainFrame: true, requestingUrl: PAGE }, isGranted: false },
] as const)('a request for $title is granted: $isGranted', ({ permission, details, isGranted }) => {
	const answers: boolean[] = [];
	const { mediaTypes, ...rest } = { mediaTypes: undefined, ...details };
	const given = mediaTypes === undefined ? rest : { ...rest, mediaTypes };
	must(guardedSession().permissionRequest, 'the handler')(null, permission, (answer) => answers.push(answer), given);
	expect(answers).toEqual([isGranted]);
});

test.each([
	{ title: 'our camera', args: ['media', 'app://regulars', { isMainFrame: true, mediaType: 'video' }], isGranted: true },
	{
		title: 'our camera, origin with a slash',
		args: ['media', 'app://regulars/', { isMainFrame: true, mediaType: 'video' }],
		isGranted: true,
	},
	{ title: 'a microphone', args: ['media', 'app://regulars', { isMainFrame: true, mediaType: 'audio' }], isGranted: false },
	{ title: 'media of an unknown kind', args: ['media', 'app://regulars', { isMainFrame: true, mediaType: 'unknown' }], isGranted: false },
	{ title: 'a camera for a frame', args: ['media', 'app://regulars', { isMainFrame: false, mediaType: 'video' }], isGranted: false },
	{
		title: 'a camera for a look-alike',
		args: ['media', 'app://regulars.evil', { isMainFrame: true, mediaType: 'video' }],
		isGranted: false,
	},
	{ title: 'a camera for nobody', args: ['media', 'null', { isMainFrame: true, mediaType: 'video' }], isGranted: false },
	{ title: 'USB', args: ['usb', 'app://regulars', { isMainFrame: true }], isGranted: false },
	{ title: 'serial ports', args: ['serial', 'app://regulars', { isMainFrame: true }], isGranted: false },
	{ title: 'HID', args: ['hid', 'app://regulars', { isMainFrame: true }], isGranted: false },
] as const)('a check for $title is granted: $isGranted', ({ args: [permission, origin, details], isGranted }) => {
	expect(must(guardedSession().permissionCheck, 'the handler')(null, permission, origin, details)).toBe(isGranted);
});

test('no device, no screen, no download', () => {
	const session = guardedSession();
	expect(session.devicePermission?.()).toBe(false);
	const streams: unknown[] = [];
	session.displayMedia?.({}, (given) => streams.push(given));
	expect(streams).toEqual([null]);
	const chosen: unknown[] = [];
	const choose = (id?: unknown): void => void chosen.push(id);
	const events = Array.from({ length: 4 }, () => createFakeEvent({}));
	session.emit('will-download', events[0]);
	session.emit('select-hid-device', events[1], {}, choose);
	session.emit('select-serial-port', events[2], [], {}, choose);
	session.emit('select-usb-device', events[3], {}, choose);
	expect(events.map((event) => event.isPrevented)).toEqual([true, true, true, true]);
	expect(chosen).toEqual([null, '', undefined]);
});

function guardedContents() {
	const contents = new FakeContents();
	const opened: string[] = [];
	guardContents(contents, (url) => opened.push(url));
	return { contents, opened };
}

test.each([
	['app://regulars/', false],
	['app://regulars/?x', false],
	['app://regulars.evil/', true],
	['app://regularsx/', true],
	['javascript:alert(1)', true],
	['file:///etc/passwd', true],
	['https://example.com/', true],
	['about:blank', true],
	['chrome://settings', true],
])('a navigation to %s is prevented: %s', (url, isPrevented) => {
	const event = createFakeEvent({ url });
	guardedContents().contents.emit('will-navigate', event);
	expect(event.isPrevented).toBe(isPrevented);
});

test('a redirect is prevented wherever it leads, and so is every frame but the main one', () => {
	const { contents } = guardedContents();
	const redirect = createFakeEvent({ url: PAGE });
	const frame = createFakeEvent({ url: PAGE, isMainFrame: false });
	const main = createFakeEvent({ url: PAGE, isMainFrame: true });
	contents.emit('will-redirect', redirect);
	contents.emit('will-frame-navigate', frame);
	contents.emit('will-frame-navigate', main);
	expect([redirect.isPrevented, frame.isPrevented, main.isPrevented]).toEqual([true, true, false]);
});

test('no new window, no webview, no Bluetooth', () => {
	const { contents, opened } = guardedContents();
	expect(contents.windowOpenHandler?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
	expect(contents.windowOpenHandler?.({ url: PAGE })).toEqual({ action: 'deny' });
	expect(opened).toEqual(['https://evil.example/', PAGE]);
	const webview = createFakeEvent({});
	const bluetooth = createFakeEvent({});
	const chosen: string[] = [];
	contents.emit('will-attach-webview', webview, {}, {});
	contents.emit('select-bluetooth-device', bluetooth, [], (id: string) => chosen.push(id));
	expect([webview.isPrevented, bluetooth.isPrevented, chosen]).toEqual([true, true, ['']]);
});

test('only whole addresses of the list leave for the browser', async () => {
	const opened: string[] = [];
	const failures: unknown[] = [];
	const open = createExternalOpener(
		{
			openExternal: async (url) => {
				opened.push(url);
				return Promise.reject(new Error('no browser'));
			},
		},
		(cause) => failures.push(cause),
	);
	for (const url of [
		'https://regulars.example/',
		'https://regulars.example/x',
		'https://regulars.example',
		'http://regulars.example/',
		'file:///etc',
		'calc:',
	]) {
		open(url);
	}
	await settle();
	expect(opened).toEqual(['https://regulars.example/']);
	expect(failures).toHaveLength(1);
});
