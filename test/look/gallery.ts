/** The gallery of states as the specs of the look open it: straight from its files, one page per look, which goes from state to state. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import { assert } from '#shared/lib/assert.ts';
import type { Inspection } from '#renderer/app/gallery/inspect/offer-inspection.ts';

declare global {
	interface Window {
		look?: Inspection;
	}
}

/** How a state is looked at. `dir` and `text` as the page's query takes them. */
export type Look = {
	readonly theme: 'light' | 'dark';
	readonly width: number;
	readonly height: number;
	readonly dir?: 'rtl';
	readonly text?: '200';
};

const GALLERY = join(import.meta.dirname, '../../dist/gallery/gallery.html');

/** `dark 1024×768 right to left`. */
export function nameOf({ theme, width, height, dir, text }: Look): string {
	return [`${theme} ${width}×${height}`, dir === 'rtl' ? 'right to left' : '', text === undefined ? '' : `text ${text} %`]
		.filter((part) => part !== '')
		.join(' ');
}

/** One page of the gallery, for one look. It keeps what the page says was wrong. */
export type GalleryPage = {
	readonly look: Look;
	readonly page: Page;
	/** Shows `state` and waits until it is still. Answers the errors that the page has logged on the way. */
	readonly show: (state: string) => Promise<readonly string[]>;
	/** Adds a style and waits until nothing is between two looks. */
	readonly restyle: (style: string) => Promise<void>;
};

/** Opens a page of the gallery. It lives until its browser is closed. */
export async function openGallery(browser: Browser, look: Look): Promise<GalleryPage> {
	assert(existsSync(GALLERY), 'the gallery is built: node build/scripts/bundle.ts --only gallery');
	const context = await browser.newContext({
		viewport: { width: look.width, height: look.height },
		reducedMotion: 'reduce',
		timezoneId: 'Europe/Budapest',
	});
	const page = await context.newPage();
	let errors: string[] = [];
	page.on('pageerror', (error) => errors.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
	});
	return {
		look,
		page,
		show: async (state) => {
			errors = [];
			const url = pathToFileURL(GALLERY);
			url.search = new URLSearchParams({
				state,
				theme: look.theme,
				...(look.dir === undefined ? {} : { dir: look.dir }),
				...(look.text === undefined ? {} : { text: look.text }),
			}).toString();
			await page.goto(url.href, { waitUntil: 'domcontentloaded' });
			await page.waitForSelector('body[data-still]', { state: 'attached' });
			await page.evaluate(settle);
			return errors;
		},
		restyle: async (style) => {
			await page.addStyleTag({ content: style });
			await page.evaluate(settle);
		},
	};
}

/** Runs in the page: fonts are there, two frames are drawn, and what fades has faded. */
async function settle(): Promise<void> {
	await document.fonts.ready;
	await new Promise((resolve) => {
		requestAnimationFrame(() => requestAnimationFrame(resolve));
	});
	for (const animation of document.getAnimations()) {
		const endMs = animation.effect?.getComputedTiming().endTime;
		if (animation.timeline instanceof DocumentTimeline && typeof endMs === 'number' && Number.isFinite(endMs)) animation.finish();
	}
}
