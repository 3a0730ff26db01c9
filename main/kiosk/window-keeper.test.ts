import { expect, test } from 'vitest';
import { createFakeLogger } from '../fake-logger.ts';
import { createFakeTime, settle } from '../fake-time.ts';
import type { ChromiumWindow, WindowEnd } from './chromium-window.ts';
import { keepWindow } from './window-keeper.ts';

/** Windows that end when the test says so. */
function createWindows(failures: number) {
	const opened: { readonly end: (end: WindowEnd) => void; isClosed: boolean }[] = [];
	let failuresLeft = failures;
	const open = (): ChromiumWindow => {
		const { promise: ended, resolve: end } = Promise.withResolvers<WindowEnd>();
		const window = { end, isClosed: false };
		opened.push(window);
		return {
			pid: opened.length,
			ended,
			close: async () => {
				window.isClosed = true;
				end({ kind: 'closed', detail: '' });
				return Promise.resolve();
			},
		};
	};
	const openOrFail = async (): Promise<ChromiumWindow> => {
		failuresLeft -= 1;
		if (failuresLeft >= 0) throw new Error('no screen');
		return Promise.resolve(open());
	};
	return { opened, open, openOrFail };
}

/** A bridge that is there or not. */
function createHost() {
	const listeners = new Set<(isConnected: boolean) => void>();
	let isConnected = true;
	return {
		listeners,
		isConnected: () => isConnected,
		onConnection: (listener: (isConnected: boolean) => void) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		set: (value: boolean) => {
			isConnected = value;
			for (const listener of listeners) listener(value);
		},
	};
}

function setUp(options: { readonly isReopened: boolean; readonly failures?: number }) {
	const time = createFakeTime();
	const host = createHost();
	const { opened, open, openOrFail } = createWindows(options.failures ?? 0);
	let closedByPerson = 0;
	const keeper = keepWindow({
		first: open(),
		open: openOrFail,
		host,
		isReopened: options.isReopened,
		onClosed: () => {
			closedByPerson += 1;
		},
		...time,
		// The longest wait of each step.
		random: { fraction: () => 0.999999, bytes: (count) => new Uint8Array(count) },
		logger: createFakeLogger(),
	});
	return {
		keeper,
		windows: opened,
		time,
		pass: time.pass,
		closedByPerson: () => closedByPerson,
		listeners: host.listeners,
		end: async (end: WindowEnd) => {
			opened.at(-1)?.end(end);
			await settle();
		},
		connect: async (value: boolean) => {
			host.set(value);
			await settle();
		},
	};
}

const BROKEN: WindowEnd = { kind: 'broken', detail: 'SIGSEGV' };
const CLOSED: WindowEnd = { kind: 'closed', detail: '' };

test('a broken window comes back after a pause that doubles up to 30 s', async () => {
	const desk = setUp({ isReopened: false });
	for (const pauseMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
		const before = desk.windows.length;
		await desk.end(BROKEN);
		await desk.pass(pauseMs - 10);
		expect(desk.windows).toHaveLength(before);
		await desk.pass(10);
		expect(desk.windows).toHaveLength(before + 1);
	}
	await desk.keeper.stop();
});

test('after a minute of health the pause is short again', async () => {
	const desk = setUp({ isReopened: false });
	for (let count = 0; count < 5; count += 1) {
		await desk.end(BROKEN);
		await desk.pass(30_000);
	}
	await desk.pass(61_000);
	const before = desk.windows.length;
	await desk.end(BROKEN);
	await desk.pass(500);
	expect(desk.windows).toHaveLength(before + 1);
	await desk.keeper.stop();
});

test('on a desk a window that a person closed ends the program, in a shop it comes back', async () => {
	const desk = setUp({ isReopened: false });
	await desk.end(CLOSED);
	await desk.pass(60_000);
	expect(desk.closedByPerson()).toBe(1);
	expect(desk.windows).toHaveLength(1);
	const shop = setUp({ isReopened: true });
	await shop.end(CLOSED);
	await shop.pass(500);
	expect(shop.closedByPerson()).toBe(0);
	expect(shop.windows).toHaveLength(2);
	await shop.keeper.stop();
});

test('a browser that does not start is tried again without end', async () => {
	const desk = setUp({ isReopened: true, failures: 12 });
	await desk.end(BROKEN);
	for (let count = 0; count < 12; count += 1) await desk.pass(30_000);
	expect(desk.windows).toHaveLength(1);
	await desk.pass(30_000);
	expect(desk.windows).toHaveLength(2);
	await desk.keeper.stop();
});

test('a page without a bridge for 20 s is replaced, a reload is not', async () => {
	const desk = setUp({ isReopened: true });
	await desk.connect(false);
	await desk.pass(19_000);
	await desk.connect(true);
	await desk.pass(60_000);
	expect(desk.windows).toHaveLength(1);
	await desk.connect(false);
	await desk.pass(20_000);
	expect(desk.windows[0]?.isClosed).toBe(true);
	await desk.pass(500);
	expect(desk.windows).toHaveLength(2);
	await desk.keeper.stop();
});

test.each([
	{ title: 'while it is open', prepare: async () => Promise.resolve() },
	{ title: 'during a pause', prepare: async (desk: ReturnType<typeof setUp>) => desk.end(BROKEN) },
])('a stop $title closes it and leaves neither timers nor listeners', async ({ prepare }) => {
	const desk = setUp({ isReopened: true });
	await prepare(desk);
	await desk.keeper.stop();
	await desk.pass(60_000);
	expect(desk.windows).toHaveLength(1);
	expect(desk.windows[0]?.isClosed).toBe(true);
	expect(desk.time.pending()).toBe(0);
	expect(desk.listeners.size).toBe(0);
});
