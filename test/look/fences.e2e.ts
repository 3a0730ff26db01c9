import { expect } from '@playwright/test';
import { test } from './fixtures.ts';
import { openGallery } from './gallery.ts';
import type { Look } from './gallery.ts';
import { judgeState } from './judge-state.ts';

const LOOK: Look = { theme: 'light', width: 1280, height: 800 };
const DEEP = { isThorough: true, hasPlaces: true };

/** One fault of each kind as a style, planted into a state that is whole without it, and what has to be said of it. */
const FAULTS = [
	{ rule: 'cut text', style: 'header p { max-width: 2rem; overflow: hidden; white-space: nowrap; text-overflow: clip }' },
	{ rule: 'cut text', style: '[data-ellipsis] { display: block; max-height: 0.75rem; overflow: hidden }' },
	{ rule: 'cut text', style: '[data-scrolls] { animation: none !important; max-height: 15rem !important; flex: none !important }' },
	{ rule: 'cut text', style: 'h1 { position: fixed; left: -3rem }' },
	{ rule: 'cut text', style: 'ul[data-whole-lines] { flex-wrap: nowrap; height: 6rem; flex: none }' },
	{ rule: 'cut text', style: 'nav { position: relative; top: -20rem }' },
	{ rule: 'small target', style: 'nav button { min-height: 3rem !important }' },
	{ rule: 'small target', style: 'form button { min-height: 2rem !important; padding: 0 !important }' },
	{ rule: 'moved', style: 'header { padding-inline: 3rem !important }' },
	{ rule: 'moved', style: 'nav { padding-bottom: 2rem !important }' },
	{ rule: 'color-contrast', style: 'h1 + p { color: #aaaaaa !important }' },
	{ rule: 'hidden focus', style: '* { outline: none !important }' },
];

test('a whole state has no complaint', async ({ gallery }) => {
	expect(await judgeState(await gallery(LOOK), 'ready', DEEP)).toEqual([]);
});

for (const { rule, style } of FAULTS) {
	test(`complains of ${rule}: ${style}`, async ({ gallery }) => {
		const complaints = await judgeState(await gallery(LOOK), 'ready', { ...DEEP, fault: style });
		expect(complaints.filter((complaint) => complaint.includes(`ready, light 1280×800: ${rule}: `))).not.toEqual([]);
	});
}

test('complains of what the page fails at', async ({ browser }) => {
	// A page of its own: what is planted here stays in it.
	const page = await openGallery(browser, LOOK);
	await page.page.addInitScript(() => {
		setTimeout(() => {
			throw new Error('planted');
		});
	});
	expect(await judgeState(page, 'ready', DEEP)).toContain('ready, light 1280×800: console: the page: planted');
	await page.page.context().close();
});
