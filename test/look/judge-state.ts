/** Everything that the look promises, asked of one state in one look. An answer names state, look, element and measure. */
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { AxeResults, RunOptions } from 'axe-core';
import { must } from '#shared/lib/assert.ts';
import { nameOf } from './gallery.ts';
import type { GalleryPage } from './gallery.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 at AA, all that a machine can tell of it; among it a contrast of 4.5:1. */
const AXE_OPTIONS: RunOptions = {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
	resultTypes: ['violations'],
	// An experiment of axe: it takes the printed keys, which are hidden from it on purpose, for a part of a button's words.
	rules: {
		'label-content-name-mismatch': { enabled: false },
		// Chromium itself makes what scrolls and holds no stop reachable by Tab (https://developer.chrome.com/blog/keyboard-focusable-scrollers).
		'scrollable-region-focusable': { enabled: false },
	},
};
/** Where pictures of every state go; without it none are made. */
const PICTURES = process.env['LOOK_PICTURES'];
/** What the chip and the keys are measured against. */
const REFERENCE_STATE = 'ready';

const references = new WeakMap<GalleryPage, Promise<Readonly<Record<string, string>>>>();

export type Depth = {
	/** Also what only axe and the focus tell: at one size suffices. */ readonly isThorough: boolean;
	/** The fixed places are those of `ready`; not so with another direction of writing. */ readonly hasPlaces: boolean;
	/** A style that breaks the state, to see that it is found. */ readonly fault?: string;
};

/** Shows `state` and says what is wrong with it: nothing, if all is well. */
export async function judgeState(gallery: GalleryPage, state: string, { isThorough, hasPlaces, fault }: Depth): Promise<readonly string[]> {
	const { page, look } = gallery;
	const reference = hasPlaces ? await referenceOf(gallery) : null;
	const errors = await gallery.show(state);
	if (fault !== undefined) await gallery.restyle(fault);
	await takePicture(gallery, state);
	const found = [...(await page.evaluate(() => window.look?.complaints() ?? []))];
	const places = await page.evaluate(() => window.look?.places() ?? {});
	for (const [place, now] of Object.entries(places)) {
		const then = reference?.[place];
		if (then !== undefined && then !== now) found.push({ rule: 'moved', element: place, detail: `${now}, elsewhere ${then}` });
	}
	if (isThorough) {
		found.push(...(await runAxe(gallery)));
		// The ring is one for both themes: its colour is what axe cannot tell, and that is drawn from the ink.
		if (look.theme === 'light') found.push(...(await page.evaluate(() => window.look?.hiddenFocus() ?? [])));
	}
	found.push(...errors.map((error) => ({ rule: 'console', element: 'the page', detail: error })));
	return found.map(({ rule, element, detail }) => `${state}, ${nameOf(look)}: ${rule}: ${element}: ${detail}`);
}

async function referenceOf(gallery: GalleryPage): Promise<Readonly<Record<string, string>>> {
	const known = references.get(gallery);
	if (known !== undefined) return known;
	const measured = gallery.show(REFERENCE_STATE).then(async () => gallery.page.evaluate(() => window.look?.places() ?? {}));
	references.set(gallery, measured);
	return measured;
}

async function runAxe({ page }: GalleryPage): Promise<{ rule: string; element: string; detail: string }[]> {
	await page.evaluate(AXE);
	const results = await page.evaluate(
		// The script has just put itself there.
		async (options) => (window as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } }).axe.run(options),
		AXE_OPTIONS,
	);
	return results.violations.flatMap(({ id, nodes }) =>
		nodes.map((node) => ({
			rule: id,
			element: node.target.join(' '),
			detail: must(node.failureSummary, 'what axe found').replaceAll(/\s+/g, ' '),
		})),
	);
}

async function takePicture({ page, look }: GalleryPage, state: string): Promise<void> {
	if (PICTURES === undefined) return;
	const folder = join(PICTURES, nameOf(look).replaceAll(/[ ×%]+/g, '-'));
	await mkdir(folder, { recursive: true });
	await page.screenshot({ path: join(folder, `${state}.png`) });
}
