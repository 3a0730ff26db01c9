import { beforeEach, expect, test } from 'vitest';
import { createBridgeClient } from '#shared/bridge/bridge-client.ts';
import { must } from '#shared/lib/assert.ts';
import { createFakeLogger } from '../fake-logger.ts';
import { createFakeTerminal, exampleEvents, exampleInputs, exampleOutputs } from '../fake-terminal.ts';
import { createRouter } from '../router.ts';
import { bindRouter, EVENT_CHANNEL, INVOKE_CHANNEL, isTrusted } from './bind-router.ts';
import type { Frame } from './bind-router.ts';
import { exposed, FakeContents, FakeIpcMain, page } from './fake-electron.ts';

await import('./preload.ts');
const bridge = must(exposed.get('regulars'), 'the bridge of the preload');

function bind() {
	const terminal = createFakeTerminal();
	const logger = createFakeLogger();
	page.ipcMain = new FakeIpcMain();
	page.contents = new FakeContents();
	const router = createRouter({ api: terminal.api, logger });
	const unbind = bindRouter({ ipc: page.ipcMain, contents: page.contents, router, onEvent: terminal.onEvent, logger });
	return { terminal, logger, unbind, ipc: page.ipcMain, contents: page.contents };
}

let bound: ReturnType<typeof bind>;

beforeEach(() => {
	bound = bind();
});

test('the page gets two functions under one name, and nothing else', () => {
	expect([...exposed.keys()]).toEqual(['regulars']);
	expect(Object.keys(bridge).toSorted()).toEqual(['invoke', 'listen']);
});

test('a call passes through preload, channel and router and back', async () => {
	const client = createBridgeClient(bridge);
	expect(await client.call('sale.earn', exampleInputs['sale.earn'])).toEqual({ ok: true, value: exampleOutputs['sale.earn'] });
	expect(bound.terminal.received).toEqual([{ name: 'sale.earn', input: exampleInputs['sale.earn'] }]);
});

test('an event reaches the page as two strings without Electron’s event', () => {
	const heard: unknown[][] = [];
	const stop = bridge.listen((...args: unknown[]) => heard.push(args));
	bound.terminal.emit('session.changed', exampleEvents['session.changed']);
	expect(heard).toEqual([['session.changed', JSON.stringify(exampleEvents['session.changed'])]]);
	stop();
	bound.terminal.emit('data.changed', {});
	expect(heard).toHaveLength(1);
	expect(bound.contents.sent).toHaveLength(2);
});

const main: Frame = { origin: 'app://regulars', parent: null };

test.each([
	{ title: 'our page', frame: main, isSender: true, trusted: true },
	{ title: 'a frame that navigated or died', frame: null, isSender: true, trusted: false },
	{ title: 'a frame of the same origin', frame: { origin: 'app://regulars', parent: main }, isSender: true, trusted: false },
	{ title: 'another top frame of the same origin', frame: { origin: 'app://regulars', parent: null }, isSender: true, trusted: false },
	{ title: 'another window', frame: main, isSender: false, trusted: false },
])('$title is trusted: $trusted', ({ frame, isSender, trusted }) => {
	const contents = new FakeContents();
	contents.mainFrame = main;
	expect(isTrusted({ sender: isSender ? contents : new FakeContents(), senderFrame: frame }, contents)).toBe(trusted);
});

test.each(['app://regulars.evil', 'https://evil.example', 'null', '', 'file://', 'app://regulars/'])(
	'a main frame of the origin %j is a stranger',
	async (origin) => {
		const frame = { origin, parent: null };
		bound.contents.mainFrame = frame;
		const message = bound.ipc.invoke({ sender: bound.contents, senderFrame: frame }, INVOKE_CHANNEL, 'status.get', '{}');
		await expect(message).rejects.toThrow('untrusted sender');
		expect(bound.terminal.received).toEqual([]);
		expect(bound.logger.lines).toMatchObject([{ level: 'warn', fields: { origin } }]);
		bound.terminal.emit('data.changed', {});
		expect(bound.contents.sent).toEqual([]);
	},
);

test('a main frame with a parent is a stranger', async () => {
	const frame = { origin: 'app://regulars', parent: {} };
	bound.contents.mainFrame = frame;
	const message = bound.ipc.invoke({ sender: bound.contents, senderFrame: frame }, INVOKE_CHANNEL, 'status.get', '{}');
	await expect(message).rejects.toThrow('untrusted sender');
});

test('what is no string is answered as BRIDGE-101', async () => {
	const event = { sender: bound.contents, senderFrame: bound.contents.mainFrame };
	for (const args of [[], ['status.get'], ['status.get', {}], [null, '{}'], [['status.get'], '{}']]) {
		const reply = await bound.ipc.invoke(event, INVOKE_CHANNEL, ...args);
		expect(JSON.parse(String(reply))).toMatchObject({ ok: false, error: { code: 'BRIDGE-101' } });
	}
});

test('a second binding is refused, an unbound one hears and sends nothing', async () => {
	const { ipc, contents, terminal, logger } = bound;
	const router = createRouter({ api: terminal.api, logger });
	expect(() => bindRouter({ ipc, contents, router, onEvent: terminal.onEvent, logger })).toThrow('second handler');
	bound.unbind();
	await expect(bridge.invoke('status.get', '{}')).rejects.toThrow('No handler registered');
	terminal.emit('data.changed', {});
	expect(contents.sent).toEqual([]);
	expect(terminal.listeners()).toBe(0);
});

test('a destroyed window is sent nothing', () => {
	bound.contents.isGone = true;
	bound.terminal.emit('data.changed', {});
	expect(bound.contents.sent).toEqual([]);
});

test('a page that is being replaced is sent nothing', () => {
	Object.defineProperty(bound.contents, 'mainFrame', {
		get: () => {
			throw new Error('Render frame was disposed before WebFrameMain could be accessed');
		},
	});
	bound.terminal.emit('data.changed', {});
	expect(bound.contents.sent).toEqual([]);
});

test('events go out on their own channel', () => {
	bound.terminal.emit('data.changed', {});
	expect(bound.contents.sent).toEqual([[EVENT_CHANNEL, 'data.changed', '{}']]);
});
