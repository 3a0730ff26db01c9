import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from './child-process.ts';

const NUMBERS = new Intl.NumberFormat('en');

/** What the terminal calls its work, in words. */
const WORDS: Readonly<Record<string, string>> = {
	hq_preparing: 'Headquarters prepares the members',
	first_load: 'Loading members',
	indexing: 'Sorting names for the search',
};

/** Draws one bar per piece of long work. On a terminal it moves; in a log it prints a line now and then. */
export function progressBar(): { readonly show: (progress: Progress) => void; readonly stop: () => void } {
	let bar: SingleBar | null = null;
	let shown = '';
	const stop = (): void => {
		bar?.stop();
		bar = null;
		shown = '';
	};
	const show = ({ what, done, total, ratePerS }: Progress): void => {
		// 0: not known yet.
		const length = total === null || total === 0 ? Math.max(done, 1) : total;
		const rate = ratePerS === null ? '' : `${NUMBERS.format(Math.round(ratePerS))}/s`;
		if (shown !== what) {
			stop();
			bar = new SingleBar(
				{ format: '{what} {bar} {percentage} % · {value} of {total} · {rate}', noTTYOutput: true, notTTYSchedule: 2000 },
				Presets.rect,
			);
			bar.start(length, done, { what: WORDS[what] ?? what, rate });
			shown = what;
		}
		bar?.setTotal(length);
		bar?.update(done, { what: WORDS[what] ?? what, rate });
		if (total !== null && total > 0 && done >= total) stop();
	};
	return { show, stop };
}
