/** Sides in CSS pixels of the window. */
export type Box = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };

/** What a rule of the look found wrong: which rule, about which element, in numbers. */
export type Complaint = { readonly rule: string; readonly element: string; readonly detail: string };

const WORDS_MAX = 40;

/** Where the inspection happens: the dialog if one is open, since all below its veil is out of reach; else the whole page. */
export function inspectedRoot(): HTMLElement {
	const dialog = document.querySelector('[role=dialog]');
	return dialog instanceof HTMLElement ? dialog : document.body;
}

/** Whether an eye can see it: drawn, larger than a point, and not only words for screen readers. */
export function isVisible(element: Element): boolean {
	if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) return false;
	for (let at: Element | null = element; at !== null && at !== document.body; at = at.parentElement) {
		if (getComputedStyle(at).clipPath === 'inset(50%)') return false;
	}
	const { width, height } = element.getBoundingClientRect();
	return width > 0 && height > 0;
}

/** The element as a person finds it: tag, role or class, and its words. */
export function describe(element: Element): string {
	const name = element.className === '' || typeof element.className !== 'string' ? '' : `.${element.className.split(' ')[0] ?? ''}`;
	const value = element instanceof HTMLInputElement ? element.value || element.placeholder : element.textContent;
	const words = (element.getAttribute('aria-label') ?? value).trim().replaceAll(/\s+/g, ' ');
	return `${element.tagName.toLowerCase()}${name} “${words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)}…` : words}”`;
}

/** The part of `box` within `clip`, or `null` when there is none. */
export function intersect(box: Box, clip: Box): Box | null {
	const both = {
		left: Math.max(box.left, clip.left),
		top: Math.max(box.top, clip.top),
		right: Math.min(box.right, clip.right),
		bottom: Math.min(box.bottom, clip.bottom),
	};
	return both.left < both.right && both.top < both.bottom ? both : null;
}

/** Inside of the border: where an element that clips shows its content. */
export function paddingBox(element: Element): Box {
	const { left, top } = element.getBoundingClientRect();
	const inner = { left: left + element.clientLeft, top: top + element.clientTop };
	return { ...inner, right: inner.left + element.clientWidth, bottom: inner.top + element.clientHeight };
}
