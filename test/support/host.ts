import type { Page } from '@playwright/test';

export type Viewport = { readonly width: number; readonly height: number };

/** What a terminal is started with. A second start over the same folder is paired already and ignores the code. */
export type HostOptions = {
	readonly data: string;
	readonly hqUrl: string;
	readonly pairingCode: string;
	readonly viewport: Viewport;
	readonly colorScheme: 'light' | 'dark';
	/** Hears what the page logs as an error. */
	readonly onError: (text: string) => void;
};

/** A terminal that runs: its services, and its page on a screen. */
export type RunningTerminal = {
	readonly page: Page;
	/** What the process has printed. */
	readonly output: () => string;
	/** Ends the window and the services in order. */
	readonly stop: () => Promise<void>;
	/** kill -9 for the process that holds the services; the window goes with it. */
	readonly kill: () => Promise<void>;
};

/** One of the two programs that a terminal runs in. Specs never ask which. */
export type TerminalHost = { readonly start: (options: HostOptions) => Promise<RunningTerminal> };

/** The command line that both hosts understand. Specs read English, whatever the machine speaks, and keep a small ballast each. */
export function hostArguments({ data, hqUrl, pairingCode }: Pick<HostOptions, 'data' | 'hqUrl' | 'pairingCode'>): readonly string[] {
	return [`--data=${data}`, `--hq=${hqUrl}`, `--pair=${pairingCode}`, '--locale=en', '--ballast=1'];
}

/** Tells `onError` of what `page` logs as an error and of what it throws. */
export function watchErrors(page: Page, onError: HostOptions['onError']): void {
	page.on('console', (message) => {
		if (message.type() === 'error') onError(message.text());
	});
	page.on('pageerror', (error) => {
		onError(error.message);
	});
}
