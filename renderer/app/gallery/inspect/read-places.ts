import { must } from '#shared/lib/assert.ts';

/** Where the fixed places are: by name, the sides that never move, in whole pixels. */
export type Places = Readonly<Record<string, string>>;

/** The bar above with the chip and the person, and every key below. The chip grows towards the title and never moves its other end. */
export function readPlaces(): Places {
	const header = must(document.querySelector('header'), 'the bar above');
	const isRightToLeft = document.documentElement.dir === 'rtl';
	const places: Record<string, string> = { 'the bar above': sides(header) };
	const chip = header.querySelector('[data-chip]');
	const person = header.querySelector('[data-person]');
	if (chip !== null) places['the chip'] = endOf(chip, isRightToLeft);
	if (person !== null) places['the person'] = endOf(person, isRightToLeft);
	document.querySelectorAll('nav button').forEach((key, index) => {
		places[`key ${index + 1} below`] = sides(key);
	});
	return places;
}

function sides(element: Element): string {
	const { left, top, width, height } = element.getBoundingClientRect();
	return `${Math.round(width)} × ${Math.round(height)} at ${Math.round(left)}, ${Math.round(top)}`;
}

function endOf(element: Element, isRightToLeft: boolean): string {
	const { left, right, top } = element.getBoundingClientRect();
	return `ends at ${Math.round(isRightToLeft ? left : right)}, ${Math.round(top)}`;
}
