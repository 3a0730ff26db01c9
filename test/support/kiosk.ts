import type { Browser } from '@playwright/test';
import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { startChild } from './child.ts';
import { hostArguments, watchErrors } from './host.ts';
import type { TerminalHost } from './host.ts';

const ReadySchema = z.object({ type: z.literal('ready'), origin: z.url(), bootLink: z.url().nullable(), window: z.boolean() });

/** Terminals behind the kiosk host: services in a process of their own, and `browser` opens their one-time links. */
export function createKioskHost(browser: Browser): TerminalHost {
	return {
		start: async (options) => {
			const kiosk = await startChild({
				entry: 'main/kiosk/main.ts',
				args: [...hostArguments(options), '--no-window'],
				ready: ReadySchema,
			});
			const context = await browser.newContext({ viewport: options.viewport, colorScheme: options.colorScheme });
			const page = await context.newPage();
			watchErrors(page, options.onError);
			await page.goto(must(kiosk.ready.bootLink, 'a one-time link'));
			return {
				page,
				output: kiosk.output,
				stop: async () => {
					await context.close();
					await kiosk.stop();
				},
				kill: async () => {
					// First, or the page would log that its services are gone.
					await context.close();
					await kiosk.kill();
				},
			};
		},
	};
}
