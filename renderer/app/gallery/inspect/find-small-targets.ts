import { describe, inspectedRoot, isVisible } from './visible.ts';
import type { Complaint } from './visible.ts';

/** Sides of what a finger presses, and of what every sale uses, in pixels at the text size of 16. */
const TARGET_PX = 44;
const ACTION_PX = 60;
/** Rounding of layout. */
const SLACK_PX = 0.6;

const TARGETS = 'button, input, a[href], [role=radio], [role=option], [role=slider], [tabindex="0"]';
/** The keys below, the number pad, and what Enter does. */
const ACTIONS = 'nav button, fieldset[data-pad] button, form[data-main-form] button[type=submit]';

/** What is too small for a finger. A field that stands in a box, or a control with a label around it, is as large as that. */
export function findSmallTargets(): Complaint[] {
	const complaints: Complaint[] = [];
	for (const target of inspectedRoot().querySelectorAll(TARGETS)) {
		if (!(target instanceof HTMLElement) || isScroller(target)) continue;
		const area = areaOf(target);
		if (!isVisible(area)) continue;
		const { width, height } = area.getBoundingClientRect();
		const leastPx = target.matches(ACTIONS) ? ACTION_PX : TARGET_PX;
		if (height + SLACK_PX < leastPx || width + SLACK_PX < TARGET_PX)
			complaints.push({
				rule: 'small target',
				element: describe(target),
				detail: `${Math.round(width)} × ${Math.round(height)} px, at least ${TARGET_PX} × ${leastPx}`,
			});
	}
	return complaints;
}

function areaOf(target: HTMLElement): Element {
	return target.closest('[data-target]') ?? target.closest('label') ?? target;
}

/** A region that takes the focus only to be scrolled by keys. */
function isScroller(element: HTMLElement): boolean {
	return element.matches('[tabindex="0"]:not(button, input, a, [role])');
}
