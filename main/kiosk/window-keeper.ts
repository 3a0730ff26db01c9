import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { BackoffPolicy } from '#shared/lib/backoff.ts';
import type { Clock, Random, Timers } from '#shared/lib/clock.ts';
import type { Logger } from '../ports.ts';
import type { ChromiumWindow, WindowEnd } from './chromium-window.ts';
import type { KioskHost } from './kiosk-host.ts';

const RESTART_POLICY: BackoffPolicy = { firstMs: 500, maxMs: 30_000 };
/** A window that lived this long was well: the next failure starts counting anew. */
const HEALTHY_MS = 60_000;
/** A page reloads in a second or two; one that stays silent for this long is dead on the screen. */
const SILENT_MS_MAX = 20_000;

export type WindowKeeperOptions = {
	readonly first: ChromiumWindow;
	readonly open: () => Promise<ChromiumWindow>;
	readonly host: Pick<KioskHost, 'isConnected' | 'onConnection'>;
	/** Whether a window that a person closed comes back, as in a shop, or `onClosed` is called, as on a desk. */
	readonly isReopened: boolean;
	readonly onClosed: () => void;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly random: Random;
	readonly logger: Logger;
};

/** Stops keeping and closes the window. */
export type WindowKeeper = { readonly stop: () => Promise<void> };

/**
 * Keeps one window on the screen: a window that broke, was closed or has no bridge for 20 s is replaced, after a pause that grows with
 * failures and is never longer than 30 s; it never gives up. The services do not notice; entries are on disk before a window hears of them.
 */
export function keepWindow(options: WindowKeeperOptions): WindowKeeper {
	const { timers, clock, logger } = options;
	const { promise: stopped, resolve: stop } = Promise.withResolvers<'stopped'>();
	let isStopped = false;
	let current: ChromiumWindow | null = options.first;
	let failures = 0;

	const waitBeforeNext = async (): Promise<void> => {
		const delayMs = nextDelayMs(RESTART_POLICY, failures, options.random);
		failures += 1;
		const { promise: rested, resolve: wake } = Promise.withResolvers<undefined>();
		const cancel = timers.after(delayMs, () => {
			wake(undefined);
		});
		await Promise.race([rested, stopped]);
		cancel();
	};
	const openNext = async (): Promise<ChromiumWindow | null> => {
		try {
			return await options.open();
		} catch (cause) {
			logger.error({ err: cause, failures }, 'the window did not open');
			return null;
		}
	};
	const keep = async (): Promise<void> => {
		for (let openedAtMs = clock.monotonicMs(); ; openedAtMs = clock.monotonicMs()) {
			const end = current === null ? null : await Promise.race([current.ended, watchBridge(options, current), stopped]);
			if (end === 'stopped') return;
			if (end?.kind === 'closed' && !options.isReopened) {
				options.onClosed();
				return;
			}
			if (clock.monotonicMs() - openedAtMs > HEALTHY_MS) failures = 0;
			if (end !== null) logger.warn({ ...end, failures }, 'the window is gone and will be opened again');
			await current?.close();
			current = null;
			await waitBeforeNext();
			if (isStopped) return;
			current = await openNext();
		}
	};
	const kept = keep();
	return {
		stop: async () => {
			isStopped = true;
			stop('stopped');
			await kept;
			await current?.close();
		},
	};
}

/** Resolves when `window` has had no bridge for too long. The answer is worthless once the window has ended. */
async function watchBridge(options: Pick<WindowKeeperOptions, 'host' | 'timers'>, window: ChromiumWindow): Promise<WindowEnd> {
	const { host, timers } = options;
	const { promise, resolve } = Promise.withResolvers<WindowEnd>();
	let cancel = (): void => undefined;
	const watch = (isConnected: boolean): void => {
		cancel();
		if (isConnected) return;
		cancel = timers.after(SILENT_MS_MAX, () => {
			resolve({ kind: 'broken', detail: `the page was silent for ${SILENT_MS_MAX} ms` });
		});
	};
	const off = host.onConnection(watch);
	watch(host.isConnected());
	try {
		return await Promise.race([promise, window.ended]);
	} finally {
		off();
		cancel();
	}
}
