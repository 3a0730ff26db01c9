import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import { z } from 'zod';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import { createElectronHost } from '../support/electron.ts';
import { startHeadquartersProcess } from '../support/headquarters.ts';
import type { HeadquartersProcess } from '../support/headquarters.ts';
import type { TerminalHost } from '../support/host.ts';
import { createKioskHost } from '../support/kiosk.ts';
import { openShop } from '../support/shop.ts';
import type { Shop } from '../support/shop.ts';

type TestFixtures = {
	readonly shop: Shop;
	/** A terminal code that no other test uses. */
	readonly code: () => string;
	/** A card of the series that nobody has. */
	readonly freshCard: () => string;
};
type WorkerFixtures = {
	readonly headquarters: HeadquartersProcess;
	/** The program that terminals run in; specs do not know which one it is. */
	readonly host: TerminalHost;
};

/** What the project says of its host; `binary` is Electron's. */
const HostSchema = z.discriminatedUnion('name', [
	z.object({ name: z.literal('kiosk') }),
	z.object({ name: z.literal('electron'), binary: z.string() }),
]);

const MEMBERS = 2000;
let codes = 0;
let cards = 0;

/** Specs run against a real headquarters process, one per worker; every test opens terminals of its own. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
	headquarters: [
		// Playwright reads the fixture's dependencies from this pattern: it must be an object, even an empty one.
		// oxlint-disable-next-line no-empty-pattern
		async ({}, use) => {
			const data = await mkdtemp(join(tmpdir(), 'regulars-hq-'));
			const headquarters = await startHeadquartersProcess({ data, members: MEMBERS, terminals: [] });
			await use(headquarters);
			await headquarters.stop();
			await rm(data, { recursive: true, force: true });
		},
		{ scope: 'worker', timeout: 120_000 },
	],
	host: [
		async ({ playwright }, use, info) => {
			const host = HostSchema.parse(info.project.metadata['host']);
			if (host.name === 'electron') {
				await use(createElectronHost(host.binary));
				return;
			}
			const browser = await playwright.chromium.launch();
			await use(createKioskHost(browser));
			await browser.close();
		},
		{ scope: 'worker' },
	],
	shop: async ({ headquarters, host }, use) => {
		const shop = openShop(headquarters, host);
		await use(shop);
		await shop.close();
	},
	// As above: Playwright insists on the pattern.
	// oxlint-disable-next-line no-empty-pattern
	code: async ({}, use, info) => {
		await use(() => `W${info.workerIndex}T${(codes += 1)}`);
	},
	// As above: Playwright insists on the pattern.
	// oxlint-disable-next-line no-empty-pattern
	freshCard: async ({}, use, info) => {
		await use(() => withCheckDigit(`2955${String(info.workerIndex).padStart(4, '0')}${String((cards += 1)).padStart(4, '0')}`, 'mod10'));
	},
});

export { expect };
