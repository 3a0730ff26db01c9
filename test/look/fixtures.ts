import { test as base } from '@playwright/test';
import { nameOf, openGallery } from './gallery.ts';
import type { GalleryPage, Look } from './gallery.ts';

type WorkerFixtures = {
	/** The gallery's page for a look: opened once per worker. */
	readonly gallery: (look: Look) => Promise<GalleryPage>;
};

/** Specs of the look share one page per look, since a state is shown by a change of address alone. */
export const test = base.extend<object, WorkerFixtures>({
	gallery: [
		async ({ browser }, use) => {
			const pages = new Map<string, Promise<GalleryPage>>();
			await use(async (look) => {
				const known = pages.get(nameOf(look)) ?? openGallery(browser, look);
				pages.set(nameOf(look), known);
				return known;
			});
			for (const opened of pages.values()) await (await opened).page.context().close();
		},
		{ scope: 'worker' },
	],
});
