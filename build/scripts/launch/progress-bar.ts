import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from './child-process.ts';

const NUMBERS = new Intl.NumberFormat('en');

/** What the terminal calls its work, in words. */
const WORDS: Readonly<Record<string, string>> = {
	hq_preparing: 'Headquarters prepares the members',
	first_load: 'Loading members',
	indexing: 'Sorting names for the search',
};
/** An import counts the bytes of its file, and tells its rate in members: only the share and the rate mean something to a person. */
const IMPORT = 'Importing members';

/** Draws one bar per piece of long work. On a terminal it moves; in a log it prints a line now and then. */
export function progressBar(): { readonly show: (progress: Progress) => void; readonly stop: () => void } {
	let bar: SingleBar | null = null;
	let shown = '';
	/** The work that was drawn to its end: reports of that kind that come late draw no second bar. */
	let finished = '';
	const stop = (): void => {
		bar?.stop();
		bar = null;
		shown = '';
	};
	const show = (progress: Progress): void => {
		const { what, done } = progress;
		const isDone = isComplete(progress);
		if (what === finished && isDone) return;
		const length = lengthOf(progress);
		const words = { what: WORDS[what] ?? what, counts: countsOf(progress, length) };
		if (shown !== what) {
			stop();
			bar = new SingleBar({ format: '{what} {bar} {percentage} %{counts}', noTTYOutput: true, notTTYSchedule: 2000 }, Presets.rect);
			bar.start(length, done, words);
			shown = what;
		}
		bar?.setTotal(length);
		bar?.update(done, words);
		finished = isDone ? what : '';
		if (isDone) stop();
	};
	return { show, stop };
}

function isComplete({ done, total }: Progress): boolean {
	return total !== null && total > 0 && done >= total;
}

/** What the bar is full at; a total of 0 is not known yet. */
function lengthOf({ done, total }: Progress): number {
	return total === null || total === 0 ? Math.max(done, 1) : total;
}

function countsOf({ what, done, ratePerS }: Progress, length: number): string {
	const counts = what === IMPORT ? '' : ` · ${NUMBERS.format(done)} of ${NUMBERS.format(length)}`;
	const rate = ratePerS === null ? '' : ` · ${NUMBERS.format(Math.round(ratePerS))} members/s`;
	return counts + rate;
}
