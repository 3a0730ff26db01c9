import { describe, inspectedRoot, isVisible } from './visible.ts';
import type { Complaint } from './visible.ts';

const STOPS = 'button:not(:disabled), input:not(:disabled), a[href], [tabindex="0"]';
/** What shows that something has the focus. */
const LOOKS = ['outlineStyle', 'outlineWidth', 'borderColor', 'boxShadow', 'backgroundColor'] as const;
/** A field's box stands at most so many elements above the field. */
const ABOVE_MAX = 3;

/** What has the focus without showing it. It moves the focus over every stop of Tab, and puts it back. */
export async function findHiddenFocus(): Promise<Complaint[]> {
	const before = document.activeElement;
	const complaints: Complaint[] = [];
	for (const stop of inspectedRoot().querySelectorAll(STOPS)) {
		if (!(stop instanceof HTMLElement) || stop.tabIndex < 0 || !isVisible(stop)) continue;
		blur();
		await settle();
		const calm = looksOf(stop);
		stop.focus({ preventScroll: true });
		await settle();
		if (document.activeElement === stop && looksOf(stop) === calm)
			complaints.push({ rule: 'hidden focus', element: describe(stop), detail: 'looks the same with the focus' });
	}
	blur();
	if (before instanceof HTMLElement) before.focus({ preventScroll: true });
	return complaints;
}

function blur(): void {
	if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** Attributes that follow the focus are set by then, and nothing is halfway between two colours. */
async function settle(): Promise<void> {
	await new Promise((resolve) => {
		setTimeout(resolve);
	});
	for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
}

function looksOf(stop: HTMLElement): string {
	const looks: string[] = [];
	let at: Element | null = stop;
	for (let above = 0; above <= ABOVE_MAX && at !== null; above += 1, at = at.parentElement) {
		const style = getComputedStyle(at);
		looks.push(LOOKS.map((name) => style[name]).join(' '));
	}
	return looks.join('\n');
}
