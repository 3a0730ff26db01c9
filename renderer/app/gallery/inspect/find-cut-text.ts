import { describe, inspectedRoot, intersect, isVisible, paddingBox } from './visible.ts';
import type { Box, Complaint } from './visible.ts';

/** Rounding of layout and the air that a line box has above and below its letters, in pixels. */
const SIDE_SLACK_PX = 1.5;
const LINE_SLACK_PX = 3;

/**
 * Words that are not whole on the screen. Cut is allowed in three places only, each marked: `data-ellipsis` (one line that may end in
 * dots), `data-whole-lines` (a list that shows as many whole lines as fit), and at the edge of what scrolls, if that edge fades.
 */
export function findCutText(): Complaint[] {
	const complaints: Complaint[] = [];
	const walker = document.createTreeWalker(inspectedRoot(), NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
		const element = node.parentElement;
		if (element === null || (node.textContent ?? '').trim() === '' || !isVisible(element)) continue;
		const range = document.createRange();
		range.selectNodeContents(node);
		// Signs of direction have rectangles too, of no width.
		const lines = [...range.getClientRects()].filter(({ width }) => width >= 1);
		const problem = lines.map((line) => problemOf(line, element)).find((found) => found !== null);
		if (problem !== undefined) complaints.push({ rule: 'cut text', element: describe(element), detail: problem });
	}
	for (const input of inspectedRoot().querySelectorAll('input')) {
		if (isVisible(input) && input.scrollWidth > input.clientWidth + SIDE_SLACK_PX)
			complaints.push({ rule: 'cut text', element: describe(input), detail: `${input.scrollWidth} px of text in ${input.clientWidth} px` });
	}
	return complaints;
}

/** What is wrong with one line of text of `element`, or `null`. */
function problemOf(line: Box, element: Element): string | null {
	let shown: Box = line;
	for (let at: Element | null = element; at !== null && at !== document.documentElement; at = at.parentElement) {
		const style = getComputedStyle(at);
		if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
		const inside = intersect(shown, paddingBox(at));
		if (inside === null) return canReach(line, at) || at.matches('[data-whole-lines]') ? null : `hidden by ${describe(at)}`;
		const cut = cutWords(shown, inside);
		if (cut !== null && !mayCut(at, style, cut)) return `${cut.words} cut by ${describe(at)}`;
		shown = inside;
	}
	const page = intersect(shown, { left: 0, top: 0, right: innerWidth, bottom: innerHeight });
	if (page === null) return 'outside of the window';
	const cut = cutWords(shown, page);
	return cut === null ? coverOf(page, element) : `${cut.words} outside of the window`;
}

/**
 * What lies over the middle of a line of text, or `null`. What belongs to the same control covers nothing; the strip of signals (`data-over`)
 * goes by itself and may lie over names and over a list that scrolls, not over what stays to be pressed.
 */
function coverOf({ left, top, right, bottom }: Box, element: Element): string | null {
	const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
	if (hit === null || hit.contains(element) || element.contains(hit)) return null;
	if (hit.closest('label, [data-chip]')?.contains(element) === true) return null;
	const isPressed = element.closest('button, label') !== null && element.closest('[data-scrolls] [data-scrolls]') === null;
	if (hit.closest('[data-over]') !== null && !isPressed) return null;
	return `covered by ${describe(hit)}`;
}

type Cut = { readonly isSideways: boolean; readonly words: string };

function cutWords(whole: Box, shown: Box): Cut | null {
	const sideways = Math.max(shown.left - whole.left, whole.right - shown.right);
	const upright = Math.max(shown.top - whole.top, whole.bottom - shown.bottom);
	if (sideways > SIDE_SLACK_PX) return { isSideways: true, words: `${Math.round(sideways)} px of its width` };
	if (upright > LINE_SLACK_PX) return { isSideways: false, words: `${Math.round(upright)} px of its height` };
	return null;
}

function mayCut(clipping: Element, style: CSSStyleDeclaration, { isSideways }: Cut): boolean {
	if (clipping.matches('[data-ellipsis]')) return isSideways ? style.textOverflow === 'ellipsis' : style.webkitLineClamp !== 'none';
	const isFading = [style.getPropertyValue('--fade-above'), style.getPropertyValue('--fade-below')].some((fade) => fade !== '0px');
	return !isSideways && isFading;
}

/** Whether scrolling `clipping` would show the line: then it is not lost, only further down. */
function canReach(line: Box, clipping: Element): boolean {
	const { overflowY } = getComputedStyle(clipping);
	if (overflowY !== 'auto' && overflowY !== 'scroll') return false;
	const { left, right, top } = paddingBox(clipping);
	const y = line.top - top + clipping.scrollTop;
	return line.left >= left - SIDE_SLACK_PX && line.right <= right + SIDE_SLACK_PX && y >= 0 && y < clipping.scrollHeight;
}
