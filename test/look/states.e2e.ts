import { expect } from '@playwright/test';
import { deskStates } from '#renderer/app/gallery/states-desk.ts';
import { managerStates } from '#renderer/app/gallery/states-manager.ts';
import { memberStates } from '#renderer/app/gallery/states-member.ts';
import { readyStates } from '#renderer/app/gallery/states-ready.ts';
import { states } from '#renderer/app/gallery/states.ts';
import { test } from './fixtures.ts';
import { nameOf } from './gallery.ts';
import type { Look } from './gallery.ts';
import { judgeState } from './judge-state.ts';

const LARGE = { width: 1280, height: 800 } as const;
const SMALL = { width: 1024, height: 768 } as const;
/** Both themes at the size of the drawings and at the smallest. */
const LOOKS: readonly Look[] = [
	{ theme: 'light', ...LARGE },
	{ theme: 'dark', ...LARGE },
	{ theme: 'light', ...SMALL },
	{ theme: 'dark', ...SMALL },
];
/** Written from right to left: their places are the mirror of the others'. */
const RIGHT_TO_LEFT = ['arabic'];
/** What a machine must bear as well: the other direction of writing, and text twice as large as it was. */
const STRAINED = [
	'ready',
	'several',
	'unknown-card',
	'member',
	'earn-receipt',
	'earn-given',
	'enrol',
	'refund-part',
	'outbox',
	'outbox-life',
	'outbox-correct',
	'outbox-correct-enrolment-others',
	'outbox-close',
	'proof',
	'sync-details',
	'locked',
];

const groups = {
	ready: Object.keys(readyStates),
	member: Object.keys(memberStates),
	desk: Object.keys(deskStates),
	manager: Object.keys(managerStates),
};

test('every state is looked at', () => {
	expect(Object.values(groups).flat().toSorted()).toEqual(Object.keys(states).toSorted());
	expect(Object.keys(states).length).toBeGreaterThan(70);
});

// One test for many states: a page goes through them in seconds, and a failure names the state, the look, the element and the measure.
for (const look of LOOKS) {
	for (const [group, names] of Object.entries(groups)) {
		test(`${group}: whole, legible and in place, ${nameOf(look)}`, async ({ gallery }) => {
			const page = await gallery(look);
			const complaints: string[] = [];
			for (const state of names) {
				const depth = { isThorough: look.width === LARGE.width, hasPlaces: !RIGHT_TO_LEFT.includes(state) };
				complaints.push(...(await judgeState(page, state, depth)));
			}
			expect(complaints).toEqual([]);
		});
	}
}

test('who wants little motion gets another theme at once', async ({ gallery }) => {
	const { page, show } = await gallery({ theme: 'light', ...LARGE });
	await show('ready');
	const moving = await page.evaluate(() => {
		document.documentElement.dataset['theme'] = 'dark';
		return document.getAnimations().filter((animation) => animation instanceof CSSTransition).length;
	});
	expect(moving).toBe(0);
});

for (const strain of [{ dir: 'rtl' }, { text: '200' }, { dir: 'rtl', text: '200' }] as const) {
	const look: Look = { theme: 'light', ...LARGE, ...strain };
	test(`whole and legible, ${nameOf(look)}`, async ({ gallery }) => {
		const page = await gallery(look);
		const complaints: string[] = [];
		for (const state of STRAINED)
			complaints.push(...(await judgeState(page, state, { isThorough: false, hasPlaces: !('text' in strain) })));
		expect(complaints).toEqual([]);
	});
}
