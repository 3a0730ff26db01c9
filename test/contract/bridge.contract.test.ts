import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBridgeClient } from '#shared/bridge/bridge-client.ts';
import type { BridgeClient } from '#shared/bridge/bridge-client.ts';
import { calls, events } from '#shared/bridge/contract.ts';
import type { CallName, EventName } from '#shared/bridge/contract.ts';
import { MESSAGE_LENGTH_MAX } from '#shared/bridge/envelope.ts';
import type { Bridge } from '#shared/bridge/envelope.ts';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import { bindRouter } from '#main/electron/bind-router.ts';
import { exposed, page } from '#main/electron/fake-electron.ts';
import { createFakeLogger } from '#main/fake-logger.ts';
import { createFakeTerminal, exampleEvents, exampleInputs, exampleOutputs } from '#main/fake-terminal.ts';
import type { FakeTerminal } from '#main/fake-terminal.ts';
import { openFakeWindow } from '#main/kiosk/fake-window.ts';
import { startKioskHost } from '#main/kiosk/kiosk-host.ts';
import { createRouter } from '#main/router.ts';
import type { Router } from '#main/router.ts';

/**
 * Every call and every event over every transport: what the services say is what the page hears, byte for byte of meaning, whichever
 * host stands between them. A transport is anything that gives a `Bridge`.
 */
type Transport = { readonly bridge: Bridge; readonly close: () => Promise<void> };
type Services = { readonly router: Router; readonly terminal: FakeTerminal };

const CALL_NAMES = Object.keys(calls) as CallName[];
const EVENT_NAMES = Object.keys(events) as EventName[];

/** With everything that an error may hold, and text that transports and parsers get wrong. */
const FAILURE: LoyaltyError = {
	code: 'LINE-103',
	origin: 'hq',
	verdict: 'retry_later',
	eventId: EventIdSchema.parse('0199a5f0-0000-7000-8000-000000000002'),
	retryAfterMs: 1500,
	values: { limit: 12, currency: 'EUR', name: 'Ő "quoted" \u2028 🎟' },
	detail: 'line\nbreak\0zero',
};

/** A search that is `length` characters of JSON long. */
function searchOfLength(length: number): string {
	const head = '{"receiptNumber":"R-1","pad":"';
	return `${head}${'é'.repeat(length - head.length - 2)}"}`;
}

async function openInMemory({ router, terminal }: Services): Promise<Transport> {
	const bridge: Bridge = {
		invoke: async (name, json) => router.handle(name, json, { transport: 'kiosk', windowId: '1' }),
		listen: terminal.onEvent,
	};
	return Promise.resolve({ bridge, close: async () => Promise.resolve() });
}

async function openSocket({ router, terminal }: Services): Promise<Transport> {
	const assetsRoot = await mkdtemp(path.join(tmpdir(), 'contract-'));
	await writeFile(path.join(assetsRoot, 'index.html'), '');
	const ports = { random: systemRandom, timers: systemTimers, logger: createFakeLogger() };
	const host = await startKioskHost({ router, onEvent: terminal.onEvent, assetsRoot, styleHashes: [], port: 0, ...ports });
	const window = await openFakeWindow({ origin: host.origin, cookie: `${host.cookie.name}=${host.cookie.value}` });
	return {
		bridge: window,
		close: async () => {
			await host.stop();
			await rm(assetsRoot, { recursive: true });
		},
	};
}

async function openElectron({ router, terminal }: Services): Promise<Transport> {
	await import('#main/electron/preload.ts');
	const unbind = bindRouter({ ipc: page.ipcMain, contents: page.contents, router, onEvent: terminal.onEvent, logger: createFakeLogger() });
	return {
		bridge: must(exposed.get('regulars'), 'what the preload exposes'),
		close: async () => {
			unbind();
			return Promise.resolve();
		},
	};
}

describe.each([
	{ name: 'in memory', open: openInMemory },
	{ name: 'the kiosk host’s socket', open: openSocket },
	{ name: 'Electron’s channel', open: openElectron },
])('over $name', ({ open }) => {
	const terminal = createFakeTerminal();
	const router = createRouter({ api: terminal.api, logger: createFakeLogger() });
	let transport: Transport;
	let client: BridgeClient;

	beforeAll(async () => {
		transport = await open({ router, terminal });
		client = createBridgeClient(transport.bridge);
	});

	afterAll(async () => {
		await transport.close();
	});

	test.each(CALL_NAMES)('%s carries its input in and its answer out unchanged', async (name) => {
		terminal.answerWith(name, async () => Promise.resolve(exampleOutputs[name]));
		expect(await client.call(name, exampleInputs[name])).toEqual({ ok: true, value: exampleOutputs[name] });
		expect(terminal.received.at(-1)).toEqual({ name, input: exampleInputs[name] });
	});

	test.each(CALL_NAMES)('%s carries a failure with all that it holds', async (name) => {
		terminal.failWith(name, FAILURE);
		expect(await client.call(name, exampleInputs[name])).toEqual({ ok: false, error: FAILURE });
	});

	test.each(CALL_NAMES)('%s that breaks inside is INTERNAL-101 and nothing of the fault gets out', async (name) => {
		terminal.answerWith(name, async () => Promise.reject(new Error('SELECT secret')));
		const reply = await transport.bridge.invoke(name, JSON.stringify(exampleInputs[name]));
		expect(JSON.parse(reply)).toEqual({ ok: false, error: { code: 'INTERNAL-101', origin: 'terminal', verdict: 'unknown' } });
	});

	test.each(CALL_NAMES)('%s refuses an input that is none', async (name) => {
		for (const json of ['null', '[]', '"text"', '{"requestId":1', '']) {
			const reply = JSON.parse(await transport.bridge.invoke(name, json));
			expect(reply).toMatchObject({ ok: false, error: { code: 'BRIDGE-101' } });
		}
	});

	test('names that are no calls are refused alike', async () => {
		for (const name of ['', 'none', 'toString', '__proto__', 'hasOwnProperty', 'member.identify ', 'x'.repeat(10_000)]) {
			expect(JSON.parse(await transport.bridge.invoke(name, '{}'))).toMatchObject({ ok: false, error: { code: 'BRIDGE-101' } });
		}
	});

	test('an input of the greatest length arrives, a longer one is refused and the bridge goes on', async () => {
		terminal.answerWith('sale.find', async () => Promise.resolve(exampleOutputs['sale.find']));
		expect(JSON.parse(await transport.bridge.invoke('sale.find', searchOfLength(MESSAGE_LENGTH_MAX)))).toMatchObject({ ok: true });
		expect(JSON.parse(await transport.bridge.invoke('sale.find', searchOfLength(MESSAGE_LENGTH_MAX + 1)))).toMatchObject({
			ok: false,
			error: { code: 'BRIDGE-101' },
		});
		expect(JSON.parse(await transport.bridge.invoke('sale.find', searchOfLength(100)))).toMatchObject({ ok: true });
	});

	test('answers find their calls whatever the order in which they come', async () => {
		const { promise: late, resolve: finish } = Promise.withResolvers<unknown>();
		terminal.answerWith('session.shift', async () => late);
		terminal.answerWith('member.nextCard', async () => Promise.resolve(exampleOutputs['member.nextCard']));
		const first = client.call('session.shift', {});
		expect(await client.call('member.nextCard', {})).toEqual({ ok: true, value: exampleOutputs['member.nextCard'] });
		finish(exampleOutputs['session.shift']);
		expect(await first).toEqual({ ok: true, value: exampleOutputs['session.shift'] });
	});

	test.each(EVENT_NAMES)('the event %s arrives unchanged and only while somebody listens', async (name) => {
		const { promise: heard, resolve: hear } = Promise.withResolvers<unknown>();
		const stop = client.on(name, hear);
		terminal.emit(name, exampleEvents[name]);
		expect(await heard).toEqual(exampleEvents[name]);
		stop();
	});
});
