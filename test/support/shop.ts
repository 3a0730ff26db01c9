import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { HeadquartersProcess } from './headquarters.ts';
import type { TerminalHost, Viewport } from './host.ts';
import { createOperator } from './operator.ts';
import type { Operator } from './operator.ts';
import { scan } from './scanner.ts';

/** One terminal as a cashier has it: services in a process, the real renderer in a window, its own line to headquarters. */
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

/** How a terminal looks and what it is called. */
export type TerminalLook = { readonly code: string; readonly viewport?: Viewport; readonly colorScheme?: 'light' | 'dark' };

export type Shop = {
	readonly operator: Operator;
	readonly open: (terminal: TerminalLook) => Promise<ShopTerminal>;
	readonly close: () => Promise<void>;
};

const OUTLET = { outletCode: 'KOSS', outletName: 'Kossuth tér' };

/** A shop whose terminals run in `host` and pair with `headquarters` through lines of their own. */
export function openShop(headquarters: HeadquartersProcess, host: TerminalHost): Shop {
	const operator = createOperator(headquarters.ready.url);
	const terminals: ShopTerminal[] = [];
	return {
		operator,
		open: async (look) => {
			const name = `Terminal ${look.code}`;
			const pairingCode = await operator.newTerminal({ ...OUTLET, code: look.code, name });
			const terminal = await openTerminal(host, { look, name, pairingCode, hqUrl: headquarters.ready.url });
			terminals.push(terminal);
			return terminal;
		},
		close: async () => {
			for (const terminal of terminals) await terminal.stop();
		},
	};
}

async function openTerminal(
	host: TerminalHost,
	of: { readonly look: TerminalLook; readonly name: string; readonly pairingCode: string; readonly hqUrl: string },
): Promise<ShopTerminal> {
	const data = await mkdtemp(join(tmpdir(), 'regulars-terminal-'));
	const line = await startFaultProxy(of.hqUrl);
	const errors: string[] = [];
	const start = async () =>
		host.start({
			data,
			hqUrl: line.url,
			pairingCode: of.pairingCode,
			viewport: of.look.viewport ?? { width: 1280, height: 800 },
			colorScheme: of.look.colorScheme ?? 'light',
			onError: (text) => errors.push(text),
		});
	let running = await start();

	return {
		name: of.name,
		data,
		line,
		page: () => running.page,
		scan: async (code) => scan(running.page, code),
		restart: async (how = 'stop') => {
			await running[how]();
			running = await start();
		},
		consoleErrors: () => errors,
		output: () => running.output(),
		stopServices: async () => running.stop(),
		stop: async () => {
			await running.stop();
			await line.close();
			// What is left of a killed window may write for a moment more.
			await rm(data, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
