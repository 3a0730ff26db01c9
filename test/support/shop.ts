import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { must } from '#shared/lib/assert.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { HeadquartersProcess } from './headquarters.ts';
import { startKioskProcess } from './kiosk.ts';
import type { KioskProcess } from './kiosk.ts';
import { createOperator } from './operator.ts';
import type { Operator } from './operator.ts';
import { scan } from './scanner.ts';

/** One terminal as a cashier has it: services in a process of their own, the real renderer in a page, its own line to headquarters. */
export type ShopTerminal = {
	readonly name: string;
	readonly data: string;
	readonly line: FaultProxy;
	readonly page: () => Page;
	readonly scan: (code: string) => Promise<void>;
	/** Ends the services (`kill`: at once) and starts them again over the same folder, with a new window. */
	readonly restart: (how?: 'stop' | 'kill') => Promise<void>;
	/** Errors that the page has logged; an honest page has none. */
	readonly consoleErrors: () => readonly string[];
	readonly output: () => string;
	/** Ends the window and the services, and keeps the files. */
	readonly stopServices: () => Promise<void>;
	/** Ends everything and removes the files. */
	readonly stop: () => Promise<void>;
};

export type Shop = {
	readonly operator: Operator;
	readonly open: (terminal: {
		readonly code: string;
		readonly viewport?: { width: number; height: number };
		readonly colorScheme?: 'light' | 'dark';
	}) => Promise<ShopTerminal>;
	readonly close: () => Promise<void>;
};

const OUTLET = { outletCode: 'KOSS', outletName: 'Kossuth tér' };

/** A shop whose terminals pair with `headquarters` through lines of their own. */
export function openShop(headquarters: HeadquartersProcess, browser: Browser): Shop {
	const operator = createOperator(headquarters.ready.url);
	const terminals: ShopTerminal[] = [];
	return {
		operator,
		open: async (options) => {
			const name = `Terminal ${options.code}`;
			const pairingCode = await operator.newTerminal({ ...OUTLET, code: options.code, name });
			const terminal = await openTerminal({ ...options, name, pairingCode, hqUrl: headquarters.ready.url, browser });
			terminals.push(terminal);
			return terminal;
		},
		close: async () => {
			for (const terminal of terminals) await terminal.stop();
		},
	};
}

async function openTerminal(options: {
	readonly name: string;
	readonly pairingCode: string;
	readonly hqUrl: string;
	readonly browser: Browser;
	readonly viewport?: { width: number; height: number };
	readonly colorScheme?: 'light' | 'dark';
}): Promise<ShopTerminal> {
	const data = await mkdtemp(join(tmpdir(), 'regulars-terminal-'));
	const line = await startFaultProxy(options.hqUrl);
	const errors: string[] = [];
	const kioskOptions = { data, hqUrl: line.url, pairingCode: options.pairingCode };
	let kiosk: KioskProcess = await startKioskProcess(kioskOptions);
	let page = await openPage(kiosk);

	async function openPage(of: KioskProcess): Promise<Page> {
		const context = await options.browser.newContext({
			viewport: options.viewport ?? { width: 1280, height: 800 },
			colorScheme: options.colorScheme ?? 'light',
		});
		const opened = await context.newPage();
		opened.on('console', (message) => {
			if (message.type() === 'error') errors.push(message.text());
		});
		opened.on('pageerror', (error) => errors.push(error.message));
		await opened.goto(must(of.ready.bootLink, 'a one-time link'));
		return opened;
	}

	return {
		name: options.name,
		data,
		line,
		page: () => page,
		scan: async (code) => scan(page, code),
		restart: async (how = 'stop') => {
			await page.context().close();
			await (how === 'kill' ? kiosk.kill() : kiosk.stop());
			kiosk = await startKioskProcess(kioskOptions);
			page = await openPage(kiosk);
		},
		consoleErrors: () => errors,
		output: () => kiosk.output(),
		stopServices: async () => {
			await page.context().close();
			await kiosk.stop();
		},
		stop: async () => {
			await page.context().close();
			await kiosk.stop();
			await line.close();
			await rm(data, { recursive: true, force: true });
		},
	};
}
